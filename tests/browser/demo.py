"""The example shop as a process of its own: a fresh database, seeded, served as `make demo` serves it."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, kw_only=True, slots=True)
class Demo:
    """Where the shop answers, where its database lies, and what the seeding printed."""

    url: str
    database: Path
    printed: str
    plain_port: int
    """Where `serve_plain` puts the front end of `example_project/plain`: the shop lets this one in."""

    def rows(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        """Return what the shop's database holds, read from outside."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=20)) as db:
            return db.execute(sql, params).fetchall()

    def address(self, label: str) -> str:
        """Return the address that the seeding printed under `label`."""
        line = next(line for line in self.printed.splitlines() if line.strip().startswith(label))
        return line.split()[-1]


@contextmanager
def serve_demo(folder: Path) -> Iterator[Demo]:
    """Serve the example shop on a free port until the block ends."""
    port, plain_port = free_port(), free_port()
    database = folder / "demo.sqlite3"
    environment = {**os.environ, "PPX_DEMO_DATABASE": str(database), "PORT": str(port)}
    environment["PLAIN_PORT"] = str(plain_port)
    environment["PPX_DEMO_FILES"] = str(folder / "files")
    environment.pop("DJANGO_SETTINGS_MODULE", None)

    def manage(*arguments: str) -> list[str]:
        return [sys.executable, str(ROOT / "example_project" / "manage.py"), *arguments]

    subprocess.run(manage("migrate", "--verbosity", "0"), env=environment, check=True)
    printed = subprocess.run(
        manage("seed_demo"), env=environment, check=True, capture_output=True, text=True
    ).stdout
    log = folder / "server.log"
    with (
        log.open("w") as out,
        subprocess.Popen(
            manage("runserver", f"127.0.0.1:{port}", "--noreload"),
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
        ) as server,
    ):
        url = f"http://127.0.0.1:{port}"
        try:
            _wait_for(url, server, log)
            yield Demo(url=url, database=database, printed=printed, plain_port=plain_port)
        finally:
            server.terminate()


@contextmanager
def serve_plain(demo: Demo, folder: Path) -> Iterator[str]:
    """Serve the front end without Django beside the shop, and yield its address."""
    port = urlsplit(demo.url).port
    environment = {**os.environ, "PORT": str(port), "PLAIN_PORT": str(demo.plain_port)}
    log = folder / "plain.log"
    with (
        log.open("w") as out,
        subprocess.Popen(
            [sys.executable, str(ROOT / "example_project" / "plain" / "serve.py")],
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
        ) as server,
    ):
        url = f"http://127.0.0.1:{demo.plain_port}"
        try:
            _wait_for(url, server, log)
            yield url
        finally:
            server.terminate()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"The server does not answer:\n{log.read_text()}")
