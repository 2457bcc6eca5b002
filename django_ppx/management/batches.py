"""What the commands for many codes share: naming a benefit, saying the last day, drawing progress."""

from __future__ import annotations

import time
from argparse import ArgumentTypeError
from datetime import date
from typing import Final

from django.core.management.base import CommandError, OutputWrapper

from django_ppx.rewards.models import Benefit

_BAR_WIDTH: Final = 30
_STEP: Final = 10_000


def find_benefit(named: str) -> Benefit:
    """Return the benefit with this id or this exact name.

    :raises CommandError: when there is none, or several share the name.
    """
    if named.isdecimal() and (benefit := Benefit.objects.filter(pk=int(named)).first()):
        return benefit
    found = list(Benefit.objects.filter(name=named).order_by("pk")[:20])
    if not found:
        raise CommandError(f"There is no benefit with the id or the name {named!r}.")
    if len(found) > 1:
        ids = ", ".join(str(benefit.pk) for benefit in found)
        raise CommandError(f"Several benefits are called {named!r}. Name one by its id: {ids}.")
    return found[0]


def day(text: str) -> date:
    """Return the day that an option names as YYYY-MM-DD."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no day. Write it as 2026-12-31.") from error


class Progress:
    """Says how far a batch is: a bar that moves on a terminal, elsewhere a line for every tenth.

    Where nobody knows the total, the number alone, elsewhere a line for every 10,000.
    """

    def __init__(self, out: OutputWrapper, *, total: int | None, done: int) -> None:
        self.out = out
        self.total = total or 0
        self.first = done
        self.started = time.monotonic()
        self.tenth = self._tenth(done)
        self.is_line_open = False

    def show(self, done: int) -> None:
        """Draw the bar, or write a line where another tenth is done."""
        if self.out.isatty():
            is_over = self.total > 0 and done >= self.total
            self.out.write(
                f"\r{self._bar(done)}{self._words(done)}", ending="\n" if is_over else ""
            )
            self.is_line_open = not is_over
        elif self._tenth(done) > self.tenth:
            self.tenth = self._tenth(done)
            self.out.write(self._words(done))
        self.out.flush()

    def close(self) -> None:
        """End the line that a bar stands on, where it did not get to its end."""
        if self.is_line_open:
            self.out.write("")
            self.is_line_open = False

    def _bar(self, done: int) -> str:
        if not self.total:
            return ""
        filled = min(done * _BAR_WIDTH // self.total, _BAR_WIDTH)
        return f"[{'#' * filled}{'.' * (_BAR_WIDTH - filled)}] "

    def _tenth(self, done: int) -> int:
        return done * 10 // self.total if self.total else done // _STEP

    def _words(self, done: int) -> str:
        seconds = max(time.monotonic() - self.started, 0.001)
        rate = f"{(done - self.first) / seconds:,.0f} a second"
        if not self.total:
            return f"{done:,}, {rate}"
        return f"{done * 100 // self.total:3}%  {done:,} of {self.total:,}, {rate}"
