"""The holdout of a quarter: some customers see no offer of ours at all. Pure.

It is off unless `PPX_HOLDOUT_PERCENT` says otherwise; `experiments.quarters` makes its row.
"""

from __future__ import annotations

from django_ppx.experiments.assignment import Exposure
from django_ppx.experiments.quarter_names import quarter_of
from django_ppx.offers.compiled import Assignment, Snapshot
from django_ppx.offers.moments import Moment


def assign_quarter(snapshot: Snapshot, moment: Moment) -> Assignment | None:
    """Return whether the customer is held out of everything this quarter; None where there is no such holdout.

    The exposure is set until the customer was counted once, on either side.
    """
    experiment = snapshot.holdouts.get(quarter_of(moment.now, snapshot.zone))
    if experiment is None or moment.customer is None:
        return None
    stored = experiment.arm(moment.exposures.get(experiment.id, 0))
    arm = stored or experiment.arm_of(moment.unit)
    if arm is None:
        return None
    return Assignment(
        variant=None,
        is_held_out=arm.is_holdout,
        exposure=None if stored else Exposure(experiment=experiment, arm=arm),
    )
