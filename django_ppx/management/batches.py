"""What the commands for many codes share: naming a benefit, saying the last day, drawing progress."""

from __future__ import annotations

import time
from argparse import ArgumentTypeError
from datetime import date
from typing import Final

from django.core.management.base import CommandError, OutputWrapper

from django_ppx.rewards.models import Benefit

_BAR_WIDTH: Final = 30


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
    """Says how far a batch is: a bar that moves on a terminal, elsewhere a line for every tenth."""

    def __init__(self, out: OutputWrapper, *, total: int, done: int) -> None:
        self.out = out
        self.total = total
        self.first = done
        self.started = time.monotonic()
        self.tenth = done * 10 // total

    def show(self, done: int) -> None:
        """Draw the bar, or write a line where another tenth is done."""
        if self.out.isatty():
            filled = done * _BAR_WIDTH // self.total
            bar = "#" * filled + "." * (_BAR_WIDTH - filled)
            end = "\n" if done >= self.total else ""
            self.out.write(f"\r[{bar}] {self._words(done)}{end}", ending="")
        elif done * 10 // self.total > self.tenth:
            self.tenth = done * 10 // self.total
            self.out.write(self._words(done))
        self.out.flush()

    def _words(self, done: int) -> str:
        seconds = max(time.monotonic() - self.started, 0.001)
        rate = (done - self.first) / seconds
        return f"{done * 100 // self.total:3}%  {done:,} of {self.total:,}, {rate:,.0f} a second"
