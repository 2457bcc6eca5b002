"""gunicorn with two workers, and visitors that ask it over HTTP, each answer timed."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

from django.db import connection

from tests.events.redis_server import free_port

WORKERS = 2
VISITORS = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """A POST to send."""

    path: str
    body: str
    headers: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """What came back: the rate of all visitors together, and the time of one answer in milliseconds."""

    statuses: Mapping[int, int]
    per_second: float
    p50: float
    p95: float

    @property
    def words(self) -> str:
        return f"{self.per_second:,.0f}/s, p50 {self.p50:.1f} ms, p95 {self.p95:.1f} ms"


@contextmanager
def gunicorn(**settings: Any) -> Iterator[int]:
    """Serve the tests' host on the database that is current, and give the port."""
    port = free_port()
    environment = {
        **os.environ,
        "PPX_BENCH_DATABASE": str(connection.settings_dict["NAME"]),
        "PPX_BENCH_SETTINGS": json.dumps({"ROOT_URLCONF": "tests.hosts", **settings}),
    }
    options = {"workers": WORKERS, "bind": f"127.0.0.1:{port}", "log-level": "error"}
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "tests.benchmarks.wsgi",
            *(f"--{name}={value}" for name, value in options.items()),
        ],
        env=environment,
        cwd=Path(__file__).parents[2],
    )
    try:
        _wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=30)


def ask_all(port: int, requests: Sequence[Request], *, visitors: int = VISITORS) -> Load:
    """Send all requests, each visitor one after another on connections of its own."""
    shares = [requests[number::visitors] for number in range(visitors)]
    began = time.perf_counter()
    with ThreadPoolExecutor(visitors) as pool:
        answers = [each for share in pool.map(lambda s: _ask(port, s), shares) for each in share]
    seconds = time.perf_counter() - began
    times = quantiles([each for _status, each in answers], n=20)
    statuses: dict[int, int] = {}
    for status, _time in answers:
        statuses[status] = statuses.get(status, 0) + 1
    return Load(
        statuses=statuses,
        per_second=len(answers) / seconds,
        p50=times[9] * 1000,
        p95=times[18] * 1000,
    )


def _ask(port: int, requests: Sequence[Request]) -> list[tuple[int, float]]:
    answers = []
    for request in requests:
        began = time.perf_counter()
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        link.request("POST", request.path, request.body, dict(request.headers))
        answer = link.getresponse()
        answer.read()
        link.close()
        answers.append((answer.status, time.perf_counter() - began))
    return answers


def _wait_for(port: int) -> None:
    """Wait until each worker has most likely answered once: the first page of a process loads everything."""
    for _attempt in range(300):
        try:
            _ask(port, [Request(path="/ppx/event/", body="", headers={})])
        except OSError:
            time.sleep(0.1)
        else:
            break
    ask_all(port, [Request(path="/ppx/event/", body="", headers={})] * 40)
