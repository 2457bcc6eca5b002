"""Many processes that want the same codes at the same moment, and what the ledger says afterwards."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from django.db import connection
from django.utils import timezone

from django_ppx.rewards.models import CodeRedemption, DiscountCode
from django_ppx.testing import make_benefit, make_code


@dataclass(frozen=True, kw_only=True, slots=True)
class RaceResult:
    """What the racers met. `uses` and `redemptions` are per code, as stored."""

    met: dict[str, int]
    writes: int
    """Statements that tried to take a use."""
    uses: tuple[int, ...]
    redemptions: tuple[int, ...]

    @property
    def attempts(self) -> int:
        return sum(self.met.values())

    @property
    def successes(self) -> int:
        return self.met.get("ok", 0)

    @property
    def faults(self) -> dict[str, int]:
        """Everything but a success and a refusal because the code is used up."""
        return {kind: n for kind, n in self.met.items() if kind not in {"ok", "used_up"}}


def run_race(*, attempt: str, codes: int, processes: int, attempts: int) -> RaceResult:
    """Let `processes` begin together on each of `codes` new single-use codes, `attempts` times each.

    `attempt` names a function of `race_attempts`. The racers use the database that is current here; nothing may be
    open in a transaction.
    """
    benefit, now = make_benefit(), timezone.now()
    rows = [make_code(benefit, now=now) for _code in range(codes)]
    asked = {
        "database": str(connection.settings_dict["NAME"]),
        "attempt": attempt,
        "codes": [row.code for row in rows],
        "processes": processes,
        "attempts": attempts,
    }
    connection.close()
    answered = subprocess.run(
        [sys.executable, "-m", "tests.rewards.race_worker"],
        input=json.dumps(asked),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=900,
        cwd=Path(__file__).parents[2],
    )
    answer = json.loads(answered.stdout)
    stored = {row.pk: row.times_used for row in DiscountCode.objects.all()}
    return RaceResult(
        met=answer["met"],
        writes=answer["writes"],
        uses=tuple(stored[row.pk] for row in rows),
        redemptions=tuple(
            CodeRedemption.objects.standing().filter(code=row).count() for row in rows
        ),
    )
