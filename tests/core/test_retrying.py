from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group
from django.db import OperationalError, transaction

from django_ppx.core import retrying
from django_ppx.core.retrying import TransactionConflict, is_conflict, run_retrying


def postgresql_error(sqlstate: str) -> OperationalError:
    error = OperationalError("could not serialize access")
    cause = Exception()
    cause.sqlstate = sqlstate
    error.__cause__ = cause
    return error


CONFLICTS = [
    OperationalError(1205, "Lock wait timeout exceeded"),
    OperationalError(1213, "Deadlock found"),
    OperationalError(1020, "Record has changed since last read"),
    OperationalError("database is locked"),
    OperationalError("database table is locked: django_ppx_purchase"),
    postgresql_error("40001"),
    postgresql_error("40P01"),
]


class Flaky:
    """Writes a group, then fails as often as it is told."""

    def __init__(self, failures: int, error: OperationalError = CONFLICTS[0]) -> None:
        self.failures = failures
        self.error = error
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        Group.objects.create(name=f"call {self.calls}")
        if self.calls <= self.failures:
            raise self.error
        return "done"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A clock that moves only by sleeping, one second each time."""
    clock = SimpleNamespace(now=0.0)

    def sleep(seconds: float) -> None:
        assert 0 <= seconds <= retrying.LONGEST_PAUSE_SECONDS
        clock.now += 1

    monkeypatch.setattr(retrying.time, "sleep", sleep)
    monkeypatch.setattr(retrying.time, "monotonic", lambda: clock.now)
    return clock


@pytest.mark.parametrize("error", CONFLICTS, ids=str)
def test_every_databases_conflict_is_known(error: OperationalError) -> None:
    assert is_conflict(error)


@pytest.mark.parametrize(
    "error",
    [OperationalError("no such table"), OperationalError(2006, "gone away"), OperationalError()],
    ids=str,
)
def test_other_errors_are_no_conflict(error: OperationalError) -> None:
    assert not is_conflict(error)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", CONFLICTS, ids=str)
def test_a_conflict_is_tried_again_from_a_clean_state(
    clock: SimpleNamespace, error: OperationalError
) -> None:
    operation = Flaky(failures=2, error=error)

    assert run_retrying(operation) == "done"
    assert list(Group.objects.values_list("name", flat=True)) == ["call 3"]


@pytest.mark.django_db(transaction=True)
def test_it_gives_up_after_ten_seconds(clock: SimpleNamespace) -> None:
    operation = Flaky(failures=1000)

    with pytest.raises(TransactionConflict):
        run_retrying(operation)

    assert operation.calls == 12
    assert not Group.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_inside_a_transaction_of_the_host_nothing_is_repeated(clock: SimpleNamespace) -> None:
    operation = Flaky(failures=1)

    with transaction.atomic():
        Group.objects.create(name="host")
        with pytest.raises(TransactionConflict):
            run_retrying(operation)

    assert operation.calls == 1
    assert list(Group.objects.values_list("name", flat=True)) == ["host"]


@pytest.mark.django_db(transaction=True)
def test_another_error_is_raised_at_once(clock: SimpleNamespace) -> None:
    operation = Flaky(failures=1, error=OperationalError("no such table"))

    with pytest.raises(OperationalError, match="no such table"):
        run_retrying(operation)

    assert operation.calls == 1


@pytest.mark.django_db(transaction=True)
def test_a_conflict_further_in_is_repeated_by_what_opened_the_transaction(
    clock: SimpleNamespace,
) -> None:
    inner = Flaky(failures=2)
    outer_calls = []

    def outer() -> str:
        outer_calls.append(1)
        Group.objects.create(name=f"outer {len(outer_calls)}")
        return run_retrying(inner)

    assert run_retrying(outer) == "done"
    assert len(outer_calls) == 3
    assert set(Group.objects.values_list("name", flat=True)) == {"outer 3", "call 3"}


@pytest.mark.django_db(transaction=True)
def test_a_conflict_further_in_is_given_up_after_ten_seconds_too(clock: SimpleNamespace) -> None:
    inner = Flaky(failures=1000)

    with pytest.raises(TransactionConflict):
        run_retrying(lambda: run_retrying(inner))

    assert inner.calls == 12
    assert not Group.objects.exists()
