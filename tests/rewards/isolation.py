"""The isolation levels that hosts run, and how a process of a race is set to one."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any, Final

LEVELS: Final = {
    "sqlite": ("as configured",),
    "postgresql": ("read committed", "serializable"),
    "mysql": ("read committed", "repeatable read", "repeatable read, snapshot isolation"),
}
"""By Django's vendor. The first of each is what Django sets up by itself."""

_SNAPSHOT: Final = ", snapshot isolation"


def options_of(vendor: str, level: str) -> dict[str, Any]:
    """Return what a host writes into the `OPTIONS` of its database for this level."""
    if vendor == "postgresql" and find_spec("psycopg") is not None:
        numbers = {"read committed": 2, "repeatable read": 3, "serializable": 4}
        return {"isolation_level": numbers[level]}
    if vendor == "mysql":
        state = "ON" if level.endswith(_SNAPSHOT) else "OFF"
        return {
            "isolation_level": level.removesuffix(_SNAPSHOT),
            "init_command": f"SET SESSION innodb_snapshot_isolation = {state}",
        }
    return {}


def has_level(connection: Any, level: str) -> bool:
    """Return whether the server knows the level: MariaDB has `innodb_snapshot_isolation` since 10.6.18 and 10.11.8."""
    if connection.vendor != "mysql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SHOW VARIABLES LIKE 'innodb_snapshot_isolation'")
        return cursor.fetchone() is not None
