"""The kind: what its card says and where it leads, and how an offer is copied."""

from __future__ import annotations

from decimal import Decimal

import pytest

from django_ppx.core.models import Purchase
from django_ppx.core.tokens import InvalidToken
from django_ppx.offers.duplicating import duplicate_offer
from django_ppx.rewards.terms import CurrencyTerms, FrozenTerms
from django_ppx.testing import make_benefit, make_ugc_offer
from django_ppx.ugc.kind import UGCRewardConfig, UGCRewardKind
from django_ppx.ugc.links import read_page_token
from django_ppx.ugc.models import UGCRewardOffer
from tests.moments import NOW, make_context, make_moment

KIND = UGCRewardKind()
TEN_PERCENT = FrozenTerms(type="percent", percent=Decimal(10))
CONFIG = UGCRewardConfig(offer_id=3, terms=TEN_PERCENT)


def test_the_card_says_what_it_earns_and_leads_to_the_page_of_this_order() -> None:
    parts = KIND.parts(CONFIG, make_context())

    [button] = parts.destinations
    assert (button.key, button.label) == ("take-part", "Take part")
    token = button.url.rstrip("/").rpartition("/")[2]
    assert read_page_token(token, now=NOW) == (3, 7)
    assert parts.details == {"reward": "10% off"}


def test_the_link_serves_its_days_and_no_more(settings) -> None:
    settings.PPX_UGC_LINK_DAYS = 1
    [button] = KIND.parts(CONFIG, make_context()).destinations

    with pytest.raises(InvalidToken):
        read_page_token(button.url.rstrip("/").rpartition("/")[2], now=NOW.replace(day=NOW.day + 2))


def test_the_shops_own_words_stand_on_the_button() -> None:
    [button] = KIND.parts(CONFIG, make_context(button="Show us")).destinations

    assert button.label == "Show us"


def test_the_reward_is_said_in_the_currency_of_the_order() -> None:
    terms = FrozenTerms(
        type="amount",
        amounts=(
            CurrencyTerms(currency="CHF", amount=600),
            CurrencyTerms(currency="EUR", amount=500),
        ),
    )

    parts = KIND.parts(UGCRewardConfig(offer_id=3, terms=terms), make_context())

    assert parts.details == {"reward": "€5.00 off"}


@pytest.mark.parametrize(
    ("status", "is_available"), [("placed", True), ("cancelled", False), ("refunded", False)]
)
def test_an_order_that_was_undone_is_not_invited(status: str, is_available: bool) -> None:
    moment = make_moment(status=Purchase.Status(status))

    assert KIND.is_available(CONFIG, moment) is is_available


@pytest.mark.django_db
def test_the_offers_of_a_page_cost_the_same_whatever_their_number(
    django_assert_num_queries,
) -> None:
    offers = [make_ugc_offer(benefit=make_benefit(percent=10 + number)) for number in range(5)]

    with django_assert_num_queries(4):
        configs = KIND.configure([offer.pk for offer in offers])

    assert [configs[offer.pk].terms.percent for offer in offers] == [10, 11, 12, 13, 14]


@pytest.mark.django_db
def test_a_copy_has_texts_of_its_own() -> None:
    offer = make_ugc_offer(max_photos=3)

    copy = UGCRewardOffer.objects.get(pk=duplicate_offer(offer=offer).pk)

    assert copy.pk != offer.pk
    assert (copy.max_photos, copy.benefit_id, copy.licence_id) == (
        3,
        offer.benefit_id,
        offer.licence_id,
    )
    assert list(copy.texts.values_list("language", "theme")) == [("en", "Your mornings")]
    copy.texts.update(theme="Other")
    assert offer.texts.get().theme == "Your mornings"


def test_there_are_words_to_start_from_in_each_language() -> None:
    starters = KIND.starter_texts()

    assert sorted(starters) == ["de", "en"]
    assert all(sorted(words) == ["button", "headline", "text"] for words in starters.values())
