"""The numbers of an offer in admin: who sees them, what they say, what the file holds."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from django_ppx.insights.admin import offer_numbers
from django_ppx.offers.models import Offer
from django_ppx.testing import make_offer, make_variant
from tests.admin_pages import count_queries
from tests.insights.funnel_rows import act, enter, make_discount, show, use
from tests.offers.admin_users import staff_client

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is noon on 10 June; the last complete day is the 9th."""
    settings.PPX_TIME_ZONE = "UTC"
    monkeypatch.setattr(offer_numbers.timezone, "now", lambda: NOW)


def page(offer: Offer, query: str = "") -> str:
    return reverse("admin:django_ppx_offer_numbers", args=[offer.pk]) + query


def file(offer: Offer, query: str = "") -> str:
    return reverse("admin:django_ppx_offer_numbers_csv", args=[offer.pk]) + query


def ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


def sell(offer: Offer, *, customers: int, days: int = 100, **overrides: Any) -> None:
    """Show the offer to so many customers; each clicks, copies and uses the code."""
    for _number in range(customers):
        shown = show(offer, ago(days), **overrides)
        act(shown, "click", ago(days))
        act(shown, "copy", ago(days))
        enter(use(shown, ago(days - 1)), 4000, ago(days - 1))


def test_the_page_says_what_happened_and_that_it_is_no_lift(admin_client: Client) -> None:
    offer = make_discount(name="Ten off")
    sell(offer, customers=3)
    show(offer, ago(100))

    response = admin_client.get(page(offer, "?days=365"))

    assert response.status_code == 200
    assert "A funnel is not a lift" in response.text
    total = response.context["total"]
    assert [(step.label, step.customers) for step in total.steps] == [
        ("Shown", "4"),
        ("Clicked", "3"),
        ("Claimed", "3"),
        ("Redeemed", "3"),
    ]
    redeemed = total.steps[3].of_shown
    assert (redeemed.value, redeemed.interval) == ("75.0%", "30.1% to 95.4%")
    assert (redeemed.n, redeemed.is_thin) == ("n = 4", True)
    [revenue] = total.revenue
    assert (revenue.so_far, revenue.mean.value) == ("€120.00", "€30.00")
    assert "How these numbers are made" in response.text


def test_who_is_too_fresh_is_counted_in_a_sentence(admin_client: Client) -> None:
    offer = make_discount()
    show(offer, ago(2))
    show(offer, ago(2))
    show(offer, ago(20))

    response = admin_client.get(page(offer))

    assert response.context["fresh"] == [
        "For clicked and claimed: 2 customers are too fresh to count: their 7 days are not over.",
        "For redeemed and revenue: 3 customers are too fresh to count: their 30 days are not over.",
    ]
    assert response.context["total"].steps[3].of_shown.value == ""
    assert "too early for a rate" in response.text


def test_the_page_as_it_opens_has_a_redeemed_rate(admin_client: Client) -> None:
    offer = make_discount()
    sell(offer, customers=3, days=40)
    show(offer, ago(40))

    response = admin_client.get(page(offer))

    assert response.context["fresh"] == []
    assert response.context["total"].steps[3].of_shown.value == "75.0%"


def test_today_is_not_over(admin_client: Client) -> None:
    offer = make_offer()
    show(offer, NOW.replace(hour=0))

    assert "Nobody was shown this offer on these days" in admin_client.get(page(offer)).text


def test_what_does_not_apply_to_a_kind_is_not_on_its_page(admin_client: Client) -> None:
    offer = make_offer("message")
    show(offer, ago(20))

    response = admin_client.get(page(offer))

    assert [step.label for step in response.context["total"].steps] == ["Shown", "Clicked"]
    for absent in ("Redeemed", "Claimed", "Revenue", "Net revenue", "Code used within"):
        assert absent not in response.text, absent


@pytest.mark.parametrize(
    ("query", "first", "last", "redeem_days"),
    [
        ("", "2026-03-12", "2026-06-09", 30),
        ("?days=28&redeem=90", "2026-05-13", "2026-06-09", 90),
        ("?days=5&redeem=5", "2026-03-12", "2026-06-09", 30),
        ("?days=²&redeem=x", "2026-03-12", "2026-06-09", 30),
        ("?first=2026-01-01&last=2026-01-01&redeem=180", "2026-01-01", "2026-01-01", 180),
        ("?first=2026-01-02&last=2026-01-01", "2026-03-12", "2026-06-09", 30),
        ("?first=2026-01-02&last=2026-06-10", "2026-03-12", "2026-06-09", 30),
        ("?first=0001-01-01&last=2026-06-09", "2026-03-12", "2026-06-09", 30),
        ("?first=nonsense", "2026-03-12", "2026-06-09", 30),
        ("?first=%00&last=%00", "2026-03-12", "2026-06-09", 30),
    ],
)
def test_the_address_chooses_the_period(
    admin_client: Client, query: str, first: str, last: str, redeem_days: int
) -> None:
    offer = make_discount()

    period = admin_client.get(page(offer, query)).context["chosen"].period

    assert (f"{period.first}", f"{period.last}") == (first, last)
    assert (f"{period.as_of}", period.redeem_days) == ("2026-06-09", redeem_days)


def test_an_impossible_period_is_said_beside_the_form(admin_client: Client) -> None:
    offer = make_discount()

    text = admin_client.get(page(offer, "?first=2026-01-02&last=2026-06-10")).text

    assert "This day is not over yet." in text


def test_the_file_and_the_quick_links_keep_what_was_chosen(admin_client: Client) -> None:
    offer = make_discount()

    response = admin_client.get(page(offer, "?first=2026-01-01&last=2026-01-31&redeem=30"))

    assert response.context["csv_url"] == file(offer, "?first=2026-01-01&last=2026-01-31&redeem=30")
    assert [quick.query for quick in response.context["chosen"].quick] == [
        "days=28&redeem=30",
        "days=90&redeem=30",
        "days=365&redeem=30",
    ]


@pytest.mark.parametrize("address", [page, file])
@pytest.mark.parametrize(
    ("permissions", "status"),
    [
        (("view_offer",), 200),
        (("change_offer",), 200),
        (("view_nextpurchasediscount",), 200),
        (("change_nextpurchasediscount",), 200),
        (("view_purchase",), 403),
        (("add_nextpurchasediscount", "add_offer"), 403),
        ((), 403),
    ],
)
def test_who_may_see_the_offer_may_see_its_numbers(
    address: Any, permissions: tuple[str, ...], status: int
) -> None:
    offer = make_discount()

    assert staff_client(*permissions).get(address(offer)).status_code == status


@pytest.mark.parametrize("address", [page, file])
def test_strangers_are_sent_to_the_log_in_page(client: Client, address: Any) -> None:
    response = client.get(address(make_discount()))

    assert response.status_code == 302
    assert "/login/" in response["Location"]


@pytest.mark.parametrize("address", [page, file])
def test_an_unknown_offer_and_one_of_a_kind_switched_off_have_no_page(
    admin_client: Client, settings: Any, address: Any
) -> None:
    offer = make_discount()
    missing = Offer(pk=offer.pk + 1)
    assert admin_client.get(address(missing)).status_code == 404

    settings.PPX_OFFER_KINDS = ["django_ppx.messages.kind.MessageKind"]

    assert admin_client.get(address(offer)).status_code == 404


@pytest.mark.parametrize("address", [page, file])
def test_nothing_of_it_is_kept_in_a_cache(admin_client: Client, address: Any) -> None:
    response = admin_client.get(address(make_discount()))

    assert response["Cache-Control"].startswith("private, no-store")


def test_many_days_and_variants_take_no_more_queries(admin_client: Client) -> None:
    offer = make_discount()
    second = make_variant(offer, label="B")
    sell(offer, customers=1)
    few = count_queries(lambda: admin_client.get(page(offer, "?days=365")))
    for days in (101, 150, 200):
        sell(offer, customers=2, days=days)
        sell(offer, customers=1, days=days, variant=second)
    for label in "CDEF":
        sell(offer, customers=1, variant=make_variant(offer, label=label))

    many = count_queries(lambda: admin_client.get(page(offer, "?days=365")))

    assert (few, many) == (10, 10)


def test_words_of_staff_are_escaped_and_nothing_is_inline(admin_client: Client) -> None:
    offer = make_discount(name='<b>"Ten" off</b>')
    make_variant(offer, label="<i>B</i>")
    sell(offer, customers=1)

    text = admin_client.get(page(offer, "?days=365")).text

    assert "<b>&quot;Ten" not in text
    assert "&lt;b&gt;&quot;Ten&quot; off&lt;/b&gt;" in text
    assert "<i>B" not in text
    content = text.partition('id="content-main"')[2]
    assert not re.search(r"\sstyle=|\son\w+=|<script|<style", content)


def test_the_page_speaks_the_language_of_its_reader(admin_client: Client) -> None:
    offer = make_discount()
    sell(offer, customers=3)
    show(offer, ago(100))

    response = admin_client.get(page(offer, "?days=365"), headers={"Accept-Language": "de"})

    assert response.context["total"].steps[1].of_shown.value == "75,0\N{NO-BREAK SPACE}%"
    # Coordinates stay as SVG reads them.
    assert 'width="75"' in response.text
    assert not re.search(r' (x|y|x1|x2|width|height)="[\d]+,', response.text)


def test_each_step_has_a_bar_and_each_day_a_column(admin_client: Client) -> None:
    offer = make_discount()
    sell(offer, customers=1, days=20)

    text = admin_client.get(page(offer)).text

    assert text.count('class="ppx-stepbar"') == 4
    assert text.count('class="ppx-days__chart"') == 4
    assert text.count('<rect class="ppx-days__bar') == 4 * 90
    # Redeemed: 30 days are not over; clicked and claimed: 7.
    assert text.count("ppx-days__bar--open") == 30 + 2 * 7
    assert "05/21/2026: 1" in text


def test_the_lists_and_the_form_lead_to_the_numbers(admin_client: Client) -> None:
    offer = make_discount(name="Ten off")
    change = reverse("admin:django_ppx_nextpurchasediscount_change", args=[offer.pk])

    for address in (
        reverse("admin:django_ppx_offer_changelist"),
        reverse("admin:django_ppx_nextpurchasediscount_changelist"),
        change,
    ):
        assert f'href="{page(offer)}"' in admin_client.get(address).text, address
    assert f'href="{change}"' in admin_client.get(page(offer)).text


def test_the_form_of_a_new_offer_has_no_numbers(admin_client: Client) -> None:
    response = admin_client.get(reverse("admin:django_ppx_nextpurchasediscount_add"))

    assert "/numbers/" not in response.text


def rows_of(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.text)))


def test_the_file_holds_the_total_the_variants_and_the_days(admin_client: Client) -> None:
    offer = make_discount()
    second = make_variant(offer, label="=1+1")
    sell(offer, customers=6)
    sell(offer, customers=4, variant=second)

    response = admin_client.get(file(offer, "?days=365"))

    rows = rows_of(response)
    assert "text/csv" in response["Content-Type"]
    assert [row["step"] for row in rows if row["group"] == "total"] == [
        "shown",
        "clicked",
        "claimed",
        "redeemed",
        "revenue",
    ]
    [redeemed] = [row for row in rows if (row["group"], row["step"]) == ("total", "redeemed")]
    assert {name: redeemed[name] for name in ("as_of", "customers", "counted", "too_fresh")} == {
        "as_of": "2026-06-09",
        "customers": "10",
        "counted": "10",
        "too_fresh": "0",
    }
    assert (redeemed["rate_of_shown"], redeemed["rate_low"], redeemed["rate_high"]) == (
        "1.0000",
        "0.7225",
        "1.0000",
    )
    [revenue] = [row for row in rows if (row["group"], row["step"]) == ("total", "revenue")]
    assert (revenue["currency"], revenue["revenue"]) == ("EUR", "400.00")
    assert (revenue["revenue_per_customer"], revenue["revenue_low"]) == ("40.00", "40.00")
    assert len([row for row in rows if row["group"] == "day"]) == 365 * 4
    assert {row["variant"] for row in rows} == {"", "A", "'=1+1"}


def test_the_file_leaves_out_rates_of_fewer_than_five(admin_client: Client) -> None:
    offer = make_discount()
    second = make_variant(offer, label="B")
    sell(offer, customers=5)
    sell(offer, customers=4, variant=second)

    rows = rows_of(admin_client.get(file(offer, "?days=365")))

    hidden = [row for row in rows if row["variant"] == "B"]
    assert [row["counted"] for row in hidden] == ["", "4", "4", "4", "4"]
    for column in ("rate_of_shown", "rate_low", "rate_of_step_before", "revenue_per_customer"):
        assert {row[column] for row in hidden} == {""}, column
    shown = [row for row in rows if row["variant"] == "A"]
    assert [row["rate_of_shown"] for row in shown] == ["", "1.0000", "1.0000", "1.0000", ""]
    assert shown[4]["revenue_per_customer"] == "40.00"
