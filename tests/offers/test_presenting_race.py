"""Two tabs, one moment: the same variant and code, written once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from django_ppx.core.models import Purchase
from django_ppx.core.recording import record_purchase
from django_ppx.offers import presenting
from django_ppx.offers.histories import NO_HISTORY
from django_ppx.offers.models import OfferPresentation, OfferVariant
from django_ppx.offers.presenting import PageRequest, present
from django_ppx.offers.snapshot import current_snapshot
from django_ppx.rewards.models import DiscountCode
from django_ppx.testing import make_benefit, make_offer, make_variant
from tests.hosts import host_order
from tests.racing import run_together

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
PAGE = PageRequest(placement="thank_you", language="en", limit=3, now=NOW)


@pytest.fixture(autouse=True)
def _offers():
    benefit = make_benefit()
    for _ in range(3):
        offer = make_offer("next_purchase_discount", benefit=benefit)
        make_variant(offer, label="B")


def show(number: str):
    record = record_purchase(order=host_order(number), now=NOW)
    cards = present(current_snapshot(), record, PAGE)
    return [(card.offer_slug, card.variant_label, card.code.value) for card in cards]


def test_tabs_that_open_at_once_show_the_same_codes():
    for number in ("1", "2", "3"):
        shown = run_together(lambda _tab, number=number: show(number), times=6)

        assert len(shown[0]) == 3
        assert all(tab == shown[0] for tab in shown)
    assert Purchase.objects.count() == 3
    assert OfferPresentation.objects.count() == 9
    assert DiscountCode.objects.count() == 9


def test_the_race_is_a_race(monkeypatch):
    """The control: without the second look, a slower tab fails or shows less."""
    monkeypatch.setattr(presenting, "_reread", lambda *args, **kwargs: {})
    record = record_purchase(order=host_order("1"), now=NOW)
    stale = record_purchase(order=host_order("1"), now=NOW)
    monkeypatch.setattr(presenting, "load_history", lambda *args, **kwargs: NO_HISTORY)

    first = present(current_snapshot(), record, PAGE)
    second = present(current_snapshot(), stale, PAGE)

    assert (len(first), len(second)) == (3, 0)


def test_a_slower_tab_takes_what_the_faster_one_wrote(monkeypatch):
    record = record_purchase(order=host_order("1"), now=NOW)
    monkeypatch.setattr(presenting, "load_history", lambda *args, **kwargs: NO_HISTORY)

    first = present(current_snapshot(), record, PAGE)
    second = present(current_snapshot(), record, PAGE)

    assert [card.code for card in first] == [card.code for card in second]
    assert DiscountCode.objects.count() == 3


def test_a_slower_tab_shows_the_variant_of_the_faster_one(monkeypatch):
    """Staff may change the weights between the two."""
    record = record_purchase(order=host_order("1"), now=NOW)
    monkeypatch.setattr(presenting, "load_history", lambda *args, **kwargs: NO_HISTORY)
    first = present(current_snapshot(), record, PAGE)
    for variant in OfferVariant.objects.all():
        variant.weight = 0 if variant.presentations.exists() else 1
        variant.save()

    second = present(current_snapshot(), record, PAGE)

    assert [card.variant_label for card in first] == [card.variant_label for card in second]
