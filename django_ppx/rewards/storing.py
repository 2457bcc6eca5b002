"""Writing many codes with one statement: what they have in common is said once, only the codes are listed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.constants import OnConflict

from django_ppx.rewards.models import DiscountCode

T = TypeVar("T")


def insert_codes(codes: Sequence[str], *, like: DiscountCode, using: str = DEFAULT_DB_ALIAS) -> int:
    """Store `codes`, each otherwise as `like` is, and return how many are new: those that exist are skipped.

    `like` is never saved itself; its own `code` is ignored. No signal is sent. Whoever calls is in a transaction.
    """
    connection = connections[using]
    constants = _constants(like, connection)
    room = (connection.features.max_query_params or len(codes) + len(constants)) - len(constants)
    stored = 0
    with connection.cursor() as cursor:
        for part in slices(codes, max(room, 1)):
            sql = _statement(connection, columns=list(constants), count=len(part))
            cursor.execute(sql, [*part, *constants.values()])
            stored += cursor.rowcount
    return stored


def slices(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield `items` in their order, at most `size` at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _constants(like: DiscountCode, connection: BaseDatabaseWrapper) -> dict[str, Any]:
    """Return what every row has in common, by column. A column that is left out is NULL."""
    values = {
        field.column: field.get_db_prep_save(getattr(like, field.attname), connection)
        for field in like._meta.local_concrete_fields
        if field.name not in {"id", "code"} and getattr(like, field.attname) is not None
    }
    return {str(column): value for column, value in values.items()}


def _statement(connection: BaseDatabaseWrapper, *, columns: list[str], count: int) -> str:
    # MySQL alone wants the word ROW; MariaDB, PostgreSQL and SQLite write it as the standard does.
    is_mysql = connection.vendor == "mysql" and not getattr(connection, "mysql_is_mariadb", False)
    row = "ROW(%s)" if is_mysql else "(%s)"
    quote = connection.ops.quote_name
    ignore = OnConflict.IGNORE
    parts = [
        connection.ops.insert_statement(on_conflict=ignore),
        quote(DiscountCode._meta.db_table),
        f"({', '.join(quote(column) for column in ['code', *columns])})",
        f"WITH listed (code) AS (VALUES {', '.join([row] * count)})",
        f"SELECT listed.code, {', '.join(['%s'] * len(columns))} FROM listed",  # noqa: S608 - placeholders
        connection.ops.on_conflict_suffix_sql([], ignore, [], []),
    ]
    return " ".join(parts)
