"""What time alone makes happen."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from django_ppx.core.models import Purchase
from django_ppx.rewards import due
from django_ppx.rewards.batching import BatchRequest
from django_ppx.rewards.due import run_due
from django_ppx.rewards.generating import start_batch
from django_ppx.rewards.models import (
    CodeBatch,
    CodeRedemption,
    DiscountCode,
    FailedAttempt,
    Reward,
)
from django_ppx.rewards.redeeming import as_basket, redeem_code, reserve_code
from django_ppx.rewards.refusals import RedemptionRefused
from django_ppx.signals import reward_issued
from django_ppx.testing import FakeShop, make_benefit, make_code, make_order, make_purchase
from django_ppx.testing import make_reward as make

pytestmark = pytest.mark.django_db


def done(work: due.DueWork) -> dict[str, int]:
    return {name: count for name, count in asdict(work).items() if count}


def kinds(reward: Reward) -> list[str]:
    return [entry.kind for entry in reward.entries.order_by("number")]


def test_nothing_due_is_nothing_done(now) -> None:
    make(now=now)

    assert done(run_due(now=now)) == {}


def test_a_promised_reward_becomes_usable_when_its_days_have_passed(
    now, django_capture_on_commit_callbacks
) -> None:
    heard = []

    def hear(sender, reward, **kwargs):
        heard.append(reward.pk)

    reward_issued.connect(hear, weak=False)
    reward = make(make_benefit(vesting_days=14), now=now)
    early = reward.vests_at - timedelta(microseconds=1)

    assert done(run_due(now=early)) == {}
    with django_capture_on_commit_callbacks(execute=True):
        assert done(run_due(now=reward.vests_at)) == {"vested": 1}
        assert done(run_due(now=reward.vests_at)) == {}

    reward_issued.disconnect(hear)
    reward.refresh_from_db()
    assert (reward.status, reward.due_at, kinds(reward)) == (
        "issued",
        reward.expires_at,
        ["vested", "issued"],
    )
    assert heard == [reward.pk]


def test_a_code_is_refused_before_its_days_have_passed(now) -> None:
    reward = make(make_benefit(vesting_days=14), now=now)

    with pytest.raises(RedemptionRefused) as refused:
        redeem_code(code=reward.code.code, order=make_order(), now=now)

    assert refused.value.reason == "not_yet"
    assert CodeRedemption.objects.count() == 0


def test_a_code_works_on_its_day_although_cron_is_late(now) -> None:
    reward = make(make_benefit(vesting_days=14), now=now)

    redeem_code(code=reward.code.code, order=make_order(), now=reward.vests_at)

    reward.refresh_from_db()
    assert (reward.status, kinds(reward)) == ("redeemed", ["vested", "issued", "redeemed"])


def test_what_nobody_used_in_time_expires(now) -> None:
    reward = make(now=now)

    assert done(run_due(now=reward.expires_at)) == {"expired_rewards": 1}

    reward.refresh_from_db()
    assert (reward.status, reward.due_at, kinds(reward)) == ("expired", None, ["expired"])
    assert DiscountCode.objects.get().status == "expired"


def test_an_expired_code_stays_expired_when_the_clock_steps_back(now) -> None:
    code = make_code(expires_at=now)
    assert done(run_due(now=now)) == {"expired_codes": 1}

    with pytest.raises(RedemptionRefused) as refused:
        redeem_code(code=code.code, order=make_order(), now=now - timedelta(hours=1))

    assert refused.value.reason == "expired"


def test_a_refusal_marks_the_code_too(now) -> None:
    code = make_code(expires_at=now)
    with pytest.raises(RedemptionRefused):
        redeem_code(code=code.code, order=make_order(), now=now)

    with pytest.raises(RedemptionRefused) as refused:
        redeem_code(code=code.code, order=make_order(), now=now - timedelta(hours=1))

    assert refused.value.reason == "expired"


def test_a_reserved_code_expires_only_when_its_reservation_is_over(now) -> None:
    reward, order = make(now=now), make_order()
    last_minute = reward.expires_at - timedelta(minutes=1)
    reserve_code(
        code=reward.code.code,
        order_ref=order.number,
        basket=as_basket(order),
        now=last_minute,
        ttl_seconds=3600,
    )

    assert "expired_rewards" not in done(run_due(now=reward.expires_at))
    work = run_due(now=reward.expires_at + timedelta(hours=2))

    assert (work.released, work.expired_rewards) == (1, 1)
    reward.refresh_from_db()
    assert (reward.status, kinds(reward)) == ("expired", ["expired"])


def test_reservations_that_ran_out_are_given_back(now) -> None:
    code, order = make_code(), make_order()
    reserve_code(
        code=code.code, order_ref=order.number, basket=as_basket(order), now=now, ttl_seconds=60
    )

    assert done(run_due(now=now + timedelta(seconds=59))) == {}
    assert done(run_due(now=now + timedelta(seconds=60))) == {"released": 1}

    code.refresh_from_db()
    assert code.times_used == 0


def test_what_an_order_earned_while_it_was_cancelled_is_taken_back(now) -> None:
    purchase = make_purchase()
    reward = make(customer=purchase.customer, purchase_id=purchase.pk, now=now)
    Purchase.objects.update(status="cancelled", cancelled_at=now)

    assert done(run_due(now=now)) == {"taken_back": 1}
    assert done(run_due(now=now)) == {}

    reward.refresh_from_db()
    assert (reward.status, kinds(reward)) == ("reversed", ["reversed"])


def test_a_fault_in_one_row_leaves_the_others_their_turn(now, monkeypatch, caplog) -> None:
    broken, well = (make(make_benefit(vesting_days=1), now=now) for _reward in range(2))
    vest = due.vest

    def break_on_one(*, reward_id: int, now: Any) -> bool:
        if reward_id == broken.pk:
            raise RuntimeError("broken")
        return vest(reward_id=reward_id, now=now)

    monkeypatch.setattr(due, "vest", break_on_one)

    work = run_due(now=broken.vests_at)

    assert done(work) == {"vested": 1, "failed": 1}
    well.refresh_from_db()
    assert well.status == "issued"
    assert len(caplog.records) == 1
    monkeypatch.undo()
    assert done(run_due(now=broken.vests_at)) == {"vested": 1}


@pytest.mark.parametrize("limit", [1, 2])
def test_a_run_does_no_more_than_its_limit(now, limit) -> None:
    for _code in range(3):
        make_code(expires_at=now)

    assert run_due(now=now, limit=limit).expired_codes == limit


def test_a_batch_that_nobody_watches_is_finished(now) -> None:
    benefit = make_benefit()
    batch = start_batch(request=BatchRequest(benefit_id=benefit.pk, name="Fair"), count=3, now=now)

    assert done(run_due(now=now)) == {"codes_made": 3}

    batch.refresh_from_db()
    assert (batch.made, batch.status) == (3, "done")


def test_old_failed_attempts_are_forgotten(now) -> None:
    FailedAttempt.objects.create(at=now - timedelta(days=91), reason="unknown")
    FailedAttempt.objects.create(at=now - timedelta(days=89), reason="unknown")

    assert done(run_due(now=now)) == {"attempts_forgotten": 1}

    assert FailedAttempt.objects.count() == 1


def test_the_command_says_what_it_did(now) -> None:
    make_code(expires_at=now)
    out = StringIO()

    call_command("ppx_run_due", stdout=out)
    call_command("ppx_run_due", stdout=out)

    assert out.getvalue() == "1 expired codes\nNothing is due.\n"


def test_the_command_goes_on_until_all_is_done(now) -> None:
    for _code in range(3):
        make_code(expires_at=now)
    out = StringIO()

    call_command("ppx_run_due", "--limit", "2", "--until-done", stdout=out)

    assert DiscountCode.objects.filter(status="expired").count() == 3
    assert out.getvalue().splitlines()[-1] == "Nothing is due."


def test_the_command_fails_when_something_failed(now, monkeypatch) -> None:
    reward = make(make_benefit(vesting_days=1), now=now)

    def fail(**kwargs: Any) -> bool:
        raise RuntimeError("broken")

    monkeypatch.setattr(due, "vest", fail)

    with pytest.raises(CommandError, match="log of django_ppx"):
        call_command("ppx_run_due", stdout=StringIO())

    reward.refresh_from_db()
    assert reward.status == "promised"
    assert FakeShop.fault is None


def test_the_command_refuses_a_limit_of_nothing() -> None:
    with pytest.raises(CommandError, match="1 or more"):
        call_command("ppx_run_due", "--limit", "0")


def test_a_batch_that_can_not_go_on_leaves_the_others_their_turn(now, caplog) -> None:
    broken, well = (
        start_batch(request=BatchRequest(benefit_id=make_benefit().pk, name=name), count=2, now=now)
        for name in ("Broken", "Well")
    )
    CodeBatch.objects.filter(pk=broken.pk).update(terms={})

    assert run_due(now=now).codes_made == 2

    well.refresh_from_db()
    broken.refresh_from_db()
    assert (well.status, broken.made) == ("done", 0)
    assert len(caplog.records) == 1
    start_batch(request=BatchRequest(benefit_id=well.benefit_id, name="Another"), count=1, now=now)
