"""The figures of a result as JSON: what the decision log keeps of the page as it was."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from typing import Any, Final

from django_ppx.insights.results import ExperimentResult

LEFT_OUT: Final = frozenset({"days"})
"""Each day's look is stored already, and never changes."""


def result_as_json(result: ExperimentResult) -> dict[str, Any]:
    """Return every field of the result but its days, by name; the keys of `figures` are the metrics.

    Days are written 2026-03-01. A number that JSON does not have (infinity) is null. Money is in minor units.
    """
    return {
        field.name: _plain(getattr(result, field.name))
        for field in fields(result)
        if field.name not in LEFT_OUT
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
