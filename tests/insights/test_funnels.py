"""What counts as shown, clicked, claimed and redeemed, and whose windows are over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from django_ppx.core.customers import merge_customers
from django_ppx.insights.funnel_reading import read_funnel
from django_ppx.insights.funnels import Funnel, FunnelPeriod, Rate, Step, steps_of
from django_ppx.offers.kinds import load_kinds
from django_ppx.offers.models import Offer
from django_ppx.testing import make_customer, make_offer, make_ugc_offer, make_variant
from tests.insights.funnel_rows import MARCH, act, at, give_code, make_discount, show, use

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def utc(settings: Any) -> None:
    settings.PPX_TIME_ZONE = "UTC"


def counts(offer: Offer, period: FunnelPeriod = MARCH) -> dict[str, int]:
    """Return how many customers took each step so far."""
    return {
        step.step.value: step.customers
        for step in read_funnel(offer=offer, period=period).total.steps
    }


def rates(funnel: Funnel) -> dict[str, tuple[int, int]]:
    return {
        step.step.value: (step.of_shown.successes, step.of_shown.customers)
        for step in funnel.steps
        if step.of_shown is not None
    }


def test_each_customer_counts_once_however_many_orders_and_pages() -> None:
    offer = make_discount()
    customer = make_customer()
    first = show(offer, at(3, 2), customer)
    show(offer, at(3, 3), purchase=first.purchase, placement="order_status")
    second = show(offer, at(3, 9), customer)
    show(offer, at(3, 9))
    act(first, "click", at(3, 2))
    act(second, "click", at(3, 9))

    assert counts(offer) == {"shown": 2, "clicked": 1, "claimed": 0, "redeemed": 0}


def test_a_guest_who_joined_an_account_counts_once() -> None:
    offer = make_discount()
    guest, account = make_customer(), make_customer(account_id="7")
    act(show(offer, at(3, 2), guest), "copy", at(3, 2))
    act(show(offer, at(3, 4), account), "click", at(3, 4))

    merge_customers(guest=guest, into=account)

    assert counts(offer) == {"shown": 1, "clicked": 1, "claimed": 1, "redeemed": 0}


def test_test_orders_are_left_out_as_page_and_as_use() -> None:
    offer = make_discount()
    act(show(offer, at(3, 2), is_test=True), "copy", at(3, 2))
    use(show(offer, at(3, 3)), at(3, 5), is_test=True)

    funnel = read_funnel(offer=offer, period=MARCH)

    assert counts(offer) == {"shown": 1, "clicked": 0, "claimed": 0, "redeemed": 0}
    assert [day.customers[Step.SHOWN] for day in funnel.days[:3]] == [0, 0, 1]


@pytest.mark.parametrize(("bot_score", "clicked"), [(49, 1), (50, 0)])
def test_machines_are_left_out(bot_score: int, clicked: int) -> None:
    offer = make_discount()
    shown = show(offer, at(3, 2))
    act(shown, "copy", at(3, 2), bot_score=bot_score)

    assert counts(offer) == {"shown": 1, "clicked": clicked, "claimed": clicked, "redeemed": 0}


@pytest.mark.parametrize(
    ("name", "clicked", "claimed"),
    [
        ("impression", 0, 0),
        ("dismiss", 0, 0),
        ("click", 1, 0),
        ("copy", 1, 1),
        ("share", 1, 1),
        ("submit", 1, 1),
    ],
)
def test_what_a_customer_does_is_a_click_a_claim_or_neither(
    name: str, clicked: int, claimed: int
) -> None:
    offer = make_discount()
    act(show(offer, at(3, 2)), name, at(3, 2))

    assert counts(offer) == {"shown": 1, "clicked": clicked, "claimed": claimed, "redeemed": 0}


def test_what_was_done_elsewhere_is_claimed_without_a_click() -> None:
    offer = make_ugc_offer()
    show(offer, at(3, 2), done_at=at(3, 9))
    show(offer, at(3, 2), done_at=at(3, 10))

    assert counts(offer) == {"shown": 2, "clicked": 0, "claimed": 1}


def test_a_click_counts_to_the_last_instant_of_the_seventh_day_after() -> None:
    offer = make_discount()
    act(show(offer, at(3, 2, 0, 0)), "copy", at(3, 9, 23, 59))
    act(show(offer, at(3, 2, 23, 59)), "copy", at(3, 10, 0, 0))

    assert counts(offer) == {"shown": 2, "clicked": 1, "claimed": 1, "redeemed": 0}


def test_the_last_day_of_the_period_has_its_seven_days_too() -> None:
    offer = make_discount()
    act(show(offer, at(3, 31)), "copy", at(4, 7, 23, 59))
    act(show(offer, at(3, 31)), "copy", at(4, 8, 0, 0))

    assert counts(offer) == {"shown": 2, "clicked": 1, "claimed": 1, "redeemed": 0}


def test_a_late_first_click_does_not_hide_behind_a_claim_in_time() -> None:
    offer = make_discount()
    shown = show(offer, at(3, 2))
    act(shown, "click", at(3, 2))
    act(shown, "copy", at(3, 20))

    assert counts(offer) == {"shown": 1, "clicked": 1, "claimed": 0, "redeemed": 0}


def test_a_code_counts_if_an_order_used_it_within_the_days_chosen() -> None:
    offer = make_discount()
    use(show(offer, at(3, 2)), at(4, 1, 23, 59))
    use(show(offer, at(3, 2)), at(4, 2, 0, 0))

    assert counts(offer)["redeemed"] == 1
    assert counts(offer, replace(MARCH, redeem_days=60))["redeemed"] == 2


def test_uses_given_back_or_reserved_are_not_redeemed() -> None:
    offer = make_discount()
    use(show(offer, at(3, 2)), at(3, 5), status="released")
    use(show(offer, at(3, 2)), at(3, 5), status="reserved")
    shown = show(offer, at(3, 2))
    give_code(shown, max_uses=2)
    use(shown, at(3, 5), status="released")
    use(shown, at(3, 6))

    assert counts(offer)["redeemed"] == 1


def test_the_same_code_on_two_pages_is_redeemed_once() -> None:
    offer = make_discount()
    shown = show(offer, at(3, 2))
    give_code(shown)
    show(offer, at(3, 3), purchase=shown.purchase, code=shown.code, placement="order_status")
    use(shown, at(3, 5))

    funnel = read_funnel(offer=offer, period=MARCH).total

    assert (funnel.steps[-1].customers, funnel.orders) == (1, 1)


def test_other_offers_and_other_days_are_left_out() -> None:
    offer = make_discount()
    for when in (at(2, 28, 23, 59), at(4, 1, 0, 0)):
        shown = show(offer, when)
        act(shown, "copy", when)
        use(shown, when)
    act(show(make_discount(), at(3, 2)), "copy", at(3, 2))
    show(offer, at(3, 1, 0, 0))
    show(offer, at(3, 31, 23, 59))

    assert counts(offer) == {"shown": 2, "clicked": 0, "claimed": 0, "redeemed": 0}


def test_customers_whose_windows_are_open_are_counted_and_not_in_the_rates() -> None:
    offer = make_discount()
    period = replace(MARCH, as_of=date(2026, 3, 31))
    for when in (at(3, 1, 23, 59), at(3, 2, 0, 0), at(3, 24, 23, 59), at(3, 25, 0, 0)):
        shown = show(offer, when)
        act(shown, "copy", when)
        use(shown, when)

    total = read_funnel(offer=offer, period=period).total

    assert [step.customers for step in total.steps] == [4, 4, 4, 4]
    # 24 March + 7 days is the 31st; 1 March + 30 days is the 31st.
    assert rates(total) == {"clicked": (3, 3), "claimed": (3, 3), "redeemed": (1, 1)}
    assert [step.fresh for step in total.steps] == [0, 1, 1, 3]


def test_what_comes_after_the_last_complete_day_does_not_count_yet() -> None:
    offer = make_discount()
    shown = show(offer, at(3, 30))
    act(shown, "copy", at(4, 1, 0, 0))
    use(shown, at(4, 1, 0, 0))

    period = replace(MARCH, as_of=date(2026, 3, 31))

    assert counts(offer, period) == {"shown": 1, "clicked": 0, "claimed": 0, "redeemed": 0}


def test_a_customer_who_comes_back_is_in_the_rates_by_the_first_visit_alone() -> None:
    offer = make_discount()
    customer = make_customer()
    show(offer, at(3, 2), customer)
    act(show(offer, at(3, 30), customer), "copy", at(3, 30))

    total = read_funnel(offer=offer, period=replace(MARCH, as_of=date(2026, 3, 31))).total

    assert [step.customers for step in total.steps] == [1, 1, 1, 0]
    assert rates(total) == {"clicked": (0, 1), "claimed": (0, 1), "redeemed": (0, 0)}


def test_the_rate_of_the_step_before_counts_who_took_both() -> None:
    offer = make_discount()
    copied, clicked, typed = (show(offer, at(3, 2)) for _number in range(3))
    act(copied, "copy", at(3, 2))
    use(copied, at(3, 5))
    act(clicked, "click", at(3, 2))
    use(typed, at(3, 5))
    act(show(offer, at(3, 2)), "copy", at(3, 2))

    steps = read_funnel(offer=offer, period=MARCH).total.steps

    assert [step.of_before for step in steps] == [
        None,
        None,
        Rate(successes=2, customers=3),
        Rate(successes=1, customers=2),
    ]
    assert steps[3].of_shown == Rate(successes=2, customers=4)


def test_rates_carry_wilsons_interval() -> None:
    rate = Rate(successes=10, customers=100)

    assert rate.value == 0.1
    assert rate.interval is not None
    assert (round(rate.interval.low, 4), round(rate.interval.high, 4)) == (0.0552, 0.1744)
    assert Rate(successes=0, customers=0).value is None
    assert Rate(successes=0, customers=0).interval is None


@pytest.mark.parametrize(
    ("customers", "is_thin", "is_hidden"),
    [(4, True, True), (5, True, False), (29, True, False), (30, False, False)],
)
def test_rates_of_few_are_thin_and_of_fewer_hidden(
    customers: int, is_thin: bool, is_hidden: bool
) -> None:
    rate = Rate(successes=1, customers=customers)

    assert (rate.is_thin, rate.is_hidden) == (is_thin, is_hidden)


def test_a_kind_has_the_steps_that_it_can_have() -> None:
    found = {name: [*steps_of(kind)] for name, kind in load_kinds().items()}

    assert found == {
        "next_purchase_discount": ["shown", "clicked", "claimed", "redeemed"],
        "review_request": ["shown", "clicked"],
        "social_invite": ["shown", "clicked"],
        "share_prompt": ["shown", "clicked", "claimed"],
        "ugc_reward": ["shown", "clicked", "claimed"],
        "message": ["shown", "clicked"],
    }


def test_days_are_those_of_the_shops_time_zone(settings: Any) -> None:
    settings.PPX_TIME_ZONE = "Europe/Berlin"
    offer = make_discount()
    # 22:30 UTC on the 29th, the day of 23 hours, is 00:30 on the 30th in Berlin.
    act(show(offer, at(3, 29, 22, 30)), "copy", at(4, 6, 21, 59))
    act(show(offer, at(3, 29, 21, 30)), "copy", at(4, 5, 22, 0))
    show(offer, at(2, 28, 22, 59))
    show(offer, at(2, 28, 23, 0))

    funnel = read_funnel(offer=offer, period=MARCH)

    shown = {day.day.day: day.customers[Step.SHOWN] for day in funnel.days}
    assert {day: n for day, n in shown.items() if n} == {1: 1, 29: 1, 30: 1}
    # From the 29th, the 6th of April is the eighth day; from the 30th it is the seventh.
    assert [day.customers[Step.CLICKED] for day in funnel.days[28:30]] == [0, 1]


def test_a_customer_who_saw_it_on_two_days_counts_on_both() -> None:
    offer = make_discount()
    customer = make_customer()
    show(offer, at(3, 1), customer)
    shown = show(offer, at(3, 3), customer)
    act(shown, "click", at(3, 4))
    use(shown, at(3, 20))

    funnel = read_funnel(offer=offer, period=MARCH)

    assert len(funnel.days) == 31
    assert [tuple(day.customers.values()) for day in funnel.days[:4]] == [
        (1, 0, 0, 0),
        (0, 0, 0, 0),
        (1, 1, 0, 1),
        (0, 0, 0, 0),
    ]


def test_each_variant_has_a_funnel_of_its_own() -> None:
    offer = make_discount()
    second = make_variant(offer, label="B")
    make_variant(offer, label="C")
    both = make_customer()
    act(show(offer, at(3, 2), both), "click", at(3, 2))
    show(offer, at(3, 5), both, variant=second)
    use(show(offer, at(3, 5), variant=second), at(3, 6))

    funnel = read_funnel(offer=offer, period=MARCH)

    assert [step.customers for step in funnel.total.steps] == [2, 1, 0, 1]
    assert {
        variant.label: [step.customers for step in variant.funnel.steps]
        for variant in funnel.variants
    } == {"A": [1, 1, 0, 0], "B": [2, 0, 0, 1], "C": [0, 0, 0, 0]}
    assert rates(funnel.variants[1].funnel)["redeemed"] == (1, 2)


def test_one_variant_alone_is_not_told_apart() -> None:
    offer = make_offer()
    show(offer, at(3, 2))

    assert read_funnel(offer=offer, period=MARCH).variants == ()


def test_nothing_shown_is_no_rate_and_no_error() -> None:
    funnel = read_funnel(offer=make_discount(), period=MARCH)

    assert [step.customers for step in funnel.total.steps] == [0, 0, 0, 0]
    assert funnel.total.steps[1].of_shown == Rate(successes=0, customers=0)
    assert funnel.total.revenue == ()
    assert len(funnel.days) == 31


def test_many_days_variants_and_customers_take_no_more_queries(
    django_assert_max_num_queries: Any,
) -> None:
    offer = make_discount()
    for label in "BCDE":
        variant = make_variant(offer, label=label)
        for day in (2, 3, 4):
            shown = show(offer, at(3, day), variant=variant)
            act(shown, "copy", at(3, day))
            use(shown, at(3, day + 1))
    year = replace(MARCH, first=date(2025, 4, 1))

    with django_assert_max_num_queries(7):
        assert len(read_funnel(offer=offer, period=year).days) == 365
