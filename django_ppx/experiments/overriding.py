"""Variants that the tests of a host have fixed, whatever the weights and experiments say. Empty in a shop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

_overrides: Final[dict[str, str | None]] = {}
_lock: Final = Lock()


def overridden(slug: str) -> tuple[str | None] | None:
    """Return a tuple of the label that is fixed for this offer (None: nothing shown), or None if none is."""
    return (_overrides[slug],) if slug in _overrides else None


def has_overrides() -> bool:
    return bool(_overrides)


@contextmanager
def fix_variant(slug: str, label: str | None) -> Iterator[None]:
    """Fix the variant of one offer in the whole process, as live servers answer in other threads."""
    with _lock:
        had, before = slug in _overrides, _overrides.get(slug)
        _overrides[slug] = label
    try:
        yield
    finally:
        with _lock:
            if had:
                _overrides[slug] = before
            else:
                _overrides.pop(slug, None)
