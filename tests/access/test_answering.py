from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from django_ppx.access.answering import (
    LEASE,
    Answer,
    AnswerRefused,
    Attempt,
    begin_answer,
    drop_attempt,
    drop_old_answers,
    finish_answer,
)
from django_ppx.access.models import StoredAnswer

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANSWER = Answer(status_code=201, content_type="application/json", body='{"id":"Ä"}')


def begin(**overrides: Any) -> Attempt:
    values = {"caller": "key:a", "key": "1", "fingerprint": "f" * 64, "now": NOW, **overrides}
    attempt = begin_answer(**values)
    assert isinstance(attempt, Attempt)
    return attempt


def again(**overrides: Any) -> Attempt | Answer:
    values = {"caller": "key:a", "key": "1", "fingerprint": "f" * 64, "now": NOW, **overrides}
    return begin_answer(**values)


def refusal(**overrides: Any) -> str:
    with pytest.raises(AnswerRefused) as refused:
        again(**overrides)
    return str(refused.value.reason)


def test_what_was_answered_is_answered_again() -> None:
    finish_answer(attempt=begin(), answer=ANSWER, now=NOW)

    assert again(now=NOW + timedelta(days=2)) == ANSWER


def test_neither_the_caller_nor_the_key_is_stored() -> None:
    begin(caller="order:1001", key="a-key-of-theirs")

    row = str(StoredAnswer.objects.values().get())

    assert "1001" not in row
    assert "a-key-of-theirs" not in row


def test_a_caller_and_a_key_that_read_the_same_in_a_row_do_not_meet() -> None:
    begin(caller="key:a", key="b1")
    begin(caller="key:ab", key="1")

    assert StoredAnswer.objects.count() == 2


def test_another_question_is_refused_before_and_after_the_answer() -> None:
    attempt = begin()

    before = refusal(fingerprint="g" * 64)
    finish_answer(attempt=attempt, answer=ANSWER, now=NOW)

    assert (before, refusal(fingerprint="g" * 64)) == ("idempotency_key_reused",) * 2


def test_for_a_minute_nobody_else_works_on_it() -> None:
    begin()

    assert refusal(now=NOW) == "in_flight"
    assert refusal(now=NOW + LEASE - timedelta(microseconds=1)) == "in_flight"
    assert isinstance(again(now=NOW + LEASE), Attempt)
    assert refusal(now=NOW + LEASE) == "in_flight"


def test_the_answer_of_one_that_was_overtaken_is_not_stored() -> None:
    first = begin()
    second = begin(now=NOW + LEASE)

    with pytest.raises(AnswerRefused) as refused:
        finish_answer(attempt=first, answer=ANSWER, now=NOW + LEASE)
    drop_attempt(attempt=first)

    assert refused.value.reason == "in_flight"
    finish_answer(attempt=second, answer=ANSWER, now=NOW + LEASE)
    assert again() == ANSWER


def test_an_answer_is_stored_once() -> None:
    attempt = begin()
    finish_answer(attempt=attempt, answer=ANSWER, now=NOW)

    with pytest.raises(AnswerRefused):
        finish_answer(attempt=attempt, answer=ANSWER, now=NOW)
    drop_attempt(attempt=attempt)

    assert again() == ANSWER


def test_an_attempt_that_came_to_nothing_can_be_made_again_at_once() -> None:
    drop_attempt(attempt=begin())

    assert isinstance(again(), Attempt)


def test_old_answers_are_dropped_a_few_at_a_time(settings: Any) -> None:
    settings.PPX_IDEMPOTENCY_HOURS = 2
    for number in range(5):
        begin(key=str(number), now=NOW - timedelta(hours=number))

    dropped = [drop_old_answers(now=NOW, limit=1) for _time in range(3)]

    assert dropped == [1, 1, 0]
    assert StoredAnswer.objects.count() == 3
