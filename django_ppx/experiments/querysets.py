"""How to ask for experiments and exposures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

from django.db import models, transaction

if TYPE_CHECKING:
    from django_ppx.core.models import Customer
    from django_ppx.experiments.models import (  # noqa: F401 - named in quotes below
        Experiment,
        ExperimentExposure,
    )


_UNDECIDED: Final = ("running", "stopped")


class ExperimentQuerySet(models.QuerySet["Experiment"]):
    def running(self) -> Self:
        return self.filter(status="running")

    def compiled(self) -> Self:
        """Return what a page has to know: what runs or was stopped, and which quarters had a holdout.

        `raised_at` is when more customers were let in last. What was decided is not among them.
        """
        wanted = models.Q(status__in=_UNDECIDED) | models.Q(quarter__isnull=False)
        raised = models.Q(decisions__action="coverage")
        return self.filter(wanted).annotate(
            raised_at=models.Max("decisions__made_at", filter=raised)
        )


class ExperimentExposureQuerySet(models.QuerySet["ExperimentExposure"]):
    def of_undecided(self, *, customer_id: int) -> Self:
        """Return a customer's exposures in the experiments that run, or are measured to their end."""
        return self.filter(customer=customer_id, experiment__status__in=_UNDECIDED)

    def counted(self) -> Self:
        """Return one exposure per person: what a merged guest left behind is not counted."""
        return self.filter(customer__merged_into__isnull=True)

    def settle_merge(self, *, guest: Customer, into: Customer) -> None:
        """Give the person who `guest` turned out to be the earliest exposure of both.

        Where both have one, the later one stays behind with the guest, and whoever saw two arms is marked.
        `core.customers.merge_customers` calls it in its transaction, after it has moved what could be moved.
        """
        mine = {row.experiment_id: row for row in self.filter(customer=into)}
        left = self.filter(customer=guest, experiment__in=list(mine)).select_for_update()
        with transaction.atomic():
            for other in left:
                one = mine[other.experiment_id]
                crossed = one.arm_id != other.arm_id
                kept = one if one.exposed_at <= other.exposed_at else other
                later = other if kept is one else one
                if crossed or kept is other:
                    values, rest = _values(kept), _values(later)
                    self.filter(pk=one.pk).update(
                        **values, is_crossover=crossed or one.is_crossover or other.is_crossover
                    )
                    self.filter(pk=other.pk).update(**rest)


_MOVES: Final = (
    "phase_id",
    "arm_id",
    "purchase_id",
    "placement",
    "exposed_at",
    "day_no",
    "window_ends_at",
)


def _values(row: ExperimentExposure) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _MOVES}
