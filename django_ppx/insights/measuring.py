"""What each arm of a phase comes to as of a complete local day.

A customer counts once their window is over (day of exposure + window ≤ the day), with what they did in it: days after
that of the exposure, as far as the ledger knew by then. What stands in `docs/measuring.md` is done here and in
`insights.statements`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connections

from django_ppx.conf import ppx_settings
from django_ppx.core.calendar import day_of_number, start_of_local_day
from django_ppx.events.querysets import HUMAN_BELOW
from django_ppx.experiments.models import ExperimentExposure, ExperimentPhase
from django_ppx.insights import statements
from django_ppx.insights.results import Counted
from django_ppx.insights.sums import ArmSums, CountedSums

_ANSWERS: Final = (Counted.CLICKED, Counted.CLAIMED, Counted.DISMISSED)


def measure_arms(*, phase: ExperimentPhase, day_no: int) -> dict[int, ArmSums]:
    """Return the sums of every arm of `phase` as of the end of the local day `day_no`.

    Five statements at most, three without an offer (the holdout of a quarter); the codes that were redeemed are asked
    for only where the phase names that metric. What the ledger learned later changes nothing: asked again another
    day, the answer is the same, but for customers who were merged since.
    """
    exposed = _rows(statements.EXPOSED, phase, day_no)
    bought = _rows(statements.BOUGHT, phase, day_no)
    counts = {Counted.COMPLAINED: _rows(statements.COMPLAINED, phase, day_no)}
    if phase.experiment.offer_id is not None:
        responded = _rows(statements.RESPONDED, phase, day_no)
        counts |= dict.fromkeys(_ANSWERS, responded)
        if Counted.REDEEMED in (phase.primary_metric, *phase.secondary_metrics):
            counts[Counted.REDEEMED] = _rows(statements.REDEEMED, phase, day_no)
    return {
        arm: _arm_sums(
            exposed.get(arm, {}),
            bought.get(arm, {}),
            {what: rows.get(arm, {}).get(what.value, 0) for what, rows in counts.items()},
        )
        for arm in sorted(int(arm) for arm in phase.shares)
    }


def _rows(statement: str, phase: ExperimentPhase, day_no: int) -> dict[int, Any]:
    using = ExperimentExposure.objects.db
    known_until = start_of_local_day(
        day_of_number(day_no) + timedelta(days=1), ZoneInfo(ppx_settings.PPX_TIME_ZONE)
    )
    values = {
        "phase": phase.pk,
        "as_of": day_no,
        "window": phase.window_days,
        "matured_day": day_no - phase.window_days,
        "currency": phase.currency,
        "cap": phase.winsor_cap_minor,
        "offer": phase.experiment.offer_id,
        "human_below": HUMAN_BELOW,
        "known_until": connections[using].ops.adapt_datetimefield_value(known_until),
    }
    return statements.rows_by_arm(statement, values, using=using)


def _arm_sums(
    exposed: Mapping[str, Any], bought: Mapping[str, Any], counts: Mapping[Counted, int]
) -> ArmSums:
    matured = int(exposed.get("matured", 0))
    yes = {
        Counted.REPEAT: bought.get("repeats", 0),
        Counted.REFUNDED: bought.get("refunded", 0),
        **counts,
    }
    counted = {
        what: CountedSums.of_yes(customers=matured, yes=int(number)) for what, number in yes.items()
    }
    orders = int(bought.get("orders", 0))
    counted[Counted.ORDERS] = CountedSums(
        customers=matured,
        total=orders,
        squares=int(bought.get("orders_squares", 0)),
        active=int(bought.get("repeats", 0)),
        raw_total=orders,
    )
    counted[Counted.REVENUE] = _money("revenue", matured, bought)
    of_known_cost = matured - int(bought.get("unknown_cost", 0))
    counted[Counted.MARGIN] = _money("margin", of_known_cost, bought)
    return ArmSums(
        exposed=int(exposed.get("exposed", 0)),
        new=int(exposed.get("new_exposed", 0)),
        matured=matured,
        crossovers=int(exposed.get("crossovers", 0)),
        other_currency=int(bought.get("other", 0)),
        counted={what: counted[what] for what in Counted if what in counted},
    )


def _money(name: str, customers: int, bought: Mapping[str, Any]) -> CountedSums:
    return CountedSums(
        customers=customers,
        total=int(bought.get(name, 0)),
        squares=int(bought.get(f"{name}_squares", 0)),
        active=int(bought.get(f"{name}_active", 0)),
        raw_total=int(bought.get(f"{name}_raw", 0)),
    )
