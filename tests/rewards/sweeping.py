"""Faults at the boundary to the database: at each statement and each commit of an operation, one after another."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from django.db import DatabaseError, connection, transaction
from django.db.models import Model
from django.db.transaction import TransactionManagementError

from django_ppx.core.models import Customer, CustomerKey, Purchase, PurchaseEntry, PurchaseLine
from django_ppx.rewards.models import (
    Benefit,
    BenefitAmount,
    BenefitBudget,
    CodeBatch,
    CodeRedemption,
    CustomerUseCount,
    DiscountCode,
    Reward,
    RewardEntry,
)

TABLES: Final = (
    RewardEntry,
    CodeRedemption,
    DiscountCode,
    CodeBatch,
    Reward,
    CustomerUseCount,
    BenefitBudget,
    BenefitAmount,
    Benefit,
    PurchaseEntry,
    PurchaseLine,
    Purchase,
    CustomerKey,
    Customer,
)

KINDS: Final = ("before", "after", "kill", "commit lost", "commit unanswered")
"""The statement is not sent; it is done and its answer lost; the process dies instead; the COMMIT never reaches the
server; it is done and its answer lost."""


class Broken(DatabaseError):
    """The database went away at this very moment."""


@dataclass
class Fault:
    """Strikes at the statement, or the commit, with this number; counts all of them.

    What was struck is gone: nothing gets through any more, until the connection is opened anew.
    """

    kind: str = ""
    at: int | None = None
    statements: int = 0
    commits: int = 0
    is_gone: bool = False

    def __call__(self, execute: Callable[..., Any], *args: Any) -> Any:
        self._check_there()
        self.statements += 1
        is_mine = self.statements == self.at
        if is_mine and self.kind == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if is_mine and self.kind == "before":
            self._strike(f"statement {self.at}")
        try:
            return execute(*args)
        finally:  # also of a statement that the database refuses
            if is_mine and self.kind == "after":
                self._strike(f"the answer to statement {self.at}")

    def commit(self, really: Callable[[], None]) -> None:
        self._check_there()
        self.commits += 1
        is_mine = self.commits == self.at
        if is_mine and self.kind == "commit lost":
            connection.connection.rollback()
            self._strike(f"commit {self.at}")
        really()
        if is_mine and self.kind == "commit unanswered":
            self._strike(f"the answer to commit {self.at}")

    def _check_there(self) -> None:
        if self.is_gone:
            raise Broken("the connection is gone")

    def _strike(self, where: str) -> None:
        self.is_gone = True
        raise Broken(where)


@contextmanager
def struck_by(fault: Fault) -> Iterator[None]:
    """Let the fault see each statement and each commit of this connection."""
    connection.ensure_connection()
    really = connection._commit
    connection._commit = lambda: fault.commit(really)
    try:
        with connection.execute_wrapper(fault):
            yield
    finally:
        del connection._commit


def start_over(tables: Iterable[type[Model]] = TABLES) -> None:
    with transaction.atomic():
        for table in tables:
            rows = table._default_manager.all()
            rows._raw_delete(rows.db)


def run_struck(work: Callable[[], Any], fault: Fault) -> None:
    """Run `work` with the fault; one that kills strikes a process of its own."""
    if fault.kind != "kill":
        try:
            with struck_by(fault):
                work()
        except (Broken, TransactionManagementError):  # the latter: a savepoint's end was struck
            pass
        finally:
            connection.close()  # as the server sees it
        assert fault.is_gone, "the fault was to strike"
        return
    connection.close()
    child = os.fork()
    if not child:
        try:
            with struck_by(fault):
                work()
        finally:
            os._exit(1)
    _pid, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the process was to be killed"


def sweep(
    kind: str,
    prepare: Callable[[], Any],
    operation: Callable[[Any], Any],
    check: Callable[[], Any],
    *,
    clean: Callable[[], None] = start_over,
) -> int:
    """Strike the operation at each of its statements (or commits) in turn, and return how many there are.

    `check` asserts what must always hold, and returns what the tables come to: after the fault is over and the
    operation was run again, that is what it comes to without any fault.
    """
    clean()
    counted, prepared = Fault(), _prepared(prepare)
    with struck_by(counted):
        operation(prepared)
    expected = check()
    total = counted.commits if kind.startswith("commit") else counted.statements
    for number in range(1, total + 1):
        clean()
        prepared = _prepared(prepare)
        run_struck(lambda given=prepared: operation(given), Fault(kind=kind, at=number))
        check()
        operation(prepared)  # the fault is over: the same call finds its way
        assert check() == expected, f"{kind} {number} of {total}"
    return total


def _prepared(prepare: Callable[[], Any]) -> Any:
    with transaction.atomic():
        return prepare()
