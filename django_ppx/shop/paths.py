"""Reading a value off a host's object along a dotted path, as `PPX_ORDER_FIELDS` names it.

A path is forgiving where shops differ (a deleted product, a missing address, a guest) and strict
where a developer has mistyped: the first name of a path must exist on the object it starts from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist
from django.db.models import Model, QuerySet
from django.db.models.fields.files import FieldFile
from django.urls import NoReverseMatch

from django_ppx.exceptions import InvalidOrder

CONSTANT_MARK: Final = "="
"""A path that begins with it is the value itself: "=EUR"."""

_MISSING: Final = object()


def read_path(start: Any, path: str) -> Any:
    """Return what lies at the end of `path`, or None where something on the way is missing or None.

    Each name is a key, an attribute or an index; what can be called is called; a manager gives its
    rows.

    :raises InvalidOrder: when the first name does not exist on `start`, or a name would change
        data.
    """
    if path.startswith(CONSTANT_MARK):
        return path.removeprefix(CONSTANT_MARK)
    value = start
    for position, name in enumerate(path.split(".")):
        value = _step(value, name)
        if value is _MISSING:
            if position == 0:
                raise InvalidOrder(
                    f"{type(start).__name__} has no {name!r} (of the path {path!r})."
                )
            return None
        if value is None:
            return None
        value = _settled(value, name, path)
    return value.all() if _is_manager(value) else value


def read_first(start: Any, paths: str | Sequence[str]) -> Any:
    """Return the first value along `paths` that is neither None nor empty text, or None."""
    for path in [paths] if isinstance(paths, str) else paths:
        value = read_path(start, path)
        if value is not None and value != "":
            return value
    return None


def related_paths(model: type[Model], paths: Iterable[str]) -> list[str]:
    """Return the `select_related` with which the paths can be read off rows without a query."""
    found = set()
    for path in paths:
        relations: list[str] = []
        current: Any = model
        for name in path.split(".")[:-1]:
            try:
                field = current._meta.get_field(name)
            except FieldDoesNotExist:
                break
            if not (field.is_relation and (field.many_to_one or field.one_to_one)):
                break
            relations.append(name)
            current = field.related_model
        if relations:
            found.add("__".join(relations))
    return sorted(found)


def rows_of(value: Any, paths: Iterable[str]) -> Iterable[Any]:
    """Return the rows in `value`; a query that is yet to run also fetches what `paths` will read."""
    if value is None:
        return ()
    if isinstance(value, QuerySet) and value._result_cache is None:
        relations = related_paths(value.model, paths)
        return value.select_related(*relations) if relations else value
    if isinstance(value, Mapping):
        return value.values()
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise InvalidOrder(f"{type(value).__name__} is no list of lines.")
    return value


def _step(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(name, _MISSING)
    if name.isdecimal():
        return _item(value.all() if _is_manager(value) else value, int(name))
    try:
        return getattr(value, name, _MISSING)
    except ObjectDoesNotExist:  # a one-to-one that is not there, or a row that was deleted
        return None


def _settled(value: Any, name: str, path: str) -> Any:
    """Return the value, called if it can be; None for a file field without a file."""
    if isinstance(value, FieldFile) and not value:
        return None  # `.url` of a picture that was never uploaded raises
    if not callable(value) or getattr(value, "do_not_call_in_templates", False):
        return value
    if getattr(value, "alters_data", False):
        raise InvalidOrder(f"{name!r} (of the path {path!r}) changes data.")
    try:
        return value()
    except (ObjectDoesNotExist, NoReverseMatch):  # a product without a page
        return None


def _item(rows: Any, index: int) -> Any:
    try:
        return rows[index]
    except (IndexError, KeyError, TypeError):
        return None


def _is_manager(value: Any) -> bool:
    return hasattr(value, "get_queryset") and hasattr(value, "all")
