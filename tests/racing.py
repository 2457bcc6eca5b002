"""Running the same thing at the same moment on several database connections."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def run_together(work: Callable[[int], T], *, times: int = 8) -> list[T]:
    """Return what `work(0)` … `work(times - 1)` return, all begun at once on connections of their own."""
    start = Barrier(times, timeout=20)

    def run(number: int) -> T:
        try:
            connection.ensure_connection()
            start.wait()
            return work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))
