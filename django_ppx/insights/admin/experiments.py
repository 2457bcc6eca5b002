"""Experiments: the list, the form of a draft with its planner, and the steps from there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

import django
from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_ppx.core.admin import ListLook
from django_ppx.experiments.drafting import set_arms
from django_ppx.experiments.models import Experiment, Metric
from django_ppx.insights.admin.experiment_list import ExperimentList, sides_of, status_badge
from django_ppx.insights.admin.offer_choice import offer_choices
from django_ppx.insights.admin.planner import (
    PlannerPanel,
    find_offer,
    panel_context,
    plan_of,
    stored_form,
)
from django_ppx.insights.admin.result_pages import ExperimentResultPages
from django_ppx.insights.admin.steps import ExperimentSteps
from django_ppx.insights.experiment_forms import ExperimentForm, variants_of
from django_ppx.insights.plan_figures import many_customers, percent
from django_ppx.insights.planner_forms import PlannerForm, planner_data
from django_ppx.offers.building import icons_url

if TYPE_CHECKING:
    _Base = admin.ModelAdmin[Experiment]
else:
    _Base = object

_HALF: Final = 50
"""Who has one variant only compares it with showing nothing; half and half answers soonest."""


@admin.register(Experiment)
class ExperimentAdmin(
    ExperimentResultPages, ExperimentSteps, PlannerPanel, ExperimentList, ListLook, _Base
):
    """Drafts are written here. After the start all is fixed but the name; what may change has a page of its own."""

    form = ExperimentForm
    change_form_template = "admin/django_ppx/experiment/change_form.html"
    actions = None

    class Media:
        css: ClassVar[dict[str, list[str]]] = {
            "all": [
                "django_ppx/admin/admin.css",
                "django_ppx/admin/rewards.css",
                "django_ppx/admin/experiment_form.css",
            ]
        }
        js: ClassVar[list[Any]] = [
            forms.Script("django_ppx/admin/experiment_form.js", type="module")
        ]

    def get_fieldsets(self, request: HttpRequest, obj: Experiment | None = None) -> Any:
        is_draft = _is_draft(obj) and self.may_write(request, obj)
        asked = ("name", "hypothesis", "offer") if obj is None else ("name", "hypothesis")
        others = "secondary_metrics" if is_draft else "secondary_in_words"
        dates = ("starts_at", "ends_at") if is_draft else ("started_at", "stopped_at", "decided_at")
        return [
            (_("What you want to know"), {"fields": asked}),
            (
                _("Who sees what"),
                {"fields": ("holdout_percent", "control_label", "coverage_percent")},
            ),
            (
                _("What decides"),
                {
                    "fields": (
                        "primary_metric",
                        "window_days",
                        "smallest_lift_percent",
                        others,
                    )
                },
            ),
            (_("How long"), {"fields": ("plan", "planned_customers", "refund_lag_days", *dates)}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Experiment | None = None) -> Any:
        """Return what is only shown: of what was started, all but the name."""
        if _is_draft(obj):
            return ()
        names = [
            name for _title, part in self.get_fieldsets(request, obj) for name in part["fields"]
        ]
        return tuple(name for name in names if name != "name")

    def has_delete_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:
        """Return whether the person may delete it; what was started is a record."""
        return super().has_delete_permission(request, obj) and _is_draft(obj)

    @admin.display(description=_("also shown"))
    def secondary_in_words(self, experiment: Experiment) -> str:
        labels = dict(Metric.choices)
        names = [str(labels.get(name, name)) for name in experiment.secondary_metrics]
        return ", ".join(names) or gettext("Nothing")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Ask first which offer is tested; its variants are the sides of the test."""
        given = request.POST if request.method == "POST" else request.GET
        if find_offer(given.get("offer", "")) is None and self.has_add_permission(request):
            return self._choose_offer(request)
        return super().add_view(request, form_url, extra_context)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        offer = find_offer(request.GET.get("offer", ""))
        if offer is None:
            return {}
        variants = variants_of(offer)
        return {
            "offer": offer.pk,
            "name": gettext("Test of “%(offer)s”") % {"offer": offer.name[:100]},
            "holdout_percent": _HALF if len(variants) == 1 else 0,
            "control_label": variants[0].label if variants else "",
        }

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        experiment = context.get("original")
        form = context["adminform"].form
        is_draft = _is_draft(experiment)
        may_write = self.may_write(request, experiment)
        context |= {
            "experiment": experiment,
            "is_draft": is_draft,
            "offer": form.offer if experiment is None else experiment.offer,
            "arm_rows": list(form.arm_rows()) if is_draft and may_write else [],
            "sides": []
            if experiment is None
            else [(label, percent(share)) for label, share in sides_of(experiment)],
            "show_save_and_add_another": False,
            "badge": status_badge(experiment) if experiment else SafeString(),
            "steps": self.steps_of(request, experiment) if experiment else (),
            "crumbs_as_list": django.VERSION >= (6, 1),
        }
        if is_draft and may_write:
            url = reverse("admin:django_ppx_experiment_planner", current_app=self.admin_site.name)
            context |= {"planner_url": url, **panel_context(_asked(request, experiment, form))}
        return super().render_change_form(request, context, *args, **kwargs)

    def may_write(self, request: HttpRequest, experiment: Experiment | None) -> bool:
        if experiment is None:
            return self.has_add_permission(request)
        return self.has_change_permission(request, experiment)

    def save_model(self, request: HttpRequest, obj: Experiment, form: Any, change: bool) -> None:
        """Store what the form has, and nothing else of the row: meanwhile a colleague may have started it."""
        if not change:
            obj.created_by_id = request.user.pk
            super().save_model(request, obj, form, change)
            return
        stored = Experiment.objects.select_for_update().get(pk=obj.pk)
        names = [field.name for field in obj._meta.concrete_fields if field.name in form.fields]
        if form.is_draft and stored.status != Experiment.Status.DRAFT:
            form.is_draft, names = False, ["name"]
            text = gettext("It was started meanwhile, so only the name was stored.")
            self.message_user(request, text, messages.WARNING)
        obj.save(update_fields=names)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if form.is_draft:
            set_arms(experiment=form.instance, weights=form.weights())
            self._keep_assumed_size(request, form.instance)

    def _keep_assumed_size(self, request: HttpRequest, experiment: Experiment) -> None:
        """Store the size that follows from what staff assumed: the assumption itself is not kept."""
        form = PlannerForm(request.POST, offer=experiment.offer)
        if experiment.planned_customers or not form.is_valid():
            return
        plan = plan_of(form) if form.has_assumptions() else None
        if plan is None or plan.customers is None:
            return
        experiment.planned_customers = plan.customers
        experiment.save(update_fields=["planned_customers"])
        text = gettext("From what you expect, %(customers)s are planned.")
        self.message_user(
            request, text % {"customers": many_customers(plan.customers)}, messages.INFO
        )

    def _choose_offer(self, request: HttpRequest) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "crumbs_as_list": django.VERSION >= (6, 1),
            "title": gettext("Which offer would you like to test?"),
            "choices": offer_choices(),
            "icons_url": icons_url(),
            "media": self.media,
        }
        return TemplateResponse(request, "admin/django_ppx/experiment/choose_offer.html", context)


def _is_draft(experiment: Experiment | None) -> bool:
    """Return whether it may still be written; the holdout of a quarter is never."""
    if experiment is None:
        return True
    return experiment.status == Experiment.Status.DRAFT and experiment.offer_id is not None


def _asked(
    request: HttpRequest, experiment: Experiment | None, form: ExperimentForm
) -> PlannerForm:
    """Return what the planner reads: what was sent, what is stored, or what a new form comes with."""
    if request.method == "POST":
        return PlannerForm(request.POST, offer=form.offer)
    if experiment is not None:
        return stored_form(experiment)
    initial: Mapping[str, Any] = form.initial
    draft = Experiment(
        holdout_percent=initial.get("holdout_percent", 0),
        control_label=initial.get("control_label", ""),
    )
    return PlannerForm(
        planner_data(draft, {variant.pk: variant.weight or 1 for variant in form.variants}),
        offer=form.offer,
    )
