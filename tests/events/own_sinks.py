"""Sinks as a host might write them, well and badly."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Warning

from django_ppx.events.recording import EventRecord
from django_ppx.events.sinks import DatabaseSink, EventSink


class ListSink(EventSink):
    """Keeps what it is given, as a host's own sink would."""

    kept: list[EventRecord] = []

    def record(self, records: Any) -> list[str]:
        self.kept.extend(records)
        return ["accepted"] * len(records)

    def check(self) -> list[CheckMessage]:
        return [Warning("Mind the list.", id="shop.W001")]


class WithoutRecord(EventSink):
    pass


class Unmakeable(DatabaseSink):
    def __init__(self) -> None:
        raise RuntimeError("no luck")


class BrokenCheck(DatabaseSink):
    def check(self) -> list[CheckMessage]:
        raise RuntimeError("no luck")
