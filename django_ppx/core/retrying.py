"""Running a write again when the database says that a concurrent one got in the way."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Final, TypeVar

from django.db import DEFAULT_DB_ALIAS, OperationalError, connections, transaction

from django_ppx.exceptions import PpxError

T = TypeVar("T")

ATTEMPTS: Final = 8
FIRST_PAUSE_SECONDS: Final = 0.01

_MYSQL_CODES: Final = frozenset({1020, 1205, 1213})
"""Record has changed since last read (MariaDB 11.6.2+), lock wait timeout, deadlock."""

_SQLSTATES: Final = frozenset({"40001", "40P01"})
"""Serialization failure, deadlock (PostgreSQL)."""


class TransactionConflict(PpxError):
    """A concurrent transaction got in the way, and only the owner of the outer transaction can try again."""


def run_retrying(operation: Callable[[], T], *, using: str = DEFAULT_DB_ALIAS) -> T:
    """Return what `operation` returns, run in a transaction, and again when a concurrent one made it fail.

    It is repeated only where this opens the outermost transaction: inside the host's, its earlier writes may be lost
    with the conflict, so that is for the host to repeat.

    :raises TransactionConflict: inside a transaction of the caller, or when every attempt met a conflict.
    """
    is_outermost = not connections[using].in_atomic_block
    pause = FIRST_PAUSE_SECONDS
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic(using=using):
                return operation()
        except OperationalError as error:
            if not is_conflict(error):
                raise
            if not is_outermost or attempt == ATTEMPTS:
                raise TransactionConflict(str(error)) from error
        time.sleep(pause * (1 + random.random()))  # noqa: S311 - spreads the repeats, guards nothing
        pause *= 2
    raise AssertionError("unreachable: the last attempt returns or raises")


def is_conflict(error: OperationalError) -> bool:
    """Return whether the database asks to run the transaction again."""
    if error.args and error.args[0] in _MYSQL_CODES:
        return True
    if getattr(error.__cause__, "sqlstate", None) in _SQLSTATES:
        return True
    return "database is locked" in str(error) or "database table is locked" in str(error)
