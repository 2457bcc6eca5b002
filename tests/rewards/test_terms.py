"""Terms are a copy: of a benefit as it was, and readable for as long as the code lives."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest

from django_ppx.rewards.models import DiscountCode
from django_ppx.rewards.terms import CurrencyTerms, FrozenTerms, UnreadableTerms, scaled
from django_ppx.rewards.wording import conditions, describe, summarize
from django_ppx.testing import make_benefit, make_code

FULL = FrozenTerms(
    type="amount",
    amounts=(
        CurrencyTerms(currency="EUR", amount=500, minimum_total=3000),
        CurrencyTerms(currency="JPY", amount=600, maximum_discount=600),
    ),
    skus=("MUG",),
    categories=("Kitchen/Bowls",),
    valid_days=30,
    max_uses=3,
    first_order_only=True,
    is_combinable=True,
    code_prefix="THANKS",
)


@pytest.mark.django_db
def test_terms_hold_everything_of_the_benefit() -> None:
    benefit = make_benefit(
        type="amount",
        amounts={
            "JPY": {"amount": 600, "maximum_discount": 600},
            "EUR": {"amount": 5, "minimum_total": 30},
        },
        scopes=[("category", "Kitchen/Bowls"), ("product", "MUG")],
        max_uses=3,
        first_order_only=True,
        is_combinable=True,
        code_prefix="Thanks",
    )

    assert FrozenTerms.of(benefit) == FULL


@pytest.mark.django_db
def test_editing_a_benefit_changes_no_code_that_was_given() -> None:
    benefit = make_benefit(percent=Decimal(10))
    code = make_code(benefit)

    benefit.percent = Decimal(90)
    benefit.save()

    stored = FrozenTerms.from_json(DiscountCode.objects.get(pk=code.pk).terms)
    assert stored.percent == Decimal(10)


def test_terms_survive_being_stored_as_json() -> None:
    assert FrozenTerms.from_json(json.loads(json.dumps(FULL.as_json()))) == FULL


@pytest.mark.parametrize(
    "changed",
    [
        {"version": 3},
        {"percent": "ten"},
        {"amounts": []},
        {"amounts": {"EUR": {"x": 1}}},
        {"skus": None},
    ],
)
def test_terms_changed_by_hand_are_not_read(changed: dict[str, object]) -> None:
    with pytest.raises(UnreadableTerms):
        FrozenTerms.from_json({**FULL.as_json(), **changed})


def test_terms_without_a_part_are_not_read() -> None:
    stored = FULL.as_json()
    del stored["max_uses"]

    with pytest.raises(UnreadableTerms):
        FrozenTerms.from_json(stored)


def test_terms_are_summed_up_in_the_currency_of_the_page() -> None:
    assert summarize(FULL, currency="EUR") == "€5.00 off"
    assert summarize(FULL, currency="JPY") == "¥600 off"
    assert summarize(FULL) == "€5.00 / ¥600 off"


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        (FrozenTerms(type="percent", percent=Decimal("10.00")), "10% off"),
        (FrozenTerms(type="percent", percent=Decimal("12.50")), "12.5% off"),
        (FrozenTerms(type="percent", percent=Decimal("100.00")), "100% off"),
        (FrozenTerms(type="free_shipping"), "Free shipping"),
        (FrozenTerms(type="points", points=1), "1 point"),
        (FrozenTerms(type="points", points=200), "200 points"),
        (FrozenTerms(type="gift", gift="A mug"), "A mug"),
    ],
)
def test_each_type_has_its_words(terms: FrozenTerms, words: str) -> None:
    assert summarize(terms) == words


def test_conditions_say_what_a_customer_must_know() -> None:
    assert conditions(FULL, currency="EUR") == (
        "For orders of €30.00 or more",
        "On Kitchen › Bowls and selected products",
        "For a first order only",
        "Can be used 3 times",
    )


def test_staff_read_the_terms_whole() -> None:
    terms = FrozenTerms(type="percent", percent=Decimal(10), valid_days=30)

    assert describe(terms) == (
        "10% off. Can't be combined with other codes. Valid for 30 days after it is given. "
        "Each code can be used once. May be used again when the order that used it is cancelled."
    )


def test_terms_of_the_first_version_are_read_with_the_defaults_of_then() -> None:
    first = {
        name: value
        for name, value in FULL.as_json().items()
        if name in {*_FIRST_VERSION, "amounts", "skus", "categories"}
    }

    terms = FrozenTerms.from_json({**first, "version": 1})

    assert terms == FULL
    assert terms.code_after_cancellation == "release"


_FIRST_VERSION = (
    "type",
    "percent",
    "gift",
    "points",
    "valid_days",
    "max_uses",
    "first_order_only",
    "is_combinable",
    "code_prefix",
)


@pytest.mark.parametrize(
    ("kept_ppm", "amount", "points"),
    [(1_000_000, 500, 10), (333_333, 167, 3), (500_000, 250, 5), (0, 0, 0), (999, 0, 0)],
)
def test_amounts_and_points_shrink_in_proportion_rounded_half_up(
    kept_ppm: int, amount: int, points: int
) -> None:
    terms = FrozenTerms(
        type="amount",
        points=10,
        amounts=(CurrencyTerms(currency="EUR", amount=500, minimum_total=3000),),
        reward_after_partial_refund="proportional",
    )

    left = scaled(terms, kept_ppm=kept_ppm)

    assert left.points == points
    assert left.amounts == (CurrencyTerms(currency="EUR", amount=amount, minimum_total=3000),)


def test_terms_that_are_kept_whole_do_not_shrink() -> None:
    terms = FrozenTerms(type="points", points=10)

    assert scaled(terms, kept_ppm=1) == terms


def test_customers_read_what_they_must_know_and_not_the_shops_policies() -> None:
    terms = FrozenTerms(
        type="percent",
        percent=Decimal(10),
        valid_days=60,
        vesting_days=14,
        max_uses_per_customer=2,
        is_combinable=True,
        code_after_cancellation="keep",
    )

    assert conditions(terms) == ("At most 2 uses per customer",)


def test_staff_read_the_waiting_time_and_the_policies() -> None:
    terms = FrozenTerms(
        type="points",
        points=200,
        vesting_days=1,
        max_uses_per_customer=1,
        reward_after_partial_refund="proportional",
    )
    assert describe(terms) == (
        "200 points. Usable 1 day after it is given. "
        "Shrinks with a partial refund of the order that earned it."
    )

    terms = FrozenTerms(
        type="free_shipping",
        valid_days=60,
        vesting_days=14,
        is_combinable=True,
        code_after_refund="release",
    )
    assert describe(terms) == (
        "Free shipping. Usable 14 days after it is given. From then on valid for 60 days. "
        "Each code can be used once. "
        "May be used again when the order that used it is cancelled or refunded."
    )
    assert "Stays used, also when the order that used it is undone." in describe(
        replace(terms, code_after_cancellation="keep", code_after_refund="keep")
    )
