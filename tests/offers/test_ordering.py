"""Putting offers in order."""

from __future__ import annotations

import pytest

from django_ppx.offers.models import Offer
from django_ppx.offers.ordering import move_offer, reorder_offers
from django_ppx.offers.snapshot import current_snapshot
from django_ppx.testing import make_offer

pytestmark = pytest.mark.django_db


def slugs() -> list[str]:
    return list(Offer.objects.order_by("priority", "pk").values_list("slug", flat=True))


def make_three() -> list[Offer]:
    return [make_offer(slug=slug, priority=100) for slug in ("a", "b", "c")]


def test_an_offer_swaps_places_with_its_neighbour() -> None:
    _a, _b, c = make_three()

    assert move_offer(offer_id=c.pk, direction="up")

    assert slugs() == ["a", "c", "b"]


@pytest.mark.parametrize(("index", "direction"), [(0, "up"), (2, "down")])
def test_the_first_can_not_go_up_nor_the_last_down(index: int, direction: str) -> None:
    offers = make_three()

    assert not move_offer(offer_id=offers[index].pk, direction=direction)  # type: ignore[arg-type]

    assert slugs() == ["a", "b", "c"]


def test_offers_that_were_not_named_keep_their_places() -> None:
    a, b, c = make_three()
    make_offer(slug="d", priority=100)

    reorder_offers(offer_ids=[c.pk, a.pk])

    assert slugs() == ["c", "b", "a", "d"]
    assert b.pk


def test_unknown_repeated_and_archived_ids_do_no_harm() -> None:
    a, b, c = make_three()
    Offer.objects.filter(pk=b.pk).update(status="archived")

    reorder_offers(offer_ids=[c.pk, c.pk, 999_999, b.pk, a.pk])

    assert [slug for slug in slugs() if slug != "b"] == ["c", "a"]


def test_pages_learn_of_the_new_order() -> None:
    a, b, c = make_three()
    before = [offer.slug for offer in current_snapshot().offers]

    reorder_offers(offer_ids=[c.pk, b.pk, a.pk])

    assert before == ["a", "b", "c"]
    assert [offer.slug for offer in current_snapshot().offers] == ["c", "b", "a"]
