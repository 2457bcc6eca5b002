"""Making many codes: exactly as many as ordered, whoever helps and whatever breaks off."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import F

from django_ppx.rewards import generating
from django_ppx.rewards.alphabet import ALPHABET
from django_ppx.rewards.batching import BatchRefused, BatchRequest, stop_batch
from django_ppx.rewards.generating import (
    CodesNotStored,
    continue_batch,
    continue_batches,
    resume_batch,
    start_batch,
)
from django_ppx.rewards.models import Benefit, CodeBatch, DiscountCode
from django_ppx.rewards.redeeming import redeem_code
from django_ppx.testing import make_benefit, make_code, make_order
from tests.racing import run_together

pytestmark = pytest.mark.django_db

Reason = BatchRefused.Reason


@pytest.fixture(autouse=True)
def chunks_of_ten(monkeypatch) -> None:
    monkeypatch.setattr(generating, "CHUNK", 10)


def order(count: int, now: datetime, benefit: Benefit | None = None, **said: Any) -> CodeBatch:
    benefit = benefit or make_benefit()
    request = BatchRequest(benefit_id=benefit.pk, **{"name": "Leaflet", **said})
    return start_batch(request=request, count=count, now=now)


def refusal(count: int, now: datetime, benefit: Benefit | None = None, **said: Any) -> BatchRefused:
    before = CodeBatch.objects.count()
    with pytest.raises(BatchRefused) as caught:
        order(count, now, benefit, **said)
    assert CodeBatch.objects.count() == before
    return caught.value


class Breakdown:
    """Breaks the connection at one statement, counted from 1."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.seen = 0

    def __call__(self, execute: Any, *args: Any) -> Any:
        self.seen += 1
        if self.seen == self.at:
            raise OperationalError("the server went away")
        return execute(*args)


@pytest.mark.parametrize("count", [1, 9, 10, 11, 20, 25])
def test_exactly_as_many_codes_are_made_as_were_ordered(now, count: int) -> None:
    batch = continue_batch(batch_id=order(count, now).pk, now=now)

    assert (batch.made, batch.status, batch.finished_at) == (count, "done", now)
    assert batch.codes.count() == DiscountCode.objects.count() == count


def test_an_order_makes_nothing_by_itself(now) -> None:
    batch = order(5, now)

    assert (batch.requested, batch.made, batch.status) == (5, 0, "running")
    assert DiscountCode.objects.count() == 0


def test_a_code_of_a_batch_has_terms_and_nobody(now) -> None:
    benefit = make_benefit(code_prefix="fly", max_uses=2, amounts={"EUR": {"minimum_total": 30}})

    continue_batch(batch_id=order(1, now, benefit).pk, now=now)

    code = DiscountCode.objects.get()
    assert code.code.startswith("FLY")
    assert set(code.code[3:]) <= set(ALPHABET)
    assert len(code.code) == 15
    assert code.terms["amounts"]["EUR"]["minimum_total"] == 3000
    assert (code.status, code.max_uses, code.times_used, code.reason) == ("issued", 2, 0, "Leaflet")
    assert (code.customer, code.purchase, code.reward, code.starts_at) == (None, None, None, None)
    assert code.issued_at == now


def test_a_code_of_a_batch_can_be_redeemed(now) -> None:
    continue_batch(batch_id=order(1, now).pk, now=now)

    redeem_code(code=DiscountCode.objects.get().code, order=make_order(), now=now)

    assert DiscountCode.objects.get().times_used == 1


def test_codes_are_drawn_into_the_pattern(now) -> None:
    benefit = make_benefit(code_pattern="sp-####-####-x")

    continue_batch(batch_id=order(3, now, benefit).pk, now=now)

    codes = DiscountCode.objects.values_list("code", flat=True)
    assert {(code[:2], len(code), code[-1]) for code in codes} == {("SP", 11, "X")}


def test_the_benefit_says_how_long_codes_are_valid_from_the_day_of_the_order(now) -> None:
    batch = order(15, now, make_benefit(valid_days=30))
    later = now + timedelta(days=3)

    continue_batch(batch_id=batch.pk, now=now, most=5)
    continue_batch(batch_id=batch.pk, now=later)

    # 10 March and thirty days: until 9 April is over in Berlin.
    ends = datetime(2026, 4, 9, 22, tzinfo=UTC)
    assert set(DiscountCode.objects.values_list("expires_at", flat=True)) == {ends}


def test_staff_may_say_the_last_day(now) -> None:
    batch = order(2, now, last_day=date(2026, 12, 31))

    continue_batch(batch_id=batch.pk, now=now)

    ends = datetime(2026, 12, 31, 23, tzinfo=UTC)
    assert set(DiscountCode.objects.values_list("expires_at", flat=True)) == {ends}


def test_without_valid_days_codes_never_end(now) -> None:
    continue_batch(batch_id=order(1, now, make_benefit(valid_days=None)).pk, now=now)

    assert DiscountCode.objects.get().expires_at is None


def test_days_to_wait_count_for_a_batch_too(now) -> None:
    continue_batch(batch_id=order(1, now, make_benefit(vesting_days=2)).pk, now=now)

    assert DiscountCode.objects.get().starts_at == datetime(2026, 3, 12, 23, tzinfo=UTC)


def test_editing_the_benefit_does_not_change_a_batch_that_is_being_made(now) -> None:
    benefit = make_benefit(percent=10)
    batch = order(15, now, benefit)
    continue_batch(batch_id=batch.pk, now=now, most=10)

    Benefit.objects.update(percent=90)
    continue_batch(batch_id=batch.pk, now=now)

    assert {code.terms["percent"] for code in DiscountCode.objects.all()} == {"10.00"}


def test_a_finished_batch_gains_nothing(now) -> None:
    batch = order(12, now)
    continue_batch(batch_id=batch.pk, now=now)

    again = continue_batch(batch_id=batch.pk, now=now + timedelta(hours=1))

    assert (again.made, again.finished_at, DiscountCode.objects.count()) == (12, now, 12)


def test_a_batch_is_made_in_steps(now) -> None:
    batch = order(35, now)

    made = [continue_batch(batch_id=batch.pk, now=now, most=15).made for _step in range(3)]

    assert made == [15, 30, 35]
    assert DiscountCode.objects.count() == 35


@pytest.mark.parametrize("at", [1, 2, 3, 4, 5])
def test_a_breakdown_at_any_statement_leaves_neither_too_many_nor_too_few(now, at: int) -> None:
    batch = order(12, now)

    with (
        pytest.raises(OperationalError),
        transaction.atomic(),
        connection.execute_wrapper(Breakdown(at)),
    ):
        continue_batch(batch_id=batch.pk, now=now)

    batch.refresh_from_db()
    assert batch.made == batch.codes.count()
    assert continue_batch(batch_id=batch.pk, now=now).status == "done"
    assert batch.codes.count() == 12


def test_codes_that_exist_are_drawn_anew(now, monkeypatch) -> None:
    known = make_code(code="K" * 12)
    draws = iter([["K" * 12, "A" * 12, "A" * 12], ["K" * 12, "B" * 12], ["C" * 12]])
    asked: list[int] = []

    def draw(count: int, *, shape: str) -> list[str]:
        asked.append(count)
        return next(draws)

    monkeypatch.setattr(generating, "draw_codes", draw)

    batch = continue_batch(batch_id=order(3, now).pk, now=now)

    assert asked == [3, 2, 1]
    assert set(batch.codes.values_list("code", flat=True)) == {"A" * 12, "B" * 12, "C" * 12}
    assert known.batch is None


def test_codes_that_are_never_new_end_in_an_error_and_no_count(now, monkeypatch) -> None:
    make_code(code="K" * 12)
    monkeypatch.setattr(generating, "draw_codes", lambda count, *, shape: ["K" * 12] * count)
    batch = order(2, now)

    with pytest.raises(CodesNotStored):
        continue_batch(batch_id=batch.pk, now=now)

    batch.refresh_from_db()
    assert (batch.made, batch.codes.count(), batch.status) == (0, 0, "running")


def test_memory_holds_one_chunk(now, monkeypatch) -> None:
    asked: list[int] = []
    draw = generating.draw_codes

    def watch(count: int, *, shape: str) -> list[str]:
        asked.append(count)
        return draw(count, shape=shape)

    monkeypatch.setattr(generating, "draw_codes", watch)

    continue_batch(batch_id=order(95, now).pk, now=now)

    assert asked == [10] * 9 + [5]


@pytest.mark.parametrize(
    ("made_with", "reason"),
    [
        ({"type": "gift", "gift": "A mug"}, Reason.NOT_A_DISCOUNT),
        ({"type": "points", "points": 50}, Reason.NOT_A_DISCOUNT),
        ({"code_source": "pool"}, Reason.CODES_ARE_IMPORTED),
    ],
)
def test_only_drawn_discounts_are_made(now, made_with, reason) -> None:
    assert refusal(1, now, make_benefit(**made_with)).reason == reason


@pytest.mark.parametrize("count", [0, -1, 1_000_001])
def test_a_batch_has_from_one_to_a_million_codes(now, count: int) -> None:
    assert refusal(count, now).reason == Reason.COUNT


def test_a_million_may_be_ordered(now) -> None:
    assert order(1_000_000, now).requested == 1_000_000


def test_a_last_day_that_has_passed_is_refused(now) -> None:
    assert refusal(1, now, last_day=date(2026, 3, 9)).reason == Reason.EXPIRED
    assert order(1, now, last_day=date(2026, 3, 10)).status == "running"


def test_the_same_order_twice_is_one_batch(now) -> None:
    benefit = make_benefit()
    order(5, now, benefit)

    assert refusal(5, now, benefit).reason == Reason.NAME_TAKEN
    assert order(5, now).name == "Leaflet"
    assert order(5, now, benefit, name="Other").name == "Other"


def test_codes_that_could_be_guessed_are_refused_with_what_would_do(now) -> None:
    benefit = make_benefit(code_pattern="########")

    refused = refusal(86, now, benefit)

    assert refused.reason == Reason.TOO_CROWDED
    assert str(refused) == ("86 codes with 8 random characters could be guessed: 9 are needed.")
    assert order(85, now, benefit).requested == 85


def test_live_codes_that_look_alike_count_whichever_benefit_they_are_of(now) -> None:
    other = make_benefit(code_pattern="AB-########")
    for number in range(3):
        make_code(other, code=f"AB2345678{number + 2}", now=now)
    make_code(other, code="AB23456789", now=now, status="revoked", revoked_at=now)
    make_code(other, code="XX23456789", now=now)
    make_code(other, code="AB234567899", now=now)

    assert refusal(83, now, make_benefit(code_pattern="ab########")).reason == Reason.TOO_CROWDED
    assert order(82, now, make_benefit(code_pattern="ab########")).requested == 82


def test_codes_that_are_ordered_and_not_made_count(now) -> None:
    benefit = make_benefit(code_pattern="########")
    batch = order(80, now, benefit)
    continue_batch(batch_id=batch.pk, now=now, most=10)

    assert refusal(6, now, benefit, name="Second").reason == Reason.TOO_CROWDED
    assert order(5, now, benefit, name="Second").requested == 5


def test_fixed_characters_between_random_ones_are_told_apart(now) -> None:
    mixed = make_benefit(code_pattern="####X####")
    make_code(mixed, code="2345X6789", now=now)
    make_code(mixed, code="2345Y6789", now=now)

    assert refusal(85, now, mixed).reason == Reason.TOO_CROWDED
    assert order(84, now, mixed).requested == 84


def test_a_stopped_batch_makes_nothing_until_it_goes_on(now) -> None:
    batch = order(20, now)
    continue_batch(batch_id=batch.pk, now=now, most=10)

    assert stop_batch(batch_id=batch.pk, now=now) is True
    assert stop_batch(batch_id=batch.pk, now=now) is False
    assert continue_batch(batch_id=batch.pk, now=now).made == 10

    assert resume_batch(batch_id=batch.pk, now=now) is True
    assert resume_batch(batch_id=batch.pk, now=now) is False
    assert continue_batch(batch_id=batch.pk, now=now).made == 20


def test_a_batch_whose_last_day_has_come_is_stopped_and_stays_so(now) -> None:
    batch = order(20, now, last_day=date(2026, 3, 10))
    continue_batch(batch_id=batch.pk, now=now, most=10)
    later = now + timedelta(days=1)

    stopped = continue_batch(batch_id=batch.pk, now=later)

    assert (stopped.status, stopped.made) == ("stopped", 10)
    with pytest.raises(BatchRefused) as caught:
        resume_batch(batch_id=batch.pk, now=later)
    assert caught.value.reason == Reason.EXPIRED


def test_going_on_asks_for_room_again(now) -> None:
    benefit = make_benefit(code_pattern="########")
    batch = order(80, now, benefit)
    stop_batch(batch_id=batch.pk, now=now)
    order(10, now, benefit, name="Second")

    with pytest.raises(BatchRefused) as caught:
        resume_batch(batch_id=batch.pk, now=now)

    batch.refresh_from_db()
    assert (caught.value.reason, batch.status) == (Reason.TOO_CROWDED, "stopped")


def test_cron_goes_on_with_the_oldest_within_its_limit(now) -> None:
    first, _second, stopped = (order(20, now) for _batch in range(3))
    continue_batch(batch_id=first.pk, now=now, most=5)
    stop_batch(batch_id=stopped.pk, now=now)

    assert continue_batches(now=now, limit=25) == 25
    assert list(CodeBatch.objects.order_by("pk").values_list("made", flat=True)) == [20, 10, 0]
    assert continue_batches(now=now, limit=25) == 10
    assert continue_batches(now=now, limit=25) == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_four_workers_make_exactly_what_was_ordered(now) -> None:
    batch = order(200, now)

    run_together(lambda number: continue_batch(batch_id=batch.pk, now=now), times=4)

    batch.refresh_from_db()
    assert (batch.made, batch.status, batch.codes.count()) == (200, "done", 200)


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_control_counting_without_a_condition_makes_too_many(now, monkeypatch) -> None:
    def unconditional(batch: CodeBatch, count: int, now: datetime) -> int:
        generating.insert_codes(
            generating.draw_codes(count, shape="#" * 12),
            like=DiscountCode(benefit_id=batch.benefit_id, terms={}, issued_at=now, batch=batch),
        )
        CodeBatch.objects.filter(pk=batch.pk).update(made=batch.made + count)
        return count

    monkeypatch.setattr(generating, "_make_chunk", unconditional)
    batch = order(200, now)

    run_together(lambda number: continue_batch(batch_id=batch.pk, now=now, most=200), times=4)

    assert batch.codes.count() > 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_one_order_given_by_four_workers_is_one_batch(now) -> None:
    benefit = make_benefit()

    def attempt(number: int) -> str:
        try:
            return order(5, now, benefit).status
        except BatchRefused as error:
            return str(error.reason)

    outcomes = run_together(attempt, times=4)

    assert sorted(outcomes) == ["name_taken"] * 3 + ["running"]
    assert CodeBatch.objects.count() == 1


def test_a_batch_never_counts_more_than_was_ordered(now) -> None:
    batch = order(5, now)

    with pytest.raises(Exception, match="ppx_codebatch_made_within_request"), transaction.atomic():
        CodeBatch.objects.filter(pk=batch.pk).update(made=F("requested") + 1)
