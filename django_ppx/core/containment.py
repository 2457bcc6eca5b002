"""The wall between a fault of ours and the host's page and transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from types import TracebackType
from typing import Any, Final, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, transaction

T = TypeVar("T")

logger: Final = logging.getLogger("django_ppx")


class StatementRefused(Exception):
    """A statement was not sent, because no savepoint protects the host's transaction from it."""


class contain(AbstractContextManager["contain"]):
    """Run a block so that no exception leaves it, and the host's transaction stays usable.

    A fault is logged once, with its traceback, on the logger "django_ppx"; `failed` says afterwards
    whether there was one. Inside a transaction of the host the block stands in a savepoint. Outside
    there is nothing to protect, so the services' own `atomic` blocks are enough. With `loud=True`
    (tags under DEBUG) the exception goes on to the caller.

        with contain("thank-you page") as containment:
            html = render(…)
        return "" if containment.failed else html
    """

    def __init__(
        self, operation: str, *, loud: bool = False, using: str = DEFAULT_DB_ALIAS
    ) -> None:
        self.operation = operation
        self.loud = loud
        self.using = using
        self.failed = False
        self._savepoint = ExitStack()

    def __enter__(self) -> contain:
        try:
            if connections[self.using].in_atomic_block:
                self._savepoint.enter_context(transaction.atomic(using=self.using))
        except Exception as error:
            if self.loud:
                raise
            self._report(error)
            # A context manager can't skip its block: without a savepoint it gets no database.
            self._savepoint.enter_context(_without_database(self.using))
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        try:
            self._savepoint.__exit__(exc_type, exc, traceback)
        except Exception as error:
            exc = error if exc is None or isinstance(exc, Exception) else exc
        if not isinstance(exc, Exception):
            return False
        if self.loud:
            raise exc
        if not self.failed:
            self._report(exc)
        return True

    def _report(self, error: Exception) -> None:
        self.failed = True
        logger.error("%s failed; the page goes on without it.", self.operation, exc_info=error)


def run_contained(operation: str, work: Callable[[], T], *, otherwise: T, loud: bool = False) -> T:
    """Return what `work` returns, or `otherwise` when a fault of ours was contained."""
    answers: list[T] = []
    with contain(operation, loud=loud) as containment:
        answers.append(work())
    return otherwise if containment.failed else answers[0]


@contextmanager
def _without_database(using: str) -> Iterator[None]:
    """Send no statement, and forget that the ORM then marks the host's transaction as broken."""
    connection = connections[using]
    was_broken = connection.in_atomic_block and connection.needs_rollback
    try:
        with connection.execute_wrapper(_refuse):
            yield
    finally:
        if connection.in_atomic_block:
            connection.needs_rollback = was_broken


def _refuse(*args: Any, **kwargs: Any) -> None:
    raise StatementRefused
