"""What the planner reads of an experiment's form as it stands, and what staff say that they expect."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from django_ppx.experiments.models import Experiment, Metric
from django_ppx.insights.experiment_forms import WeightField, variants_of, weight_name
from django_ppx.insights.planning import PlanQuestion
from django_ppx.offers.models import Offer

PLANNED: Final = (
    "primary_metric",
    "window_days",
    "smallest_lift_percent",
    "holdout_percent",
    "coverage_percent",
    "refund_lag_days",
    "plan",
    "control_label",
    "planned_customers",
)
"""The columns that a plan depends on, beside the weights and the dates."""


class PlannerForm(forms.Form):
    """What the planner reads of the form as it stands; what is not stored is what staff assume."""

    primary_metric = forms.ChoiceField(choices=Metric.choices)
    window_days = forms.IntegerField(label=_("Within (days)"), min_value=1, max_value=365)
    smallest_lift_percent = forms.DecimalField(
        label=_("Smallest effect worth knowing"), min_value=Decimal("0.1"), max_value=1000
    )
    holdout_percent = forms.IntegerField(
        label=_("Shown nothing"), min_value=0, max_value=90, required=False
    )
    coverage_percent = forms.IntegerField(
        label=_("Part of customers"), min_value=1, max_value=100, required=False
    )
    refund_lag_days = forms.IntegerField(
        label=_("Refunds come in within"), min_value=0, max_value=365, required=False
    )
    plan = forms.ChoiceField(choices=Experiment.Plan.choices)
    control_label = forms.CharField(required=False)
    planned_customers = forms.IntegerField(
        label=_("Planned customers"), min_value=2, max_value=2**31 - 1, required=False
    )
    starts_at = forms.SplitDateTimeField(
        label=_("Starts"), required=False, widget=AdminSplitDateTime
    )
    ends_at = forms.SplitDateTimeField(label=_("Ends"), required=False, widget=AdminSplitDateTime)
    assumed_rate_percent = forms.DecimalField(
        label=_("Customers who do it, in percent"),
        min_value=Decimal("0.01"),
        max_value=Decimal("99.99"),
        required=False,
        help_text=_("Within the days above, without the offer or with the old variant."),
    )
    assumed_daily = forms.DecimalField(
        label=_("Customers a day"),
        min_value=Decimal("0.01"),
        max_value=Decimal(10_000_000),
        required=False,
        help_text=_("New ones who would take part on an average day."),
    )

    def __init__(self, data: Mapping[str, Any], *, offer: Offer | None) -> None:
        super().__init__(data)
        self.offer = offer
        self.variants = variants_of(offer)
        for variant in self.variants:
            self.fields[weight_name(variant)] = WeightField(label=variant.label, required=False)

    def has_assumptions(self) -> bool:
        """Return whether staff say themselves what they expect. For a valid form."""
        return any(
            self.cleaned_data[name] is not None
            for name in ("assumed_rate_percent", "assumed_daily")
        )

    def question(self) -> PlanQuestion:
        """Return what the valid form asks."""
        given = self.cleaned_data
        weights = {variant.label: given.get(weight_name(variant)) or 0 for variant in self.variants}
        labels = list(weights)
        named = given["control_label"] or (labels[0] if labels else "")
        rate, daily = given["assumed_rate_percent"], given["assumed_daily"]
        return PlanQuestion(
            metric=Metric(given["primary_metric"]),
            window_days=given["window_days"],
            lift=float(given["smallest_lift_percent"]) / 100,
            weights=tuple(weights.values()),
            control=labels.index(named) if named in weights else None,
            holdout_percent=given["holdout_percent"] or 0,
            coverage_percent=given["coverage_percent"] or 100,
            refund_lag_days=given["refund_lag_days"] or 0,
            plan=Experiment.Plan(given["plan"]),
            offer_id=self.offer.pk if self.offer else None,
            starts_at=given["starts_at"],
            assumed_rate=None if rate is None else float(rate) / 100,
            assumed_daily=None if daily is None else float(daily),
        )


def planner_data(experiment: Experiment, weights: Mapping[int, int]) -> dict[str, Any]:
    """Return an experiment as its own form would send it to the planner; `weights` by variant id."""
    data: dict[str, Any] = {name: getattr(experiment, name) for name in PLANNED}
    for name in ("starts_at", "ends_at"):
        moment = getattr(experiment, name)
        if moment is not None:
            local = timezone.localtime(moment)
            data[f"{name}_0"] = f"{local:%Y-%m-%d}"
            data[f"{name}_1"] = f"{local:%H:%M:%S}"
    data.update({f"weight_{pk}": weight for pk, weight in weights.items()})
    return data
