"""What terms take off a basket. Expected values are worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_ppx.rewards.pricing import Obstacle, price, split
from django_ppx.rewards.terms import CurrencyTerms, FrozenTerms
from django_ppx.shop.types import Basket, BasketLine


def percent(share: str, **others: object) -> FrozenTerms:
    return FrozenTerms(type="percent", percent=Decimal(share), **others)  # type: ignore[arg-type]


def amount(**minor: int) -> FrozenTerms:
    rows = tuple(CurrencyTerms(currency=name, amount=value) for name, value in minor.items())
    return FrozenTerms(type="amount", amounts=rows)


def basket(total: str, currency: str = "EUR", shipping: str = "0", lines: tuple = ()) -> Basket:
    return Basket(
        currency=currency, total=Decimal(total), shipping=Decimal(shipping), lines=tuple(lines)
    )


def line(total: str, sku: str = "", category_path: str = "") -> BasketLine:
    return BasketLine(total=Decimal(total), sku=sku, category_path=category_path)


@pytest.mark.parametrize(
    ("share", "total", "currency", "discount"),
    [
        ("10", "50.00", "EUR", "5.00"),
        ("10", "45.05", "EUR", "4.51"),  # 4.505, half up
        ("10", "45.04", "EUR", "4.50"),
        ("12.5", "0.04", "EUR", "0.01"),  # 0.005, half up
        ("33.33", "100", "JPY", "33"),
        ("15", "1230", "JPY", "185"),  # 184.5, half up
        ("10", "1.005", "KWD", "0.101"),  # three decimals: 0.1005
        ("100", "50.00", "EUR", "50.00"),
    ],
)
def test_percent_is_rounded_half_up_in_the_currencys_minor_unit(
    share: str, total: str, currency: str, discount: str
) -> None:
    pricing = price(percent(share), basket(total, currency))

    assert str(pricing.discount.amount) == discount
    assert pricing.obstacle is None


def test_percent_leaves_the_shipping_alone() -> None:
    pricing = price(percent("10"), basket("50", shipping="4.90"))

    assert pricing.total_discount.amount == Decimal("5.00")
    assert pricing.shipping_discount.amount == 0


def test_an_amount_is_taken_off() -> None:
    assert price(amount(EUR=750), basket("50")).discount.amount == Decimal("7.50")


def test_an_amount_never_exceeds_the_goods() -> None:
    assert price(amount(EUR=5000), basket("12.30")).discount.amount == Decimal("12.30")


def test_an_amount_is_not_converted_into_another_currency() -> None:
    pricing = price(amount(EUR=750, CHF=800), basket("50", "USD"))

    assert pricing.obstacle is Obstacle.WRONG_CURRENCY
    assert pricing.total_discount.amount == 0


def test_percent_with_money_terms_in_another_currency_only_is_refused() -> None:
    terms = percent("10", amounts=(CurrencyTerms(currency="EUR", minimum_total=5000),))

    assert price(terms, basket("80", "USD")).obstacle is Obstacle.WRONG_CURRENCY


def test_percent_without_money_terms_knows_every_currency() -> None:
    assert price(percent("10"), basket("80", "USD")).discount.amount == Decimal("8.00")


@pytest.mark.parametrize(("total", "is_met"), [("49.99", False), ("50.00", True), ("50.01", True)])
def test_the_minimum_is_met_at_the_very_amount(total: str, is_met: bool) -> None:
    terms = percent("10", amounts=(CurrencyTerms(currency="EUR", minimum_total=5000),))

    pricing = price(terms, basket(total))

    assert (pricing.obstacle is None) is is_met
    assert pricing.minimum is None or pricing.minimum.amount == Decimal("50.00")


def test_the_discount_stops_at_its_maximum() -> None:
    terms = percent("50", amounts=(CurrencyTerms(currency="EUR", maximum_discount=2000),))

    assert price(terms, basket("39.98")).discount.amount == Decimal("19.99")
    assert price(terms, basket("400")).discount.amount == Decimal("20.00")


def test_free_shipping_takes_off_the_shipping_and_nothing_else() -> None:
    pricing = price(FrozenTerms(type="free_shipping"), basket("50", shipping="4.90"))

    assert pricing.shipping_discount.amount == Decimal("4.90")
    assert pricing.discount.amount == 0


def test_free_shipping_where_shipping_costs_nothing_has_nothing_to_take_off() -> None:
    pricing = price(FrozenTerms(type="free_shipping"), basket("50"))

    assert pricing.obstacle is Obstacle.NOTHING_TO_DISCOUNT


@pytest.mark.parametrize("kind", ["gift", "points"])
def test_gifts_and_points_take_nothing_off(kind: str) -> None:
    pricing = price(FrozenTerms(type=kind, gift="Mug", points=100), basket("50", shipping="5"))

    assert pricing.total_discount.amount == 0
    assert pricing.obstacle is Obstacle.NOTHING_TO_DISCOUNT


@pytest.mark.parametrize(
    ("path", "is_match"),
    [
        ("Kitchen/Bowls", True),
        ("Kitchen/Bowls/Deep", True),
        ("kitchen / bowls", True),
        ("Kitchen", False),
        ("Kitchen/Bowlsandmore", False),
        ("Garden/Kitchen/Bowls", False),
        ("", False),
    ],
)
def test_a_category_holds_what_is_below_it_by_whole_segments(path: str, is_match: bool) -> None:
    terms = percent("10", categories=("Kitchen/Bowls",))

    pricing = price(terms, basket("30", lines=(line("30", category_path=path),)))

    assert (pricing.obstacle is None) is is_match


def test_only_matching_lines_are_discounted() -> None:
    terms = percent("10", skus=("MUG",), categories=("Bowls",))
    lines = (
        line("10.00", sku="MUG"),
        line("20.00", sku="PLATE"),
        line("5.50", category_path="Bowls"),
    )

    pricing = price(terms, basket("35.50", lines=lines))

    assert pricing.discount.amount == Decimal("1.55")
    assert [str(share.amount) for share in pricing.line_discounts] == ["1.00", "0.00", "0.55"]


def test_a_line_without_sku_matches_no_product() -> None:
    terms = percent("10", skus=("", "MUG"))

    pricing = price(terms, basket("10", lines=(line("10", sku=""),)))

    assert pricing.obstacle is Obstacle.NO_MATCHING_PRODUCTS


def test_a_scoped_discount_never_exceeds_a_basket_that_costs_less_than_its_lines() -> None:
    terms = percent("100", skus=("MUG",))

    pricing = price(terms, basket("8", lines=(line("10", sku="MUG"),)))

    assert pricing.discount.amount == Decimal("8.00")


def test_a_basket_below_zero_is_worth_nothing() -> None:
    pricing = price(percent("10"), basket("-5", shipping="-1"))

    assert pricing.obstacle is Obstacle.NOTHING_TO_DISCOUNT
    assert pricing.total_discount.amount == 0


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        (100, [300, 300, 300], (34, 33, 33)),
        (10, [100, 200], (3, 7)),
        (1, [1, 1, 1], (1, 0, 0)),
        (100, [1, 1, 1], (1, 1, 1)),
        (5, [0, 10], (0, 5)),
        (0, [3, 4], (0, 0)),
        (7, [], ()),
    ],
)
def test_shares_go_to_the_largest_remainders(
    total: int, weights: list[int], shares: tuple[int, ...]
) -> None:
    assert split(total, weights) == shares


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**7), max_size=30))
def test_shares_add_up_and_none_exceeds_its_line(total: int, weights: list[int]) -> None:
    shares = split(total, weights)

    assert sum(shares) == min(total, sum(weights))
    assert all(0 <= share <= weight for share, weight in zip(shares, weights, strict=True))


money = st.decimals(-1_000, 100_000, places=4)
limits = st.none() | st.integers(0, 10**7)


@st.composite
def any_terms(draw: st.DrawFn) -> FrozenTerms:
    return FrozenTerms(
        type=draw(st.sampled_from(["percent", "amount", "free_shipping", "gift", "points"])),
        percent=draw(st.none() | st.decimals(0, 500, places=2)),
        amounts=tuple(
            CurrencyTerms(
                currency=currency,
                amount=draw(limits),
                minimum_total=draw(limits),
                maximum_discount=draw(limits),
            )
            for currency in draw(st.sets(st.sampled_from(["EUR", "JPY", "KWD"])))
        ),
        skus=tuple(draw(st.sets(st.sampled_from(["A", "B"])))),
        categories=tuple(draw(st.sets(st.sampled_from(["K", "K/B", "/"])))),
    )


@st.composite
def any_basket(draw: st.DrawFn) -> Basket:
    lines = st.builds(
        BasketLine,
        total=money,
        sku=st.sampled_from(["", "A", "C"]),
        category_path=st.sampled_from(["", "K", "K/B/X", "Z"]),
    )
    return Basket(
        currency=draw(st.sampled_from(["EUR", "JPY", "KWD"])),
        total=draw(money),
        shipping=draw(money),
        lines=tuple(draw(st.lists(lines, max_size=5))),
    )


@given(any_terms(), any_basket())
def test_the_discount_lies_within_zero_and_the_total_whatever_the_terms(
    terms: FrozenTerms, priced: Basket
) -> None:
    pricing = price(terms, priced)

    cent = Decimal("0.5")  # of rounding to the minor unit; JPY has the largest
    assert 0 <= pricing.discount.amount <= max(priced.total, Decimal(0)) + cent
    assert 0 <= pricing.shipping_discount.amount <= max(priced.shipping, Decimal(0)) + cent
    assert len(pricing.line_discounts) == len(priced.lines)
    assert sum(share.minor for share in pricing.line_discounts) <= pricing.discount.minor
    assert (pricing.obstacle is None) == (pricing.total_discount.minor > 0)


@given(any_terms(), any_basket())
def test_terms_price_the_same_after_they_were_stored(terms: FrozenTerms, priced: Basket) -> None:
    assert price(FrozenTerms.from_json(terms.as_json()), priced) == price(terms, priced)
