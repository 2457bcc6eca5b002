"""The same question gets the same answer, and what it asks for happens once: after crashes, and from all sides."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections
from django.test import Client
from time_machine import travel

from django_ppx.access.models import StoredAnswer
from django_ppx.api import idempotency
from django_ppx.api.problems import Problem, Reason
from django_ppx.codes import RedemptionRefused
from django_ppx.core.models import Customer
from tests.api.asking import ask, of_key, reason
from tests.api.probe import Switch
from tests.racing import run_together

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.probe")]

WRITE = "/probe/write/"


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    yield
    Switch.error = Switch.inside = None


def write(headers: dict[str, str], key: str = "1", text: str = "Ada", path: str = WRITE) -> Any:
    return ask("POST", path, {"text": text}, headers={**headers, "Idempotency-Key": key})


def test_the_same_question_gets_the_same_bytes_and_happens_once() -> None:
    mine = of_key()

    first, second = write(mine, text="Ä"), write(mine, text="Ä")

    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert first["Content-Type"] == second["Content-Type"] == "application/json"
    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == "true"
    assert second["Cache-Control"] == "private, no-store"
    assert Customer.objects.count() == 1


def test_the_form_that_a_caller_asks_for_makes_no_other_bytes() -> None:
    mine = {**of_key(), "Accept": "application/json; indent=4"}

    assert write(mine).content == write(mine).content == b'{"id":%d}' % Customer.objects.get().pk


def test_the_order_of_names_and_the_space_between_them_is_no_other_question() -> None:
    mine = {**of_key(), "Idempotency-Key": "1"}

    ask("POST", WRITE, b'{"text": "Ada", "number": 1}', headers=mine)
    again = ask("POST", WRITE, b'{"number":1,"text":"Ada"}', headers=mine)

    assert again["Idempotent-Replayed"] == "true"


def test_without_a_key_each_question_is_its_own() -> None:
    mine = of_key()

    for _time in range(2):
        assert ask("POST", WRITE, {"text": "Ada"}, headers=mine).status_code == 201

    assert Customer.objects.count() == 2
    assert StoredAnswer.objects.count() == 0


@pytest.mark.parametrize(
    ("text", "path"), [("Bob", WRITE), ("Ada", f"{WRITE}?a=1"), ("Ada", "/probe/other/")]
)
def test_another_question_under_the_key_is_422_and_does_nothing(text: str, path: str) -> None:
    mine = of_key()
    write(mine)

    response = write(mine, text=text, path=path)

    assert response.status_code == 422
    assert reason(response) == "idempotency_key_reused"
    assert Customer.objects.count() == 1


def test_a_number_and_its_text_are_two_questions() -> None:
    mine = {**of_key(), "Idempotency-Key": "1"}
    ask("POST", WRITE, b'{"text": 1.5}', headers=mine)

    assert ask("POST", WRITE, b'{"text": "1.5"}', headers=mine).status_code == 422


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 256, "a\x7f", "\x00"])
def test_a_key_that_can_be_none_is_400(key: str) -> None:
    response = write(of_key(), key=key)

    assert response.status_code == 400
    assert reason(response) == "idempotency_key_invalid"
    assert Customer.objects.count() == 0


@pytest.mark.parametrize("key", ["x" * 255, "!", "~", "a/b?c=d&e"])
def test_a_key_has_1_to_255_visible_signs(key: str) -> None:
    assert write(of_key(), key=key).status_code == 201


def test_equal_keys_of_two_callers_never_meet() -> None:
    staff = [User.objects.create_superuser(name) for name in ("ada", "bob")]
    clients = [Client(), Client()]
    for client, account in zip(clients, staff, strict=True):
        client.force_login(account)

    answers = [write(of_key()), write(of_key())]
    answers += [
        ask("POST", WRITE, {"text": "A"}, headers={"Idempotency-Key": "1"}, client=client)
        for client in clients
    ]

    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.content for answer in answers}) == 4


def test_while_it_is_worked_on_the_same_question_is_409() -> None:
    mine = of_key()
    write(mine)
    StoredAnswer.objects.update(
        status_code=None, finished_at=None, body="", started_at=datetime.now(UTC)
    )

    response = write(mine)

    assert response.status_code == 409
    assert reason(response) == "in_flight"
    assert response["Retry-After"] == "1"
    assert Customer.objects.count() == 1


def test_what_was_refused_is_refused_the_same_way() -> None:
    mine = of_key()

    first, second = write(mine, text="x" * 21), write(mine, text="x" * 21)

    assert first.status_code == second.status_code == 400
    assert first.content == second.content
    assert first["Content-Type"] == second["Content-Type"] == "application/problem+json"
    assert second["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize(
    "error",
    [Problem(Reason.INVALID), Problem(Reason.INVALID_ORDER)],
    ids=lambda each: each.reason,
)
def test_a_refusal_is_stored_and_nothing_of_what_was_refused(error: Problem) -> None:
    mine = of_key()
    Switch.error = error
    first = write(mine)
    Switch.error = None

    second = write(mine)

    assert first.content == second.content
    assert second["Idempotent-Replayed"] == "true"
    assert Customer.objects.count() == 0


@pytest.mark.parametrize(
    "error",
    [
        Problem(Reason.NOT_AUTHENTICATED),
        Problem(Reason.NOT_ALLOWED),
        Problem(Reason.NOT_FOUND),
        Problem(Reason.THROTTLED),
        Problem(Reason.INTERNAL),
        Problem(Reason.BUSY),
        RedemptionRefused(RedemptionRefused.Reason.USED_UP),
        RuntimeError("broken"),
    ],
    ids=repr,
)
def test_what_may_go_better_next_time_is_not_stored(error: Exception) -> None:
    mine = of_key()
    Switch.error = error
    first = write(mine)
    assert (Customer.objects.count(), StoredAnswer.objects.count()) == (0, 0)
    Switch.error = None

    second = write(mine)

    assert first.status_code >= 400
    assert second.status_code == 201
    assert Customer.objects.count() == 1


def test_who_may_not_ask_stores_nothing() -> None:
    assert write({}).status_code == 401
    assert write(of_key("purchases:read")).status_code == 403

    assert StoredAnswer.objects.count() == 0


def test_an_error_between_the_effect_and_the_answer_leaves_neither(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(**_values: Any) -> None:
        raise RuntimeError("the answer could not be stored")

    mine = of_key()
    with monkeypatch.context() as patched:
        patched.setattr(idempotency, "finish_answer", fail)
        first = write(mine)
    left = (Customer.objects.count(), StoredAnswer.objects.count())

    second = write(mine)

    assert (first.status_code, left) == (500, (0, 0))
    assert second.status_code == 201
    assert Customer.objects.count() == 1


def test_an_answer_is_kept_for_its_hours(settings: Any) -> None:
    mine = of_key()
    write(mine)

    with travel(datetime.now(UTC) + timedelta(hours=47)):
        assert write(mine)["Idempotent-Replayed"] == "true"


@pytest.mark.django_db(transaction=True)
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # the child asks once and is gone
def test_a_process_that_dies_in_between_leaves_nothing_and_the_next_one_does_it_once() -> None:
    mine = of_key()

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    connection.close()  # no connection of ours for the child to share
    child = os.fork()
    if child == 0:
        Switch.inside = die
        write(mine)
        os._exit(0)
    _pid, ended = os.waitpid(child, 0)
    at_once = write(mine)
    left = (Customer.objects.count(), StoredAnswer.objects.count())
    with travel(datetime.now(UTC) + timedelta(seconds=61)):
        afterwards, again = write(mine), write(mine)

    assert os.WTERMSIG(ended) == signal.SIGKILL
    assert reason(at_once) == "in_flight"
    assert left == (0, 1)
    assert afterwards.status_code == 201
    assert again.content == afterwards.content
    assert Customer.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [None, RuntimeError("broken"), Problem(Reason.INVALID_ORDER)])
def test_under_atomic_requests_of_the_host_it_is_the_same(
    error: Exception | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", True)
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    mine = of_key()
    seen: list[int] = []
    Switch.inside = lambda: seen.append(len(connection.savepoint_ids))
    Switch.error = error
    first = write(mine)
    Switch.error = None

    second = write(mine)

    assert seen[0] == 0  # one transaction, ours, and no savepoint in one of the host's
    if isinstance(error, Problem):
        assert first.content == second.content
        assert Customer.objects.count() == 0
    else:
        assert first.status_code == (201 if error is None else 500)
        assert second.status_code == 201
        assert Customer.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_attempt_that_was_overtaken_leaves_nothing() -> None:
    mine = of_key()
    overtaken: list[Any] = []

    def overtake() -> None:
        if not overtaken:
            overtaken.append(True)
            StoredAnswer.objects.update(attempt="another", started_at=datetime.now(UTC))

    Switch.inside = overtake
    response = write(mine)

    assert response.status_code == 409
    assert reason(response) == "in_flight"
    assert Customer.objects.count() == 0
    assert StoredAnswer.objects.get().finished_at is None


def patient(mine: dict[str, str]) -> Any:
    """Ask as a client should: again after a moment, as long as the answer is that it is being worked on."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        response = write(mine)
        if response.status_code not in (409, 503):
            return response
        time.sleep(0.02)
    raise AssertionError("never answered")


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_fifty_equal_questions_at_once_are_one_effect_and_one_answer() -> None:
    mine = of_key()

    answers = run_together(lambda number: patient(mine), times=50)

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotent-Replayed" not in answer for answer in answers) == 1
    assert Customer.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_the_control_without_a_key_has_as_many_effects_as_questions() -> None:
    mine = of_key()

    run_together(lambda number: ask("POST", WRITE, {"text": "Ada"}, headers=mine), times=10)

    assert Customer.objects.count() == 10
