"""Running a write again when the database says that a concurrent one got in the way."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final, TypeVar

from django.db import DEFAULT_DB_ALIAS, OperationalError, connections, transaction

from django_ppx.exceptions import PpxError

T = TypeVar("T")

FIRST_PAUSE_SECONDS: Final = 0.02
LONGEST_PAUSE_SECONDS: Final = 0.5
GIVE_UP_AFTER_SECONDS: Final = 10
"""Attempts that begin later than this after the first one are the last."""

_MYSQL_CODES: Final = frozenset({1020, 1205, 1213})
"""Record has changed since last read (MariaDB 11.6.2+), lock wait timeout, deadlock."""

_SQLSTATES: Final = frozenset({"40001", "40P01"})
"""Serialization failure, deadlock (PostgreSQL)."""


class TransactionConflict(PpxError):
    """A concurrent transaction got in the way, and whoever began ours has to try again."""


def run_retrying(
    operation: Callable[[], T], *, using: str = DEFAULT_DB_ALIAS, is_one_statement: bool = False
) -> T:
    """Return what `operation` returns, run in a transaction; again when a concurrent one broke it.

    It is repeated only where this opens the outermost transaction: inside the host's, its earlier
    writes may be lost with the conflict, so that is for the host to repeat; inside one of ours, what
    opened that one repeats it. An operation that
    `is_one_statement` needs no transaction around it where there is none.

    :raises TransactionConflict: inside a transaction of the caller, or after attempts for ten
        seconds.
    """
    is_outermost = not connections[using].in_atomic_block
    started = time.monotonic()
    pause = FIRST_PAUSE_SECONDS
    while True:
        waited = time.monotonic() - started
        try:
            with _block(using, is_bare=is_one_statement and is_outermost):
                return operation()
        except OperationalError as error:
            if not is_conflict(error):
                raise
            if not is_outermost or waited > GIVE_UP_AFTER_SECONDS:
                raise TransactionConflict(str(error)) from error
        except TransactionConflict:  # of one that this one called: the transaction is ours
            if not is_outermost or waited > GIVE_UP_AFTER_SECONDS:
                raise
        # Longer each time, and spread so that two that met do not meet again.
        time.sleep(pause * random.random())  # noqa: S311
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


def _block(using: str, *, is_bare: bool) -> AbstractContextManager[Any]:
    return nullcontext() if is_bare else transaction.atomic(using=using)


def is_conflict(error: OperationalError) -> bool:
    """Return whether the database asks to run the transaction again."""
    if error.args and error.args[0] in _MYSQL_CODES:
        return True
    if getattr(error.__cause__, "sqlstate", None) in _SQLSTATES:
        return True
    return "database is locked" in str(error) or "database table is locked" in str(error)
