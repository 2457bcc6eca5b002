"""Many processes that want the same codes at the same moment, and what the ledger says afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from django_ppx.rewards.limiting import set_budget
from django_ppx.rewards.models import CodeRedemption, DiscountCode
from django_ppx.rewards.redeeming import redeem_code
from django_ppx.testing import make_benefit, make_code, make_order
from tests.rewards.load import ask_workers

REFUSALS = frozenset({"used_up", "budget_spent", "customer_limit"})


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
        """Everything but a success and a refusal because a limit is met."""
        return {kind: n for kind, n in self.met.items() if kind not in {"ok", *REFUSALS}}


def run_race(
    *,
    attempt: str,
    codes: int = 1,
    processes: int,
    attempts: int,
    level: str | None = None,
    budget_minor: int | None = None,
    is_shared: bool = False,
    **overrides: Any,
) -> RaceResult:
    """Let `processes` begin together on each of `codes` new codes, single-use by default, `attempts` times each.

    `attempt` names a function of `race_attempts`, `level` an isolation level of `isolation`; `overrides` are columns
    of the benefit. With `is_shared` three orders have used each code before, one of them "<code>-shared". The racers
    use the database that is current here; nothing may be open in a transaction.
    """
    benefit, now = make_benefit(**overrides), timezone.now()
    if budget_minor is not None:
        set_budget(benefit_id=benefit.pk, currency="EUR", limit_minor=budget_minor)
    rows = [make_code(benefit, now=now) for _code in range(codes)]
    for code in rows if is_shared else ():
        for name in ("shared", "first", "second"):
            redeem_code(code=code.code, order=make_order(number=f"{code.code}-{name}"), now=now)
    asked = {
        "database": str(connection.settings_dict["NAME"]),
        "attempt": attempt,
        "codes": [row.code for row in rows],
        "processes": processes,
        "attempts": attempts,
        "level": level,
    }
    answer = ask_workers("race_worker", asked)
    stored = {row.pk: row.times_used for row in DiscountCode.objects.all()}
    return RaceResult(
        met=answer["met"],
        writes=answer["writes"],
        uses=tuple(stored[row.pk] for row in rows),
        redemptions=tuple(
            CodeRedemption.objects.standing().filter(code=row).count() for row in rows
        ),
    )
