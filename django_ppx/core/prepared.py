"""Statements of the thank-you page's path and of taking a code's use, compiled once.

Building and compiling a QuerySet costs several times what the database takes to answer it. A `PreparedQuery` keeps
the SQL that Django made, per database, and runs it with other parameters. The queryset stays the one source of what is
asked, and rows come back converted as Django converts them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final, cast

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql import InsertQuery, UpdateQuery

Row = tuple[Any, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Compiled:
    sql: str
    params: tuple[Any, ...]
    slots: tuple[tuple[int, str], ...]
    """Which position of `params` takes which named value."""
    converters: tuple[tuple[int, Any, Any], ...]
    """Position in the row, Django's converters for it, and the expression they are given."""


class PreparedQuery:
    """A `values_list` queryset that is compiled at its first use on each database.

    `build` makes the queryset from one keyword argument per parameter; each must reach the SQL as it is (an exact or
    ordered comparison with a column). `marks` gives each parameter a value of its column's type that nothing else in
    the query equals: by it the parameter is found again in the compiled SQL.

        by_ref = PreparedQuery(
            lambda order_ref: Purchase.objects.filter(order_ref=order_ref).values_list("pk"),
            marks={"order_ref": "<order_ref>"},
        )
        by_ref.rows(order_ref="1001")
    """

    def __init__(
        self, build: Callable[..., models.QuerySet[Any, Any]], *, marks: Mapping[str, Any]
    ) -> None:
        self._build: Final = build
        self._marks: Final = marks
        self._compiled: Final[dict[str, _Compiled]] = {}

    def queryset(self, **values: Any) -> models.QuerySet[Any, Any]:
        """Return the queryset itself, for these parameters: what `rows` must equal."""
        return self._build(**values)

    def rows(self, *, using: str, **values: Any) -> list[Row]:
        """Return the rows for these parameters from the database `using`. One query."""
        connection = connections[using]
        compiled = self._compiled.get(using)
        if compiled is None:
            compiled = self._compiled[using] = self._compile(using)
        with connection.cursor() as cursor:
            cursor.execute(compiled.sql, _filled(compiled, values, connection))
            rows = cursor.fetchall()
        return [_converted(row, compiled, connection) for row in rows]

    def _compile(self, using: str) -> _Compiled:
        connection = connections[using]
        compiler = self._build(**self._marks).query.get_compiler(using)
        sql, params = compiler.as_sql()
        slots = _slots(params, self._marks, connection)
        expressions = [selected[0] for selected in compiler.select[: compiler.col_count]]
        found = compiler.get_converters(expressions)
        return _Compiled(
            sql=sql,
            params=tuple(params),
            slots=slots,
            converters=tuple((position, *pair) for position, pair in sorted(found.items())),
        )


class PreparedUpdate:
    """A conditional `UPDATE` that is compiled at its first use on each database.

    `build` and `marks` are as for a `PreparedQuery`; `changes` are the columns with their expressions, without
    parameters of their own.

        take = PreparedUpdate(
            lambda code_id: DiscountCode.objects.filter(pk=code_id, times_used__lt=F("max_uses")),
            marks={"code_id": -9001},
            changes={"times_used": F("times_used") + 1},
        )
        took_one = take.run(using="default", code_id=7)
    """

    def __init__(
        self,
        build: Callable[..., models.QuerySet[Any, Any]],
        *,
        marks: Mapping[str, Any],
        changes: Mapping[str, Any],
    ) -> None:
        self._build: Final = build
        self._marks: Final = marks
        self._changes: Final = changes
        self._compiled: Final[dict[str, _Compiled]] = {}

    def run(self, *, using: str, **values: Any) -> int:
        """Return how many rows matched and were changed. One statement."""
        connection = connections[using]
        compiled = self._compiled.get(using)
        if compiled is None:
            compiled = self._compiled[using] = self._compile(using)
        with connection.cursor() as cursor:
            cursor.execute(compiled.sql, _filled(compiled, values, connection))
            return int(cursor.rowcount)

    def _compile(self, using: str) -> _Compiled:
        query = cast("UpdateQuery", self._build(**self._marks).query.chain(UpdateQuery))
        query.add_update_values(dict(self._changes))
        sql, params = query.get_compiler(using).as_sql()
        slots = _slots(params, self._marks, connections[using])
        return _Compiled(sql=sql, params=tuple(params), slots=slots, converters=())


class PreparedInsert:
    """The `INSERT` of one new row of a model, compiled at its first use on each database.

    Values are prepared by the model's fields, as `save` does it. Django's own `pre_save` and `post_save` are not sent.

        insert = PreparedInsert(CodeRedemption)
        insert.store(redemption, using="default")
    """

    def __init__(self, model: type[models.Model]) -> None:
        self._model: Final = model
        self._compiled: Final[dict[str, str]] = {}

    def store(self, instance: models.Model, *, using: str) -> None:
        """Store `instance`, which has no primary key yet, and give it the one of its row. One statement.

        :raises IntegrityError: when a constraint is in the way; the caller's transaction has to be rolled back.
        """
        connection = connections[using]
        params = [
            field.get_db_prep_save(field.pre_save(instance, add=True), connection)
            for field in self._fields
        ]
        sql = self._compiled.get(using)
        if sql is None:
            sql = self._compiled[using] = self._compile(instance, using)
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            if connection.features.can_return_columns_from_insert:
                (instance.pk,) = cursor.fetchone()
            else:  # MySQL
                meta = self._model._meta
                column = str(meta.pk.column)
                instance.pk = connection.ops.last_insert_id(cursor, meta.db_table, column)
        instance._state.adding, instance._state.db = False, using

    @cached_property
    def _fields(self) -> list[models.Field[Any, Any]]:
        return [field for field in self._model._meta.concrete_fields if not field.primary_key]

    def _compile(self, instance: models.Model, using: str) -> str:
        query = InsertQuery(self._model)
        query.insert_values(self._fields, [instance])
        compiler = query.get_compiler(using)
        compiler.returning_fields = [self._model._meta.pk]
        [(sql, params)] = compiler.as_sql()
        if len(params) != len(self._fields):
            raise ValueError("A value of a prepared insert does not reach its SQL as it is.")
        return str(sql)


def _slots(
    params: Sequence[Any], marks: Mapping[str, Any], connection: BaseDatabaseWrapper
) -> tuple[tuple[int, str], ...]:
    """Return where in the compiled parameters each named value goes."""
    names = {_adapted(mark, connection): name for name, mark in marks.items()}
    slots = tuple(
        (position, names[param]) for position, param in enumerate(params) if param in names
    )
    if {name for _position, name in slots} != set(marks):
        raise ValueError("A parameter of a prepared query does not reach its SQL as it is.")
    return slots


def _filled(
    compiled: _Compiled, values: Mapping[str, Any], connection: BaseDatabaseWrapper
) -> list[Any]:
    params = list(compiled.params)
    for position, name in compiled.slots:
        params[position] = _adapted(values[name], connection)
    return params


def _adapted(value: Any, connection: BaseDatabaseWrapper) -> Any:
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


def _converted(row: Row, compiled: _Compiled, connection: BaseDatabaseWrapper) -> Row:
    if not compiled.converters:
        return row
    values = list(row)
    for position, converters, expression in compiled.converters:
        value = values[position]
        for converter in converters:
            value = converter(value, expression, connection)
        values[position] = value
    return tuple(values)
