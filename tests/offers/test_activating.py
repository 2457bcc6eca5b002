"""Switching offers on and off."""

from __future__ import annotations

import pytest

from django_ppx.offers.activating import activate_offers, pause_offers
from django_ppx.offers.kinds import load_kinds
from django_ppx.offers.models import OfferVariantText
from django_ppx.offers.snapshot import current_snapshot
from django_ppx.testing import make_offer

pytestmark = pytest.mark.django_db


def test_a_complete_draft_is_activated_and_pages_learn_of_it() -> None:
    offer = make_offer(status="draft")
    assert current_snapshot().by_id[offer.pk].status == "draft"

    outcome = activate_offers(offers=[offer])

    assert [found.pk for found in outcome.activated] == [offer.pk]
    assert outcome.refused == ()
    assert current_snapshot().by_id[offer.pk].status == "active"


def test_an_offer_without_words_in_the_main_language_is_refused() -> None:
    offer = make_offer(status="draft")
    OfferVariantText.objects.update(language="de")

    outcome = activate_offers(offers=[offer])

    offer.refresh_from_db()
    assert offer.status == "draft"
    assert outcome.activated == ()
    assert [str(problem) for problem in outcome.refused[0].problems] == [
        "No variant has a headline in the shop's main language."
    ]


def test_an_offer_that_its_kind_objects_to_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    offer = make_offer(status="draft")
    monkeypatch.setattr(
        type(load_kinds()["message"]), "problems", lambda self, offer: ["It lacks a link."]
    )

    outcome = activate_offers(offers=[offer])

    offer.refresh_from_db()
    assert offer.status == "draft"
    assert outcome.refused[0].problems == ("It lacks a link.",)


def test_only_active_offers_are_paused() -> None:
    active, draft = make_offer(), make_offer(status="draft")

    paused = pause_offers(offers=[active, draft])

    draft.refresh_from_db()
    assert [offer.pk for offer in paused] == [active.pk]
    assert current_snapshot().by_id[active.pk].status == "paused"
    assert draft.status == "draft"
