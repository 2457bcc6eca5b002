"""The steps of an experiment that are confirmed on a page of their own: start, more customers, other shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import django
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_ppx.core.admin import says_when_busy
from django_ppx.experiments.changing import CannotChange, change_coverage, open_phase
from django_ppx.experiments.models import Experiment
from django_ppx.experiments.starting import CannotStart, start_experiment
from django_ppx.insights.admin.experiment_list import shown_arms, sides_of
from django_ppx.insights.admin.planner import plan_of, stored_form
from django_ppx.insights.experiment_forms import CoverageForm, SharesForm
from django_ppx.insights.plan_figures import percent
from django_ppx.insights.start_words import start_in_words, what_stops, what_to_know

if TYPE_CHECKING:
    _Base = admin.ModelAdmin[Experiment]
else:
    _Base = object


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A button on an experiment's page."""

    label: str | Promise
    url: str
    is_main: bool = False


class ExperimentSteps(_Base):
    """Adds `<pk>/start/`, `<pk>/coverage/` and `<pk>/shares/`. All need the permission to decide."""

    def get_urls(self) -> list[URLPattern]:
        views = {
            "start": self.start_view,
            "coverage": self.coverage_view,
            "shares": self.shares_view,
        }
        own = [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(view),
                name=f"django_ppx_experiment_{name}",
            )
            for name, view in views.items()
        ]
        return [*own, *super().get_urls()]

    def has_step_permission(self, request: HttpRequest) -> bool:
        """Return whether the person may start, change and decide experiments; they must be able to see them."""
        return request.user.has_perm(
            "django_ppx.decide_experiment"
        ) and self.has_view_or_change_permission(request)

    def steps_of(self, request: HttpRequest, experiment: Experiment) -> tuple[Step, ...]:
        """Return the buttons that this person has on this experiment's page."""
        found = []
        is_draft = experiment.status == Experiment.Status.DRAFT
        may_decide = self.has_step_permission(request)
        if not is_draft:
            found.append(Step(label=_("Result"), url=self._url("result", experiment), is_main=True))
        elif may_decide:
            found.append(Step(label=_("Start …"), url=self._url("start", experiment), is_main=True))
        if may_decide and experiment.status == Experiment.Status.RUNNING:
            if experiment.coverage_percent < 100:
                label = _("Change part of customers")
                found.append(Step(label=label, url=self._url("coverage", experiment)))
            if len(shown_arms(experiment)) > 1:
                found.append(Step(label=_("Change shares"), url=self._url("shares", experiment)))
        return tuple(found)

    @says_when_busy
    def start_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say what starting means, and start."""
        experiment = self._experiment(request, pk)
        form = stored_form(experiment)
        plan = plan_of(form) if experiment.offer_id else None
        problems = what_stops(experiment, plan, now=timezone.now())
        if request.method == "POST" and not problems:
            try:
                start_experiment(
                    experiment=experiment,
                    planned_customers=plan.customers if plan else None,
                    by=request.user,
                    now=timezone.now(),
                )
            except CannotStart as refused:
                problems = (str(refused),)
            else:
                self.log_change(request, experiment, gettext("Started."))
                text = gettext("“%(name)s” runs.") % {"name": experiment.name}
                self.message_user(request, text, messages.SUCCESS)
                return self._to_form(experiment)
        arms = list(experiment.arms.all())
        sentences = start_in_words(experiment, arms, plan) if arms else ()
        extra = {
            "title": gettext("Start “%(name)s”?") % {"name": experiment.name},
            "sentences": [sentence for sentence in sentences if sentence],
            "problems": problems,
            "notes": what_to_know(experiment, now=timezone.now()),
        }
        return self._page(request, experiment, "start", extra)

    @says_when_busy
    def coverage_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask what part of customers takes part from now on."""
        experiment = self._experiment(request, pk)
        form = CoverageForm(request.POST or None, current=experiment.coverage_percent)
        if request.method == "POST" and form.is_valid():
            value = form.cleaned_data["percent"]
            try:
                change_coverage(
                    experiment=experiment, percent=value, by=request.user, now=timezone.now()
                )
            except CannotChange as refused:
                form.add_error(None, str(refused))
            else:
                text = gettext("%(share)s of customers take part.") % {"share": percent(value)}
                return self._done(request, experiment, text)
        extra = {"title": gettext("Let more customers take part"), "form": form}
        return self._page(request, experiment, "coverage", extra)

    @says_when_busy
    def shares_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for other shares, and why. They begin a new phase."""
        experiment = self._experiment(request, pk)
        arms = shown_arms(experiment)
        if len(arms) < 2:
            raise Http404
        form = SharesForm(request.POST or None, arms=arms)
        if request.method == "POST" and form.is_valid():
            try:
                phase = open_phase(
                    experiment=experiment,
                    weights=form.weights(),
                    reason=form.cleaned_data["reason"],
                    by=request.user,
                    now=timezone.now(),
                )
            except CannotChange as refused:
                form.add_error(None, str(refused))
            else:
                text = gettext("Phase %(number)d has begun.") % {"number": phase.number}
                return self._done(request, experiment, text)
        extra = {
            "title": gettext("Change shares: a new phase"),
            "form": form,
            "sides": [(label, percent(share)) for label, share in sides_of(experiment)],
        }
        return self._page(request, experiment, "shares", extra)

    def _experiment(self, request: HttpRequest, pk: int) -> Experiment:
        if not self.has_step_permission(request):
            raise PermissionDenied
        experiment = Experiment.objects.select_related("offer").filter(pk=pk).first()
        if experiment is None:
            raise Http404
        return experiment

    def _done(self, request: HttpRequest, experiment: Experiment, text: str) -> HttpResponse:
        self.log_change(request, experiment, text)
        self.message_user(request, text, messages.SUCCESS)
        return self._to_form(experiment)

    def _to_form(self, experiment: Experiment) -> HttpResponse:
        return HttpResponseRedirect(self._url("change", experiment))

    def _url(self, page: str, experiment: Experiment) -> str:
        return reverse(
            f"admin:django_ppx_experiment_{page}",
            args=[experiment.pk],
            current_app=self.admin_site.name,
        )

    def _page(
        self, request: HttpRequest, experiment: Experiment, name: str, extra: dict[str, Any]
    ) -> HttpResponse:
        form: forms.Form | None = extra.get("form")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "crumbs_as_list": django.VERSION >= (6, 1),
            "experiment": experiment,
            "back_url": self._url("change", experiment),
            "media": self.media + form.media if form is not None else self.media,
            **extra,
        }
        return TemplateResponse(request, f"admin/django_ppx/experiment/{name}.html", context)
