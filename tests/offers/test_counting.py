"""The figures in the lists of offers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from django_ppx.core.models import Purchase
from django_ppx.events.models import OfferEvent
from django_ppx.offers.counting import count_offers
from django_ppx.offers.models import Offer, OfferPresentation
from django_ppx.rewards.models import CodeRedemption
from django_ppx.testing import make_code, make_offer, make_purchase

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db
_keys = count(1)


def show(offer: Offer, purchase: Purchase, **overrides: Any) -> OfferPresentation:
    variant = offer.variants.get()
    values: dict[str, Any] = {
        "offer_id": offer.pk,
        "variant": variant,
        "purchase": purchase,
        "customer": purchase.customer,
        "placement": "thank_you",
        "presented_at": NOW,
    }
    return OfferPresentation.objects.create(**{**values, **overrides})


def report(shown: OfferPresentation, name: str, *, bot_score: int = 0) -> None:
    OfferEvent.objects.create(
        name=name,
        offer_id=shown.offer_id,
        variant_id=shown.variant_id,
        presentation=shown,
        source="link",
        bot_score=bot_score,
        occurred_at=NOW,
        dedupe_key=f"event-{next(_keys)}",
    )


def test_an_order_counts_once_however_many_pages_showed_the_offer() -> None:
    offer = make_offer()
    purchase = make_purchase()
    show(offer, purchase)
    show(offer, purchase, placement="order_status")
    show(offer, make_purchase())

    assert count_offers([offer.pk], now=NOW)[offer.pk].shown == 2


def test_test_orders_are_left_out() -> None:
    offer = make_offer()
    purchase = make_purchase()
    Purchase.objects.update(is_test=True)
    report(show(offer, purchase), "click")

    counts = count_offers([offer.pk], now=NOW)[offer.pk]

    assert (counts.shown, counts.clicked, sum(counts.shown_by_day)) == (0, 0, 0)


def test_copies_and_shares_count_as_clicks_and_an_order_counts_once() -> None:
    offer = make_offer()
    first, second = show(offer, make_purchase()), show(offer, make_purchase())
    report(first, "click")
    report(first, "copy")
    report(second, "share")
    report(show(offer, make_purchase()), "impression")

    assert count_offers([offer.pk], now=NOW)[offer.pk].clicked == 2


@pytest.mark.parametrize(("bot_score", "clicked"), [(49, 1), (50, 0)])
def test_clicks_of_machines_are_left_out(bot_score: int, clicked: int) -> None:
    offer = make_offer()
    report(show(offer, make_purchase()), "click", bot_score=bot_score)

    assert count_offers([offer.pk], now=NOW)[offer.pk].clicked == clicked


def test_uses_given_back_or_reserved_are_not_redemptions() -> None:
    offer = make_offer()
    code = make_code(max_uses=2)
    purchase = make_purchase()
    show(offer, purchase, code=code)
    show(offer, purchase, code=code, placement="order_status")
    common = {"code": code, "currency": "EUR", "discount_minor": 500, "redeemed_at": NOW}
    CodeRedemption.objects.create(order_ref="1", status="redeemed", **common)
    CodeRedemption.objects.create(order_ref="2", status="released", released_at=NOW, **common)
    CodeRedemption.objects.create(order_ref="3", status="reserved", reserved_until=NOW, **common)

    assert count_offers([offer.pk], now=NOW)[offer.pk].redeemed == 1


def test_days_are_those_of_the_shops_time_zone(settings: Any) -> None:
    settings.PPX_TIME_ZONE = "Europe/Berlin"
    offer = make_offer()
    # 23:30 UTC on the 9th is 00:30 on the 10th in Berlin.
    show(offer, make_purchase(), presented_at=datetime(2026, 3, 9, 23, 30, tzinfo=UTC))
    show(offer, make_purchase(), presented_at=datetime(2026, 3, 9, 22, 30, tzinfo=UTC))

    by_day = count_offers([offer.pk], now=NOW)[offer.pk].shown_by_day

    assert by_day == (0,) * 12 + (1, 1)


def test_the_first_of_fourteen_days_is_in_and_the_day_before_is_not(settings: Any) -> None:
    settings.PPX_TIME_ZONE = "UTC"
    offer = make_offer()
    first_instant = datetime(2026, 2, 25, tzinfo=UTC)
    show(offer, make_purchase(), presented_at=first_instant)
    show(offer, make_purchase(), presented_at=first_instant - timedelta(microseconds=1))

    by_day = count_offers([offer.pk], now=NOW)[offer.pk].shown_by_day

    assert by_day == (1,) + (0,) * 13


def test_many_offers_take_as_many_queries_as_one(django_assert_num_queries: Any) -> None:
    offers = [make_offer() for _number in range(12)]
    purchase = make_purchase()
    for offer in offers:
        show(offer, purchase)

    with django_assert_num_queries(4):
        count_offers([offers[0].pk], now=NOW)
    with django_assert_num_queries(4):
        count_offers([offer.pk for offer in offers], now=NOW)
