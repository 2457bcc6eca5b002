"""Which cases there are, and on which databases each is measured. No Django here: the runner reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CASES: Final = {
    "aa": ("sqlite",),
    "assignment": ("sqlite", "postgresql"),
    "page": ("sqlite", "postgresql"),
    "kill": ("sqlite", "postgresql", "mariadb"),
    "limits": ("sqlite", "postgresql", "mariadb"),
    "machine": ("sqlite",),
    "mixed": ("sqlite", "postgresql", "mariadb"),
    "race": ("sqlite", "postgresql", "mariadb"),
    "redeem": ("sqlite", "postgresql", "mariadb"),
    "codes": ("sqlite", "postgresql", "mariadb"),
    "orders": ("sqlite", "postgresql"),
    "beacon": ("postgresql",),
    "api": ("postgresql",),
    "look": ("postgresql",),
}
"""A case is a module of this package with a function `rows(database)`."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report."""

    name: str
    figure: str
    limit: str
    is_ok: bool
