"""What is wrong with `PPX_ORDER_FIELDS`, before any order is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist

from django_ppx.shop.mapped import KEYS, REQUIRED
from django_ppx.shop.paths import CONSTANT_MARK
from django_ppx.shop.types import OrderStatus

_NOT_PATHS: Final = frozenset({"model", "statuses"})


def mapping_problems(fields: Any) -> list[str]:
    """Return a sentence for each key or value that `MappedShop` can't use."""
    if not isinstance(fields, Mapping):
        return [f"it is a {type(fields).__name__}, not a mapping of names to paths."]
    return list(_problems(fields))


def required_missing(fields: Mapping[str, Any], *, has_currency: bool) -> list[str]:
    """Return the keys that every mapping needs and this one lacks."""
    needed = REQUIRED if has_currency else (*REQUIRED, "currency")
    return [key for key in needed if not fields.get(key)]


def names_missing_on_model(fields: Mapping[str, Any]) -> list[str]:
    """Return the order's paths that begin with a name which its model does not have."""
    if not fields.get("model"):
        return []
    model = apps.get_model(fields["model"])
    return sorted(
        {
            path
            for key, value in fields.items()
            if key not in _NOT_PATHS and not key.startswith("line.")
            for path in _paths(value)
            if not path.startswith(CONSTANT_MARK) and not _has_name(model, path.split(".")[0])
        }
    )


def _problems(fields: Mapping[Any, Any]) -> Iterator[str]:
    for key, value in fields.items():
        if key not in KEYS:
            close = get_close_matches(str(key), sorted(KEYS), n=1)
            yield f"unknown name {key!r}." + (f" Did you mean {close[0]!r}?" if close else "")
        elif key == "model":
            yield from _model_problems(value)
        elif key == "statuses":
            yield from _status_problems(value)
        elif not _is_path(value):
            yield f"{key!r} is {value!r}, which is no path."


def _model_problems(value: Any) -> Iterator[str]:
    try:
        apps.get_model(value)
    except (LookupError, ValueError, TypeError, AttributeError):
        yield f"there is no model {value!r}; write it as 'app.Model'."


def _status_problems(value: Any) -> Iterator[str]:
    known = {status.value for status in OrderStatus}
    if not isinstance(value, Mapping):
        yield "'statuses' is not a mapping of the shop's words to ours."
        return
    for word, status in value.items():
        if not isinstance(word, str):
            yield f"'statuses' has the key {word!r}; the shop's words are compared as text."
        if status not in known:
            yield f"'statuses' maps {word!r} to {status!r}, which is none of {', '.join(sorted(known))}."


def _is_path(value: Any) -> bool:
    paths = _paths(value)
    return bool(paths) and all(
        isinstance(path, str)
        and (path.startswith(CONSTANT_MARK) or (path != "" and all(path.split("."))))
        for path in paths
    )


def _paths(value: Any) -> Sequence[Any]:
    if isinstance(value, str):
        return (value,)
    return value if isinstance(value, (list, tuple)) else ()


def _has_name(model: Any, name: str) -> bool:
    if hasattr(model, name):
        return True
    try:
        model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True
