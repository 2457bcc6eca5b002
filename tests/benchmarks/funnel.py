"""The numbers of an offer that was shown 1,000,000 times in 28 days.

500,000 customers who each saw it twice, on pages of orders of their own; of ten one clicked, of thirty one claimed, of
a hundred one used the code. As many saw it in the month before, and are none of this funnel's business. The rows are
made in the database.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from statistics import median
from typing import Final

from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_ppx.insights.funnel_reading import read_funnel
from django_ppx.insights.funnels import FunnelPeriod, Step
from django_ppx.offers.models import Offer
from django_ppx.testing import make_benefit, make_code, make_offer
from tests.benchmarks.cases import Row

PRESENTATIONS: Final = 1_000_000
SHOWN: Final = 499_500
"""Customers: all but those of the test orders, every thousandth."""
TURNS: Final = 3
MOST_QUERIES, MOST_SECONDS = 7, 5.0
PERIOD: Final = FunnelPeriod(
    first=date(2026, 3, 1), last=date(2026, 3, 28), as_of=date(2026, 4, 30), redeem_days=30
)

_FILL: Final = (
    """
    INSERT INTO django_ppx_customer (id, account_id, email, phone, first_name, last_name, language, country, interests,
                                     created_at)
    SELECT n, '', 'c' || n || '@example.com', '', '', '', 'en', 'DE', '[]', %(start)s
    FROM generate_series(1, %(shown)s / 2) n
    """,
    """
    INSERT INTO django_ppx_purchase (id, order_ref, customer_id, status, placed_at, currency, total_minor,
                                     discount_minor, shipping_minor, refunded_minor, discount_codes, language, country,
                                     utm_source, utm_medium, utm_campaign, utm_term, utm_content, is_test, recorded_at)
    SELECT n, 'order-' || n, n %% (%(shown)s / 2) + 1, 'placed', %(start)s + n %% 28 * INTERVAL '1 day', 'EUR', 5000, 0,
           0, 0, '[]', 'en', 'DE', '', '', '', '', '', n %% 1000 = 0, %(start)s
    FROM generate_series(1, %(shown)s) n
    """,
    """
    INSERT INTO django_ppx_purchaseentry (purchase_id, customer_id, type, key, currency, gross_minor, net_minor,
                                          base_currency, base_net_minor, base_cost_minor, occurred_at, recorded_at,
                                          local_date, day_no, month_no, order_day_no, recorded_day_no)
    SELECT id, customer_id, 'purchase', 'purchase', 'EUR', 5000, 4000, 'EUR', 4000, 2000, placed_at, placed_at,
           placed_at::date, day, 24314, day, day
    FROM (SELECT id, customer_id, placed_at, placed_at::date - DATE '1970-01-01' AS day FROM django_ppx_purchase) p
    """,
    """
    INSERT INTO django_ppx_discountcode
        SELECT (jsonb_populate_record(c, jsonb_build_object('id', %(code)s + n, 'code', 'BENCH' || n))).*
        FROM django_ppx_discountcode c, generate_series(1, %(shown)s / 2) n WHERE c.id = %(code)s
    """,
    """
    INSERT INTO django_ppx_offerpresentation (id, offer_id, variant_id, purchase_id, customer_id, placement, language,
                                              code_id, presented_at)
    SELECT lpad(to_hex(n), 32, '0')::uuid, %(offer)s, %(variant)s, (n - 1) %% %(shown)s + 1,
           n %% (%(shown)s / 2) + 1, CASE WHEN n > %(shown)s THEN 'account' ELSE 'thank_you' END, 'en',
           %(code)s + n %% (%(shown)s / 2) + 1,
           %(start)s + n %% 28 * INTERVAL '1 day' - CASE WHEN n > %(shown)s THEN 28 ELSE 0 END * INTERVAL '1 day'
    FROM generate_series(1, 2 * %(shown)s) n
    """,
    """
    INSERT INTO django_ppx_offerevent (name, offer_id, variant_id, presentation_id, customer_id, channel, source,
                                       bot_score, occurred_at, dedupe_key)
    SELECT CASE WHEN n %% 30 = 0 THEN 'copy' WHEN n %% 10 = 0 THEN 'click' ELSE 'impression' END, offer_id, variant_id,
           id, customer_id, '', 'beacon', 0, presented_at + INTERVAL '1 hour', n
    FROM (SELECT *, row_number() OVER () AS n FROM django_ppx_offerpresentation) p
    """,
    """
    INSERT INTO django_ppx_coderedemption (code_id, order_ref, status, currency, discount_minor, budget_minor,
                                           limit_keys, release_reason, redeemed_at)
    SELECT %(code)s + n, 'order-' || n, 'redeemed', 'EUR', 500, 500, '[]', '', %(start)s + INTERVAL '30 days'
    FROM generate_series(50, %(shown)s / 2, 50) n
    """,
)


def fill() -> Offer:
    """Make the shop, and return the offer."""
    offer = make_offer("next_purchase_discount", benefit=make_benefit())
    values = {
        "shown": PRESENTATIONS,
        "start": datetime(2026, 3, 1, 12, tzinfo=UTC),
        "offer": offer.pk,
        "variant": offer.variants.get().pk,
        "code": make_code().pk,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SET session_replication_role = replica"
        )  # else each row is checked by its keys: minutes
        for statement in _FILL:
            cursor.execute(statement, values)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM ANALYZE")
    return offer


def rows(database: str) -> list[Row]:
    """Return the queries and the time of one reading."""
    offer = fill()
    with CaptureQueriesContext(connection) as captured:
        funnel = read_funnel(offer=offer, period=PERIOD)
    [shown, *_rest] = [step for step in funnel.total.steps if step.step == Step.SHOWN]
    if shown.customers != SHOWN:
        raise ValueError("customers are missing")
    times = []
    for _turn in range(TURNS):
        started = time.perf_counter()
        read_funnel(offer=offer, period=PERIOD)
        times.append(time.perf_counter() - started)
    return [
        Row(
            f"funnel-{database}",
            f"{len(captured)} queries, {median(times):.1f} s",
            f"{MOST_QUERIES} queries, {MOST_SECONDS:g} s at {PRESENTATIONS:,} presentations",
            is_ok=len(captured) <= MOST_QUERIES and median(times) <= MOST_SECONDS,
        )
    ]
