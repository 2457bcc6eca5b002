"""What stops an offer from being switched on, in a sentence each."""

from __future__ import annotations

import pytest

from django_ppx.testing import make_benefit, make_ugc_offer
from django_ppx.ugc.guarding import offer_problems

pytestmark = pytest.mark.django_db


def test_a_whole_offer_has_no_problem() -> None:
    assert offer_problems(make_ugc_offer()) == ()


def test_without_a_private_storage_nobody_could_upload(settings) -> None:
    settings.PPX_UGC_STORAGE = "elsewhere"

    assert offer_problems(make_ugc_offer()) == (
        "The shop has no private storage for customers' files yet: STORAGES lacks “elsewhere”.",
    )


def test_without_theme_and_brief_nobody_would_know_what_to_do() -> None:
    offer = make_ugc_offer()
    offer.texts.all().delete()

    assert offer_problems(offer) == ("Write the theme and the brief in at least one language.",)


def test_without_a_text_there_is_no_licence() -> None:
    offer = make_ugc_offer()
    offer.licence.texts.all().delete()

    assert offer_problems(offer) == ("The licence has no text yet.",)


@pytest.mark.parametrize("amounts", [{}, {"EUR": {"minimum_total": 30}}])
def test_an_amount_needs_an_amount(amounts) -> None:
    offer = make_ugc_offer(benefit=make_benefit(name="Five", type="amount", amounts=amounts))

    assert offer_problems(offer) == ("“Five” has no amount in any currency yet.",)


def test_a_reward_for_first_orders_is_none_for_a_customer() -> None:
    offer = make_ugc_offer(benefit=make_benefit(name="Ten", first_order_only=True))

    assert offer_problems(offer) == (
        "“Ten” is for a first order only: nobody who gets the code could use it.",
    )


def test_each_problem_is_said() -> None:
    offer = make_ugc_offer()
    offer.texts.all().delete()
    offer.licence.texts.all().delete()

    assert len(offer_problems(offer)) == 2
