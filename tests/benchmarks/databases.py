"""Where the databases are, and whether they answer. Nothing is created here."""

from __future__ import annotations

import os
import socket
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import dj_database_url

DATABASES: Final = ("sqlite", "postgresql", "mariadb")

_SERVERS: Final = {
    "postgresql": ("PPX_POSTGRES_URL", "postgres://postgres@127.0.0.1:5432/ppx_bench"),
    "mariadb": ("PPX_MARIADB_URL", "mysql://root@127.0.0.1:3306/ppx_bench"),
}

_DRIVERS: Final = {"postgresql": "psycopg", "mariadb": "MySQLdb"}


def database_url(name: str) -> str:
    """Return the URL of a database of this run's own; Django puts `test_` before its name."""
    if name == "sqlite":
        return f"sqlite:///{Path(tempfile.gettempdir()) / f'ppx-bench-{os.getpid()}.sqlite3'}"
    variable, default = _SERVERS[name]
    return f"{os.environ.get(variable) or default}_{os.getpid()}"


def has_answer(name: str) -> bool:
    """Return whether something listens where the server should be, and the driver that speaks to it is there."""
    if name == "sqlite":
        return True
    if find_spec(_DRIVERS[name]) is None:
        return False
    config = dj_database_url.parse(database_url(name))
    try:
        with socket.create_connection((config["HOST"], config["PORT"]), timeout=2):
            return True
    except OSError:
        return False
