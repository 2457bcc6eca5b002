"""Codes from elsewhere: each line is taken, a duplicate or no code, and nothing is taken twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from django_ppx.rewards import importing
from django_ppx.rewards.batching import BatchRefused, BatchRequest, stop_batch
from django_ppx.rewards.importing import ImportStopped, import_codes
from django_ppx.rewards.models import Benefit, CodeBatch, DiscountCode
from django_ppx.testing import make_benefit, make_code, make_reward
from tests.racing import run_together

pytestmark = pytest.mark.django_db

Reason = BatchRefused.Reason


@pytest.fixture(autouse=True)
def chunks_of_three(monkeypatch) -> None:
    monkeypatch.setattr(importing, "CHUNK", 3)


@pytest.fixture
def pool() -> Benefit:
    return make_benefit(code_source="pool")


def take(benefit: Benefit, texts: list[str], now: datetime, **said: Any) -> CodeBatch:
    request = BatchRequest(benefit_id=benefit.pk, **{"name": "From the agency", **said})
    return import_codes(request=request, lines=enumerate(texts, start=1), now=now)


def counts(batch: CodeBatch) -> tuple[int, int, int, str]:
    return batch.made, batch.duplicates, batch.rejected, batch.status


@pytest.mark.parametrize("count", [1, 2, 3, 4, 6, 7])
def test_every_code_goes_into_the_pool(pool, now, count: int) -> None:
    batch = take(pool, [f"code-{number}" for number in range(count)], now)

    assert counts(batch) == (count, 0, 0, "done")
    assert (batch.kind, batch.finished_at, batch.report) == ("imported", now, [])
    codes = DiscountCode.objects.filter(status="pooled", batch=batch, customer=None, benefit=pool)
    assert {code.code for code in codes} == {f"CODE{number}" for number in range(count)}


def test_an_imported_code_has_the_terms_and_is_given_out(pool, now) -> None:
    batch = take(pool, ["ABCD"], now)
    code = batch.codes.get()
    assert code.terms == batch.terms
    assert (code.issued_at, code.expires_at, code.max_uses) == (now, None, 1)

    reward = make_reward(pool, now=now)

    assert (reward.code.pk, reward.code.status) == (code.pk, "issued")


def test_staff_may_say_the_last_day(pool, now) -> None:
    take(pool, ["ABCD"], now, last_day=date(2026, 6, 30))

    assert DiscountCode.objects.get().expires_at == datetime(2026, 6, 30, 22, tzinfo=UTC)


def test_what_was_not_taken_is_reported_by_line(pool, now) -> None:
    make_code(pool, code="OURS2", status="pooled")
    make_code(code="THEIRS2")
    texts = ["AAAA", "a-a-a-a", "ours2", "Theirs 2", "", "ÄÄÄÄ", "A" * 65, "A" * 64, "aaaa", " - "]

    batch = take(pool, texts, now)

    assert counts(batch) == (2, 4, 4, "done")
    assert batch.report == [
        [2, "a-a-a-a", "repeated"],
        [3, "ours2", "known"],
        [4, "Theirs 2", "foreign"],
        [5, "", "empty"],
        [6, "ÄÄÄÄ", "not_a_code"],
        [7, "A" * 65, "too_long"],
        [9, "aaaa", "repeated"],
        [10, "-", "empty"],
    ]
    assert DiscountCode.objects.get(code="OURS2").batch is None


def test_the_same_file_again_takes_nothing(pool, now) -> None:
    texts = [f"code{number}" for number in range(7)]
    take(pool, texts, now)

    again = take(pool, texts, now)

    assert counts(again) == (0, 7, 0, "done")
    assert {why for _line, _text, why in again.report} == {"known"}
    assert DiscountCode.objects.count() == 7


def test_the_report_names_a_thousand_lines_and_the_counts_are_of_all(
    pool, now, monkeypatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK", 400)

    batch = take(pool, ["?"] * 1_001 + ["AAAA"] * 2, now)

    assert counts(batch) == (1, 1, 1_001, "done")
    assert [line for line, _text, _why in batch.report] == list(range(1, 1_001))


def test_what_no_database_stores_is_reported_without_it(pool, now) -> None:
    batch = take(pool, ["A\x00B", "C\ud800D", "x" * 500], now)

    assert [text for _line, text, _why in batch.report] == ["AB", "CD", "x" * 80]


def test_nothing_of_the_file_is_kept_in_memory(pool, now) -> None:
    taken: list[int] = []

    def lines() -> Iterator[tuple[int, str]]:
        for number in range(1, 11):
            taken.append(DiscountCode.objects.count())
            yield number, f"code{number}"

    import_codes(request=BatchRequest(benefit_id=pool.pk, name="Streamed"), lines=lines(), now=now)

    assert taken == [0, 0, 0, 3, 3, 3, 6, 6, 6, 9]


def test_an_import_that_breaks_off_keeps_what_it_has_and_can_be_repeated(pool, now) -> None:
    def broken() -> Iterator[tuple[int, str]]:
        for number in range(1, 6):
            yield number, f"code{number}"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_codes(
            request=BatchRequest(benefit_id=pool.pk, name="Broken"), lines=broken(), now=now
        )

    assert counts(CodeBatch.objects.get()) == (3, 0, 0, "stopped")
    again = take(pool, [f"code{number}" for number in range(1, 6)], now)
    assert counts(again) == (2, 3, 0, "done")


def test_an_import_that_staff_stop_takes_no_further_chunk(pool, now) -> None:
    def lines() -> Iterator[tuple[int, str]]:
        for number in range(1, 10):
            if number == 5:
                stop_batch(batch_id=CodeBatch.objects.get().pk, now=now)
            yield number, f"code{number}"

    with pytest.raises(ImportStopped):
        import_codes(request=BatchRequest(benefit_id=pool.pk, name="Long"), lines=lines(), now=now)

    assert counts(CodeBatch.objects.get()) == (3, 0, 0, "stopped")
    assert DiscountCode.objects.count() == 3


def test_a_file_of_more_lines_than_a_batch_has_says_so(pool, now, monkeypatch) -> None:
    monkeypatch.setattr(importing, "LARGEST_BATCH", 4)

    assert take(pool, ["A2", "A3", "A4", "A5"], now).status == "done"
    with pytest.raises(BatchRefused) as caught:
        take(pool, ["B2", "B3", "B4", "B5", "B6"], now)

    assert caught.value.reason == Reason.TOO_LARGE
    assert DiscountCode.objects.filter(code__startswith="B").count() == 4
    assert CodeBatch.objects.latest("pk").status == "stopped"


@pytest.mark.parametrize(
    ("made_with", "said", "reason"),
    [
        ({}, {}, Reason.CODES_ARE_DRAWN),
        ({"type": "gift", "gift": "A mug"}, {}, Reason.NOT_A_DISCOUNT),
        ({"code_source": "pool"}, {"last_day": date(2026, 3, 9)}, Reason.EXPIRED),
    ],
)
def test_a_benefit_that_takes_no_imported_codes_is_refused(now, made_with, said, reason) -> None:
    with pytest.raises(BatchRefused) as caught:
        take(make_benefit(**made_with), ["ABCD"], now, **said)

    assert caught.value.reason == reason
    assert (CodeBatch.objects.count(), DiscountCode.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_one_file_given_by_four_workers_is_imported_once(pool, now) -> None:
    texts = [f"code{number}" for number in range(30)]

    batches = run_together(lambda number: take(pool, texts, now), times=4)

    assert sum(batch.made for batch in batches) == 30
    assert all(batch.made + batch.duplicates == 30 for batch in batches)
    assert DiscountCode.objects.count() == 30
