"""Many processes that do everything at once, and what the history checker makes of it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils import timezone

from django_ppx.core.identity import fold_mailbox
from django_ppx.rewards.due import run_due
from django_ppx.rewards.models import BenefitBudget, CodeRedemption, DiscountCode
from tests.rewards.history import Event, Fact, History, contradictions
from tests.rewards.invariants import violations
from tests.rewards.load_shop import open_shop, order_of

ORDERS = 240


@dataclass
class LoadResult:
    """What happened, counted by operation and answer, and what is wrong with it."""

    answers: Counter[tuple[str, str]]
    wrong: list[str] = field(default_factory=list)

    @property
    def busy(self) -> int:
        return sum(n for (_operation, answer), n in self.answers.items() if answer == "busy")

    @property
    def operations(self) -> int:
        return sum(self.answers.values())


def run_load(
    *, processes: int, seconds: float, level: str | None = None, is_hosted: bool = False
) -> LoadResult:
    """Let `processes` mix all operations for so long; nothing may be open in a transaction."""
    return _run("load_worker", processes=processes, seconds=seconds, level=level, hosted=is_hosted)


def run_kills(*, kills: int, processes: int) -> LoadResult:
    """Let `processes` mix all operations, and kill one after another at some moment until `kills` are dead."""
    return _run("kill_worker", processes=processes, kills=kills, level=None, hosted=False)


def _run(worker: str, *, hosted: bool, **options: Any) -> LoadResult:
    codes = open_shop(orders=ORDERS)
    asked = {
        "database": str(connection.settings_dict["NAME"]),
        "is_hosted": hosted,
        "seed": 1,
        "orders": ORDERS,
        "codes": codes,
        **options,
    }
    events = [Event(*event) for event in ask_workers(worker, asked)]
    run_due(now=timezone.now(), limit=100_000)
    rows = CodeRedemption.objects.standing().select_related("code")
    standing = {(row.code.code, row.order_ref): row.status for row in rows}
    history = History(
        events=events,
        facts=_facts(codes),
        person_of={order_of(n).number: _person(n) for n in range(ORDERS)},
    )
    budgets = set(BenefitBudget.objects.values_list("benefit", "currency"))
    return LoadResult(
        answers=Counter((event.operation, event.answer[:40]) for event in events),
        wrong=contradictions(history, standing) + violations(lowered_budgets=budgets),
    )


def ask_workers(module: str, asked: dict[str, Any]) -> Any:
    """Return what a fresh process with forks of its own answers; this one's connection is closed meanwhile."""
    connection.close()
    answered = subprocess.run(
        [sys.executable, "-m", f"tests.rewards.{module}"],
        input=json.dumps(asked),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=900,
        cwd=Path(__file__).parents[2],
    )
    return json.loads(answered.stdout)


def _facts(codes: list[str]) -> dict[str, Fact]:
    return {
        row.code: Fact(
            max_uses=row.max_uses,
            benefit=row.benefit_id,
            is_limited=row.terms["max_uses_per_customer"] is not None,
            is_revoked=row.status == "revoked",
        )
        for row in DiscountCode.objects.filter(code__in=codes)
    }


def _person(number: int) -> str:
    return fold_mailbox(order_of(number).customer.email)
