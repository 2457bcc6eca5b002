"""Rewards are granted once per reason and customer, many in two statements, and discounts come with their code."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from django_ppx.rewards import granting
from django_ppx.rewards.granting import RewardRequest, code_of, grant_rewards
from django_ppx.rewards.models import DiscountCode, Reward
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.signals import code_issued, reward_granted, reward_issued
from django_ppx.testing import make_benefit, make_code, make_customer, make_purchase
from tests.racing import run_together

TEN = FrozenTerms(type="percent", percent=Decimal(10), valid_days=30, max_uses=2, code_prefix="THX")


def request_for(
    key: str, benefit_id: int, customer_id: int, terms: FrozenTerms = TEN, **overrides: Any
) -> RewardRequest:
    return RewardRequest(
        reason_key=key,
        reason_type=Reward.ReasonType.OFFER,
        benefit_id=benefit_id,
        terms=terms,
        customer_id=customer_id,
        reason="Thank you",
        **overrides,
    )


@pytest.fixture
def ask(db) -> Any:
    benefit_id, customer_id = make_benefit().pk, make_customer().pk
    return lambda key, *args, **kwargs: request_for(key, benefit_id, customer_id, *args, **kwargs)


@pytest.fixture
def sent(db) -> Iterator[list[tuple[str, str]]]:
    """What was announced: the signal and the reason key."""
    heard: list[tuple[str, str]] = []

    def granted(sender, reward, **kwargs):
        heard.append(("granted", reward.reason_key))

    def issued(sender, reward, **kwargs):
        heard.append(("issued", reward.reason_key))

    def coded(sender, code, **kwargs):
        heard.append(("code", code.reward.reason_key))

    pairs = [(reward_granted, granted), (reward_issued, issued), (code_issued, coded)]
    for signal, receiver in pairs:
        signal.connect(receiver, weak=False)
    yield heard
    for signal, receiver in pairs:
        signal.disconnect(receiver)


def test_a_discount_is_given_with_its_code(ask, now) -> None:
    purchase = make_purchase()

    [reward] = grant_rewards(requests=[ask("a", purchase_id=purchase.pk)], now=now)

    stored, code = Reward.objects.get(), DiscountCode.objects.get()
    assert (stored, code_of(reward)) == (reward, code)
    assert (stored.opened_as, stored.status, stored.granted_at) == ("issued", "issued", now)
    assert (stored.kept_ppm, stored.entry_count, stored.flag) == (1_000_000, 0, "")
    assert stored.due_at == stored.expires_at == code.expires_at
    assert (stored.purchase, code.purchase, code.customer) == (purchase, purchase, stored.customer)
    assert code.code.startswith("THX")
    assert len(code.code) == 15
    assert (code.max_uses, code.times_used, code.status) == (2, 0, "issued")
    assert (code.reason, code.issued_at, code.starts_at) == ("Thank you", now, None)
    assert FrozenTerms.from_json(code.terms) == FrozenTerms.from_json(stored.terms) == TEN


@pytest.mark.parametrize("length", [8, 12, 32])
def test_the_length_is_a_setting(ask, now, settings, length) -> None:
    settings.PPX_CODE_LENGTH = length

    [reward] = grant_rewards(requests=[ask("a")], now=now)

    assert len(reward.code.code) == 3 + length


def test_a_pattern_says_how_a_code_looks(ask, now) -> None:
    terms = FrozenTerms(type="free_shipping", code_pattern="SHIP-####-####-X")

    [reward] = grant_rewards(requests=[ask("a", terms)], now=now)

    assert (reward.code.code[:4], reward.code.code[12:]) == ("SHIP", "X")
    assert len(reward.code.code) == 13


@pytest.mark.parametrize("count", [1, 20])
def test_any_number_of_rewards_is_two_statements(
    ask, now, count, django_assert_num_queries
) -> None:
    requests = [ask(f"key-{number}") for number in range(count)]

    with django_assert_num_queries(4):  # the savepoint's two and the two inserts
        rewards = grant_rewards(requests=requests, now=now)

    assert [reward.reason_key for reward in rewards] == [f"key-{n}" for n in range(count)]
    assert len({reward.code.code for reward in rewards}) == count


def test_no_request_is_no_statement(db, now) -> None:
    assert grant_rewards(requests=[], now=now) == []


def test_the_same_reason_gives_the_same_reward(
    ask, now, sent, django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        [first] = grant_rewards(requests=[ask("a")], now=now)
        again = grant_rewards(requests=[ask("a"), ask("b")], now=now)

    assert [again[0].pk, again[0].code.code] == [first.pk, first.code.code]
    assert Reward.objects.count() == DiscountCode.objects.count() == 2
    assert sorted(sent) == [
        ("code", "a"),
        ("code", "b"),
        ("granted", "a"),
        ("granted", "b"),
        ("issued", "a"),
        ("issued", "b"),
    ]


def test_the_same_reason_is_another_reward_for_another_customer(ask, now) -> None:
    benefit_id = make_benefit().pk
    other = request_for("a", benefit_id, make_customer().pk)

    rewards = grant_rewards(requests=[ask("a"), other], now=now)

    assert len({reward.pk for reward in rewards}) == 2
    assert Reward.objects.count() == 2


def test_a_reason_named_twice_in_one_call_is_one_reward(ask, now) -> None:
    rewards = grant_rewards(requests=[ask("a")] * 2, now=now)

    assert [reward.pk for reward in rewards] == [rewards[0].pk] * 2
    assert Reward.objects.count() == 1


def test_a_code_that_exists_already_is_drawn_anew(ask, now, monkeypatch) -> None:
    [taken] = grant_rewards(requests=[ask("old")], now=now)
    drawn = [[taken.code.code], [taken.code.code], ["THXNEWNEWNEWNEW"]]
    monkeypatch.setattr(granting, "draw_codes", lambda count, **kwargs: drawn.pop(0))

    [reward] = grant_rewards(requests=[ask("new")], now=now)

    assert reward.code.code == "THXNEWNEWNEWNEW"
    assert drawn == []


@pytest.mark.parametrize(
    "terms",
    [
        FrozenTerms(type="gift", gift="Mug", valid_days=30),
        FrozenTerms(type="points", points=10, valid_days=30),
    ],
)
def test_gifts_and_points_have_no_code_and_do_not_expire(ask, now, terms) -> None:
    [reward] = grant_rewards(requests=[ask("a", terms)], now=now)

    assert DiscountCode.objects.count() == 0
    assert code_of(reward) is None
    assert (reward.status, reward.expires_at) == ("issued", None)


def test_points_are_due_at_once_and_a_gift_waits_for_staff(ask, now) -> None:
    points, gift = (
        ask("points", FrozenTerms(type="points", points=10)),
        ask("gift", FrozenTerms(type="gift", gift="Mug")),
    )

    rewards = grant_rewards(requests=[points, gift], now=now)

    assert [reward.due_at for reward in rewards] == [now, None]


def test_what_waits_for_the_return_window_is_promised(
    ask, now, settings, sent, django_capture_on_commit_callbacks
) -> None:
    settings.PPX_TIME_ZONE = "Europe/Berlin"
    terms = FrozenTerms(type="percent", percent=Decimal(10), valid_days=30, vesting_days=14)

    with django_capture_on_commit_callbacks(execute=True):
        [reward] = grant_rewards(requests=[ask("a", terms)], now=now)

    # Granted on 10 March: usable from the first instant of 25 March, and for 30 days after that one.
    begins = datetime(2026, 3, 24, 23, tzinfo=UTC)
    assert (reward.opened_as, reward.status) == ("promised", "promised")
    assert reward.vests_at == reward.due_at == reward.code.starts_at == begins
    assert reward.expires_at == reward.code.expires_at == datetime(2026, 4, 24, 22, tzinfo=UTC)
    assert sorted(sent) == [("code", "a"), ("granted", "a")]


def pool_benefit() -> Any:
    return make_benefit(code_source="pool")


def test_a_pool_gives_each_reward_one_of_its_codes(db, now) -> None:
    benefit, customer = pool_benefit(), make_customer()
    pooled = {make_code(benefit, status="pooled").code for _code in range(3)}
    terms = FrozenTerms.of(benefit)

    rewards = grant_rewards(
        requests=[request_for(f"k{n}", benefit.pk, customer.pk, terms) for n in range(3)], now=now
    )

    assert {reward.code.code for reward in rewards} == pooled
    assert {(code.status, code.customer_id) for code in DiscountCode.objects.all()} == {
        ("issued", customer.pk)
    }


def test_an_empty_pool_gives_no_reward_at_all(
    db, now, sent, django_capture_on_commit_callbacks
) -> None:
    benefit, customer = pool_benefit(), make_customer()
    make_code(benefit, status="pooled")
    terms = FrozenTerms.of(benefit)
    requests = [request_for(f"k{n}", benefit.pk, customer.pk, terms) for n in range(2)]

    with django_capture_on_commit_callbacks(execute=True):
        rewards = grant_rewards(requests=requests, now=now)

    assert [reward.reason_key for reward in rewards] == ["k0"]
    assert Reward.objects.count() == 1
    assert ("granted", "k1") not in sent


def test_a_pool_code_ends_when_it_came_with_an_earlier_end(db, now) -> None:
    benefit, customer = pool_benefit(), make_customer()
    early = datetime(2026, 3, 20, tzinfo=UTC)
    make_code(benefit, status="pooled", expires_at=early)

    [reward] = grant_rewards(
        requests=[request_for("a", benefit.pk, customer.pk, FrozenTerms.of(benefit))], now=now
    )

    assert reward.expires_at == reward.code.expires_at == early


def test_an_expired_pool_code_is_never_given(db, now) -> None:
    benefit, customer = pool_benefit(), make_customer()
    make_code(benefit, status="pooled", expires_at=now)

    assert (
        grant_rewards(
            requests=[request_for("a", benefit.pk, customer.pk, FrozenTerms.of(benefit))], now=now
        )
        == []
    )


@pytest.mark.parametrize(
    ("granted_at", "zone", "expires_at"),
    [
        # Granted on 1 March, whatever the hour: the first instant of 1 April, in summer time by then.
        (
            datetime(2026, 3, 1, 0, 0, tzinfo=UTC),
            "Europe/Berlin",
            datetime(2026, 3, 31, 22, tzinfo=UTC),
        ),
        (
            datetime(2026, 3, 1, 22, 59, tzinfo=UTC),
            "Europe/Berlin",
            datetime(2026, 3, 31, 22, tzinfo=UTC),
        ),
        # A minute later it is 2 March in Berlin.
        (
            datetime(2026, 3, 1, 23, 0, tzinfo=UTC),
            "Europe/Berlin",
            datetime(2026, 4, 1, 22, tzinfo=UTC),
        ),
        # On 6 September 2026 there is no midnight in Santiago: the day begins at one o'clock.
        (
            datetime(2026, 8, 6, 12, tzinfo=UTC),
            "America/Santiago",
            datetime(2026, 9, 6, 4, tzinfo=UTC),
        ),
    ],
)
def test_valid_days_are_local_calendar_days(ask, settings, granted_at, zone, expires_at) -> None:
    settings.PPX_TIME_ZONE = zone

    [reward] = grant_rewards(requests=[ask("a")], now=granted_at)

    assert reward.code.expires_at == expires_at


def test_without_days_a_code_never_expires(ask, now) -> None:
    terms = FrozenTerms(type="percent", percent=Decimal(10))

    [reward] = grant_rewards(requests=[ask("a", terms)], now=now)

    assert reward.code.expires_at is None


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_one_reason_asked_by_eight_workers_is_one_reward(now) -> None:
    benefit_id, customer_id = make_benefit().pk, make_customer().pk

    codes = run_together(
        lambda number: (
            grant_rewards(requests=[request_for("a", benefit_id, customer_id)], now=now)[
                0
            ].code.code
        )
    )

    assert len(set(codes)) == 1
    assert Reward.objects.count() == DiscountCode.objects.count() == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_eight_workers_take_eight_codes_of_a_pool(now) -> None:
    benefit, customer_id = pool_benefit(), make_customer().pk
    pooled = {make_code(benefit, status="pooled").code for _code in range(8)}
    terms = FrozenTerms.of(benefit)

    codes = run_together(
        lambda number: (
            grant_rewards(
                requests=[request_for(f"k{number}", benefit.pk, customer_id, terms)], now=now
            )[0].code.code
        )
    )

    assert set(codes) == pooled
