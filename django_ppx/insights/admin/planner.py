"""The planner beside the form: how many customers and weeks the experiment needs, as it is filled in now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.cache import patch_cache_control

from django_ppx.experiments.models import Experiment
from django_ppx.insights.plan_words import plan_in_words
from django_ppx.insights.planner_forms import PlannerForm, planner_data
from django_ppx.insights.planning import Plan, make_plan
from django_ppx.offers.models import Offer

if TYPE_CHECKING:
    _Base = admin.ModelAdmin[Experiment]
else:
    _Base = object


class PlannerPanel(_Base):
    """Adds `planner/`: the panel as a fragment, for the form that is posted to it. Nothing is stored."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.planner_view)
        return [
            path("planner/", view, name="django_ppx_experiment_planner"),
            *super().get_urls(),
        ]

    def planner_view(self, request: HttpRequest) -> HttpResponse:
        """Answer with the panel's figures. For who may add or change experiments."""
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        offer = find_offer(request.POST.get("offer", ""), among=Offer.objects.all())
        form = PlannerForm(request.POST, offer=offer)
        response = TemplateResponse(
            request, "admin/django_ppx/experiment/plan.html", panel_context(form)
        )
        patch_cache_control(response, private=True, no_store=True)
        return response


def find_offer(text: str, *, among: QuerySet[Offer] | None = None) -> Offer | None:
    """Return the offer of this id; by default one that a new experiment may be about."""
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        return None
    offers = Offer.objects.not_archived() if among is None else among
    return offers.filter(pk=int(text)).first()


def stored_form(experiment: Experiment) -> PlannerForm:
    """Return what the planner reads of a stored draft."""
    rows = experiment.arms.filter(variant__isnull=False).values_list("variant", "weight")
    return PlannerForm(planner_data(experiment, dict(rows)), offer=experiment.offer)


def plan_of(form: PlannerForm) -> Plan | None:
    """Return the plan of a form, None where it does not say enough."""
    return make_plan(form.question(), now=timezone.now()) if form.is_valid() else None


def panel_context(form: PlannerForm) -> dict[str, Any]:
    """Return what the panel's templates show: the plan in words, or what is missing of the form."""
    plan = plan_of(form)
    words = None
    if plan is not None:
        words = plan_in_words(
            plan,
            planned=form.cleaned_data["planned_customers"],
            ends_at=form.cleaned_data["ends_at"],
        )
    return {
        "planner_form": form,
        "plan_words": words,
        "plan_errors": [
            (form.fields[name].label, " ".join(map(str, errors)))
            for name, errors in form.errors.items()
            if name in form.fields
        ],
        "assumes": bool(plan and plan.lacks)
        or any(form.data.get(name) for name in ("assumed_rate_percent", "assumed_daily")),
    }
