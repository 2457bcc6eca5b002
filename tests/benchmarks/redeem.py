"""Redeeming against the bare ORM (one conditional update, one insert, a transaction) and against `select_for_update`.

At 1 and at 16 connections, on a code of its own for each use and on one code that all want. The three ways are measured
in turns, so that what else the machine does strikes all of them; the figure is the median over the turns.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median

from django.db import connection
from django.utils import timezone

from django_ppx.rewards.alphabet import draw_codes
from django_ppx.rewards.models import CodeRedemption, DiscountCode
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.testing import make_benefit
from tests.benchmarks.cases import Row

WAYS = ("redeem", "bare_orm", "locking")
CONNECTIONS = (1, 16)
USES = {1: 400, 16: 60}
WARM_UP = 5
TURNS = 5
LEAST = 0.8


def rows(database: str) -> list[Row]:
    """Return the rates, uses a second, and the ratio to the bare ORM; one row a setting."""
    return [
        _row(database, kind, connections)
        for connections in CONNECTIONS
        for kind in ("distinct", "hot")
    ]


def _row(database: str, kind: str, connections: int) -> Row:
    rates: dict[str, list[float]] = {way: [] for way in WAYS}
    for turn in range(TURNS):
        for way in WAYS[turn % 3 :] + WAYS[: turn % 3]:
            rates[way].append(_measure(way, kind, connections))
    ours, bare, locking = (median(rates[way]) for way in WAYS)
    ratio = median(
        ours / bare for ours, bare in zip(rates["redeem"], rates["bare_orm"], strict=True)
    )
    figure = f"{ours:,.0f}/s; bare {bare:,.0f}/s, locking {locking:,.0f}/s: {ratio:.2f} x bare"
    return Row(
        f"redeem-{database}-{kind}-{connections}", figure, f"{LEAST} x bare", is_ok=ratio >= LEAST
    )


def _measure(way: str, kind: str, connections: int) -> float:
    """Return how many uses a second were taken, on codes made for this measurement."""
    uses = USES[connections]
    count = 1 if kind == "hot" else connections * (WARM_UP + uses)
    codes = _make_codes(count)
    asked = {
        "database": str(connection.settings_dict["NAME"]),
        "way": way,
        "codes": codes,
        "connections": connections,
        "uses": uses,
        "warm_up": WARM_UP,
    }
    connection.close()
    answered = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.redeem_worker"],
        input=json.dumps(asked),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=600,
        cwd=Path(__file__).parents[2],
    )
    CodeRedemption.objects.all().delete()
    DiscountCode.objects.all().delete()
    return float(json.loads(answered.stdout)["rate"])


def _make_codes(count: int) -> list[tuple[str, int]]:
    benefit = make_benefit()
    terms, now = FrozenTerms.of(benefit).as_json(), timezone.now()
    DiscountCode.objects.bulk_create(
        DiscountCode(
            code=code,
            benefit=benefit,
            terms=terms,
            max_uses=1_000_000 if count == 1 else 1,
            issued_at=now,
        )
        for code in draw_codes(count, shape="#" * 12)
    )
    return list(DiscountCode.objects.values_list("code", "pk"))
