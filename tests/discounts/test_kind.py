"""The next-purchase discount."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_ppx.core.money import Money
from django_ppx.discounts.kind import DiscountConfig, NextPurchaseDiscountKind
from django_ppx.discounts.models import NextPurchaseDiscount
from django_ppx.offers.duplicating import duplicate_offer
from django_ppx.offers.kinds import Destination, Grant
from django_ppx.offers.moments import Presented, StoredCode
from django_ppx.rewards.models import Benefit, BenefitAmount, BenefitScope, DiscountCode
from django_ppx.rewards.terms import CurrencyTerms, FrozenTerms
from django_ppx.testing import make_offer, make_purchase
from tests.moments import NOW, make_context, make_moment

KIND = NextPurchaseDiscountKind()
TEN_PERCENT = FrozenTerms(type="percent", percent=Decimal(10))
FIVE_EUROS = FrozenTerms(type="amount", amounts=(CurrencyTerms(currency="EUR", amount=500),))
CONFIG = DiscountConfig(offer_id=3, benefit_id=1, terms=TEN_PERCENT)


PRESENTED = Presented(
    id="x",
    offer_id=3,
    variant_id=1,
    purchase_id=7,
    placement="thank_you",
    presented_at=NOW,
    is_dismissed=False,
    is_done=False,
)


def make_benefit(**overrides: Any) -> Benefit:
    return Benefit.objects.create(
        **{"name": "Ten percent", "type": "percent", "percent": Decimal(10), **overrides}
    )


def make_discount(benefit: Benefit | None = None, **overrides: Any) -> NextPurchaseDiscount:
    return make_offer("next_purchase_discount", benefit=benefit or make_benefit(), **overrides)


def stored(**overrides: Any) -> StoredCode:
    values = {
        "value": "ABCDEFGHJKMN",
        "terms": TEN_PERCENT.as_json(),
        "expires_at": NOW + timedelta(days=1),
        "is_used_up": False,
        **overrides,
    }
    return StoredCode(**values)


def grants_for(*offers: NextPurchaseDiscount, purchase: Any) -> list[Grant]:
    configs = KIND.configure([offer.pk for offer in offers])
    return [
        Grant(
            offer_id=offer.pk,
            offer_name=offer.name,
            config=configs[offer.pk],
            purchase_id=purchase.pk,
            customer_id=purchase.customer_id,
        )
        for offer in offers
    ]


# The card


def test_the_card_carries_the_code() -> None:
    parts = KIND.parts(CONFIG, make_context(code=stored()))

    assert parts.code is not None
    assert (parts.code.text, parts.code.summary) == ("ABCD-EFGH-JKMN", "10% off")
    assert parts.details == {}


@pytest.mark.parametrize(
    ("overrides", "state"),
    [
        ({"is_used_up": True}, "used_up"),
        ({"expires_at": NOW}, "expired"),
        ({"is_revoked": True}, "revoked"),
    ],
)
def test_a_spent_code_is_not_shown_and_the_card_says_why(
    overrides: dict[str, Any], state: str
) -> None:
    parts = KIND.parts(CONFIG, make_context(code=stored(**overrides)))

    assert parts.code is None
    assert parts.details == {"code_state": state}


def test_the_card_keeps_the_terms_its_code_was_given_with() -> None:
    config = replace(CONFIG, terms=FrozenTerms(type="percent", percent=Decimal(50)))

    parts = KIND.parts(config, make_context(code=stored()))

    assert parts.code is not None
    assert parts.code.summary == "10% off"


def test_the_button_leads_back_into_the_shop_also_from_a_spent_code() -> None:
    config = replace(CONFIG, url="/sale/")
    link = (Destination(key="link", label="To the sale", url="/sale/"),)

    assert (
        KIND.parts(config, make_context(button="To the sale", code=stored())).destinations == link
    )
    assert (
        KIND.parts(
            config, make_context(button="To the sale", code=stored(is_used_up=True))
        ).destinations
        == link
    )


def test_a_link_without_a_button_text_gets_one() -> None:
    (link,) = KIND.parts(replace(CONFIG, url="/sale/"), make_context(code=stored())).destinations

    assert link.label == "Continue shopping"


# Whether there is anything to show


def test_an_amount_in_another_currency_is_nothing_to_show() -> None:
    config = replace(CONFIG, terms=FIVE_EUROS)
    dollars = make_moment(total=Money(Decimal(50), "USD"))

    assert KIND.is_available(config, make_moment())
    assert not KIND.is_available(config, dollars)


def test_a_percentage_with_terms_in_other_currencies_only_is_nothing_to_show() -> None:
    terms = replace(TEN_PERCENT, amounts=(CurrencyTerms(currency="EUR", minimum_total=4000),))
    config = replace(CONFIG, terms=terms)

    assert not KIND.is_available(config, make_moment(total=Money(Decimal(50), "USD")))


@pytest.mark.parametrize("status", ["cancelled", "refunded"])
def test_an_order_that_was_undone_earns_no_code(status: str) -> None:
    undone = make_moment(status=status)

    assert not KIND.is_available(CONFIG, undone)
    assert KIND.is_available(CONFIG, replace(undone, history={3: (PRESENTED,)}))


@pytest.mark.parametrize("type", ["gift", "points"])
def test_a_gift_or_points_are_no_code(type: str) -> None:
    config = replace(CONFIG, terms=FrozenTerms(type=type, gift="Mug", points=10))

    assert not KIND.is_available(config, make_moment())


def test_a_code_that_was_given_stays_on_its_page() -> None:
    config = replace(CONFIG, terms=FrozenTerms(type="gift", gift="Mug"))

    assert KIND.is_available(config, replace(make_moment(), history={3: (PRESENTED,)}))


# Previews


def test_a_preview_has_a_sample_code_and_stores_nothing() -> None:
    config = replace(CONFIG, terms=replace(TEN_PERCENT, valid_days=30, code_prefix="THANKS"))

    code = KIND.sample_code(config, now=NOW)
    parts = KIND.parts(config, make_context(code=code))

    assert parts.code is not None
    assert (parts.code.text, parts.code.last_day) == ("SAMPLE-CODE", "April 9, 2026")


def test_a_preview_without_a_benefit_has_no_code() -> None:
    assert KIND.sample_code(None, now=NOW) is None


# In the tables


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 5])
def test_any_number_of_offers_is_configured_in_five_queries(
    count: int, django_assert_num_queries
) -> None:
    offers = []
    for number in range(count):
        benefit = make_benefit(name=f"Benefit {number}", type="amount", percent=None)
        BenefitAmount.objects.create(benefit=benefit, currency="EUR", amount=Decimal(5 + number))
        BenefitScope.objects.create(benefit=benefit, type="category", value="Kitchen")
        offers.append(make_discount(benefit))

    with django_assert_num_queries(5):
        configs = KIND.configure([offer.pk for offer in offers])

    last = configs[offers[-1].pk]
    assert last.benefit_id == offers[-1].benefit_id
    assert last.terms.amounts == (CurrencyTerms(currency="EUR", amount=(4 + count) * 100),)
    assert last.terms.categories == ("Kitchen",)


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 5])
def test_the_rewards_and_codes_of_a_page_are_a_statement_each(count: int) -> None:
    purchase = make_purchase()
    grants = grants_for(
        *(make_discount(name=f"Thanks {number}") for number in range(count)), purchase=purchase
    )

    with CaptureQueriesContext(connection) as captured:
        KIND.grant(grants, now=NOW)

    statements = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]
    assert [statement.split()[0] for statement in statements] == ["INSERT", "INSERT"]
    rows = DiscountCode.objects.select_related("reward").order_by("reward__reason_key")
    assert [row.reward.reason_key for row in rows] == sorted(
        f"offer:{grant.offer_id}:purchase:{purchase.pk}" for grant in grants
    )
    assert {(row.customer_id, row.purchase_id) for row in rows} == {
        (purchase.customer_id, purchase.pk)
    }
    assert rows[0].reason == "Thanks 0"


@pytest.mark.django_db
def test_the_same_page_asked_for_twice_has_the_same_code() -> None:
    purchase = make_purchase()
    grants = grants_for(make_discount(), purchase=purchase)

    first = KIND.grant(grants, now=NOW)
    second = KIND.grant(grants, now=NOW + timedelta(days=1))

    assert first == second
    assert DiscountCode.objects.count() == 1


@pytest.mark.django_db
def test_another_order_of_the_same_customer_has_a_code_of_its_own() -> None:
    offer = make_discount()
    one, two = make_purchase(), make_purchase()

    first = KIND.grant(grants_for(offer, purchase=one), now=NOW)[offer.pk]
    second = KIND.grant(grants_for(offer, purchase=two), now=NOW)[offer.pk]

    assert first.stored.value != second.stored.value


@pytest.mark.django_db
def test_the_granted_code_is_what_the_ledger_holds() -> None:
    purchase = make_purchase()
    offer = make_discount(make_benefit(valid_days=1))

    granted = KIND.grant(grants_for(offer, purchase=purchase), now=NOW)[offer.pk]

    row = DiscountCode.objects.get()
    assert granted.id == row.pk
    assert granted.stored == StoredCode(
        value=row.code,
        terms=row.terms,
        expires_at=row.expires_at,
        is_used_up=False,
        is_revoked=False,
    )


@pytest.mark.django_db
def test_a_benefit_that_nobody_could_use_stops_activation() -> None:
    gift = make_discount(make_benefit(name="Mug", type="gift", percent=None, gift="A mug"))
    first = make_discount(make_benefit(name="Welcome", first_order_only=True))
    empty = make_discount(make_benefit(name="Five", type="amount", percent=None))
    fine = make_discount()

    assert [list(KIND.problems(offer)) for offer in (gift, first, empty, fine)] == [
        [
            "“Mug” is A gift, which a code can't take off an order. "
            "Choose a percentage, an amount or free shipping."
        ],
        ["“Welcome” is for a first order only: nobody who gets the code could use it."],
        ["“Five” has no amount in any currency yet."],
        [],
    ]


@pytest.mark.django_db
def test_a_duplicate_gives_the_same_benefit() -> None:
    offer = make_discount(url="/sale/")

    copy = duplicate_offer(offer=offer)

    assert (copy.benefit_id, copy.url) == (offer.benefit_id, "/sale/")
