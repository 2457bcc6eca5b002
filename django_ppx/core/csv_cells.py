"""Cells of a CSV file that a spreadsheet opens without running anything. Pure."""

from __future__ import annotations

from typing import Final

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def guard_cell(value: str) -> str:
    """Return `value` with a leading apostrophe where a spreadsheet would take it for a formula."""
    return f"'{value}" if value.startswith(_FORMULA_STARTS) else value
