"""Writing down who was exposed, once per person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django_ppx.conf import ppx_settings
from django_ppx.core.calendar import day_number, end_of_local_days
from django_ppx.experiments.assignment import Exposure
from django_ppx.experiments.models import ExperimentExposure


@dataclass(frozen=True, kw_only=True, slots=True)
class ExposedPage:
    """The page on which somebody was exposed."""

    customer_id: int
    purchase_id: int
    placement: str
    now: datetime


def record_exposures(*, exposures: Iterable[Exposure], page: ExposedPage) -> None:
    """Store the first exposures of one page in one statement. Who has one already keeps it."""
    zone = ZoneInfo(ppx_settings.PPX_TIME_ZONE)
    ExperimentExposure.objects.bulk_create(
        [
            ExperimentExposure(
                experiment_id=exposure.experiment.id,
                phase_id=exposure.experiment.phase_id,
                arm_id=exposure.arm.id,
                customer_id=page.customer_id,
                purchase_id=page.purchase_id,
                placement=page.placement,
                exposed_at=page.now,
                day_no=day_number(page.now, zone),
                window_ends_at=end_of_local_days(page.now, exposure.experiment.window_days, zone),
            )
            for exposure in exposures
        ],
        ignore_conflicts=True,
    )
