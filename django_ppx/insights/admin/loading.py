"""One experiment with the result of one of its phases: what every page of it starts from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import django
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone

from django_ppx.experiments.models import Experiment, ExperimentPhase
from django_ppx.insights.admin.terms import Terms
from django_ppx.insights.reading import load_result
from django_ppx.insights.results import ExperimentResult

if TYPE_CHECKING:
    _Base = admin.ModelAdmin[Experiment]
else:
    _Base = object


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """`phase`, `result` and `terms` are None before the start."""

    experiment: Experiment
    phases: tuple[ExperimentPhase, ...]
    phase: ExperimentPhase | None
    result: ExperimentResult | None
    terms: Terms | None
    now: datetime


class ReadsResults(_Base):
    """Finds the experiment of an address for who may see it, and reads its result."""

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("django_ppx.decide_experiment")

    def loaded(self, request: HttpRequest, object_id: str) -> Loaded:
        """Return the experiment with the phase that `?phase=` names, else its latest.

        :raises Http404: when there is no such experiment or phase.
        :raises PermissionDenied: when the person may not see experiments.
        """
        experiment = self.get_object(request, object_id)
        if not self.has_view_permission(request, experiment):
            raise PermissionDenied
        if experiment is None:
            raise Http404
        now = timezone.now()
        phases = tuple(experiment.phases.order_by("number"))
        phase = _chosen(phases, request.GET.get("phase", ""))
        if phase is None:
            return Loaded(
                experiment=experiment, phases=phases, phase=None, result=None, terms=None, now=now
            )
        phase.experiment = experiment  # the same row, already read
        return Loaded(
            experiment=experiment,
            phases=phases,
            phase=phase,
            result=load_result(phase=phase, now=now),
            terms=Terms.of(phase, now=now),
            now=now,
        )

    def address(self, experiment: Experiment, page: str) -> str:
        """Return the address of `page` ("result", "result_csv", "stop", "decide", "roll_out", "change")."""
        name = f"admin:django_ppx_experiment_{page}"
        return reverse(name, args=[experiment.pk], current_app=self.admin_site.name)

    def page_context(self, request: HttpRequest, title: str) -> dict[str, Any]:
        """Return what every page of ours in the admin needs."""
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "crumbs_as_list": django.VERSION >= (6, 1),
            "title": title,
            "media": self.media,
        }


def _chosen(phases: tuple[ExperimentPhase, ...], asked: str) -> ExperimentPhase | None:
    """Return the phase of the number that is asked for, else the last one, None without any.

    :raises Http404: when a phase is asked for that does not exist.
    """
    if not asked:
        return phases[-1] if phases else None
    found = next((phase for phase in phases if str(phase.number) == asked), None)
    if found is None:
        raise Http404
    return found
