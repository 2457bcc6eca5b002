"""The forms of an experiment: the draft, and what may change while it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_ppx.experiments.models import Experiment, ExperimentArm, Metric
from django_ppx.experiments.models.experiments import MONEY, NEEDS_THE_OFFER
from django_ppx.insights.history import read_money_facts
from django_ppx.offers.models import Offer, OfferVariant

if TYPE_CHECKING:
    _ExperimentFormBase = forms.ModelForm[Experiment]
else:
    _ExperimentFormBase = forms.ModelForm

LARGEST_WEIGHT: Final = 1000
WORK_OUT: Final = "_work_out"
"""The button that asks the planner without storing anything, for who has no JavaScript."""


def variants_of(offer: Offer | None) -> list[OfferVariant]:
    """Return an offer's variants in the order of their labels, with their texts."""
    if offer is None:
        return []
    return list(OfferVariant.objects.filter(offer=offer.pk).prefetch_related("texts"))


def weight_name(variant: OfferVariant) -> str:
    return f"weight_{variant.pk}"


class WeightField(forms.IntegerField):
    """How many customers see a variant, against the others."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=LARGEST_WEIGHT, **kwargs)
        self.widget.attrs["class"] = "ppx-arms__weight"


class ExperimentForm(_ExperimentFormBase):
    """A draft. Its arms are one weight per variant of the offer: `weight_<id of the variant>`."""

    secondary_metrics = forms.MultipleChoiceField(
        label=_("Also shown"),
        choices=Metric.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("They decide nothing, and are not corrected for their number."),
    )
    control_label = forms.ChoiceField(
        label=_("Compared with"),
        required=False,
        help_text=_("Where nobody is left out: the variant that the others are compared with."),
    )

    class Meta:
        model = Experiment
        fields = "__all__"
        widgets = {
            "offer": forms.HiddenInput,
            "hypothesis": forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_draft = "holdout_percent" in self.fields  # else all but the name is only shown
        if not self.is_draft:
            for name in ("secondary_metrics", "control_label"):
                self.fields.pop(name, None)
        self.is_only_asked = self.is_bound and WORK_OUT in self.data
        self.offer = self._find_offer() if self.is_draft else None
        self.variants = variants_of(self.offer)
        self._limit_offer()
        weights = self._stored_weights()
        for variant in self.variants:
            self.fields[weight_name(variant)] = WeightField(
                label=variant.label, initial=weights.get(variant.pk, 0)
            )
        control = self.fields.get("control_label")
        if isinstance(control, forms.ChoiceField):
            control.choices = [(variant.label, variant.label) for variant in self.variants]
        self._name_days_and_times()
        if "smallest_lift_percent" in self.fields:
            self.fields["smallest_lift_percent"].validators += [
                MinValueValidator(Decimal("0.1")),
                MaxValueValidator(1000),
            ]

    def _name_days_and_times(self) -> None:
        """Name the two boxes of a moment: their label belongs to neither."""
        for name in ("starts_at", "ends_at"):
            field = self.fields.get(name)
            if field is not None and isinstance(field.widget, forms.MultiWidget):
                for widget, part in zip(field.widget.widgets, (_("day"), _("time")), strict=True):
                    widget.attrs["aria-label"] = format_lazy("{}: {}", field.label or name, part)

    def arm_rows(self) -> Iterator[tuple[OfferVariant, str, forms.BoundField]]:
        """Yield each variant with its first headline and its weight."""
        for variant in self.variants:
            headline = next((text.headline for text in variant.texts.all()), "")
            yield variant, headline, self[weight_name(variant)]

    def weights(self) -> dict[OfferVariant, int]:
        """Return the weights that were entered and are valid, those of 0 too."""
        found = {variant: self.cleaned_data.get(weight_name(variant)) for variant in self.variants}
        return {variant: weight for variant, weight in found.items() if weight is not None}

    def is_valid(self) -> bool:
        """Return whether it may be stored; not when only the planner was asked."""
        return super().is_valid() and not self.is_only_asked

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_only_asked:
            self.errors.clear()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.is_draft:
            return cleaned
        if self.offer is not None:
            self._check_sides(cleaned)
        self._check_metrics(cleaned)
        starts, ends = cleaned.get("starts_at"), cleaned.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", gettext("The end lies after the start."))
        elif ends and ends <= timezone.now():
            self.add_error("ends_at", gettext("The end lies in the past."))
        return cleaned

    def _check_sides(self, cleaned: dict[str, Any]) -> None:
        weights = self.weights()
        if len(weights) < len(self.variants):
            return
        shown = [variant.label for variant, weight in weights.items() if weight]
        holds_out = bool(cleaned.get("holdout_percent"))
        if not shown:
            self.add_error(None, gettext("Give at least one variant a weight."))
        elif len(shown) + holds_out < 2:
            self.add_error(
                None,
                gettext(
                    "There is nothing to compare with: give a second variant a weight, or show nothing "
                    "to some customers."
                ),
            )
        if holds_out:
            cleaned["control_label"] = ""
        elif shown and not cleaned.get("control_label"):
            if "control_label" not in self.errors:
                text = gettext("Say which variant the others are compared with.")
                self.add_error("control_label", text)
        elif shown and cleaned["control_label"] not in shown:
            text = gettext("“%(label)s” has no weight, so nothing can be compared with it.")
            self.add_error("control_label", text % {"label": cleaned["control_label"]})

    def _check_metrics(self, cleaned: dict[str, Any]) -> None:
        primary = cleaned.get("primary_metric")
        if primary is None:
            return
        if cleaned.get("holdout_percent") and primary in NEEDS_THE_OFFER:
            text = gettext(
                "Who is shown nothing can't do this. Decide by what customers buy, or show every customer a variant."
            )
            self.add_error("primary_metric", text)
        if cleaned.get("plan") == Experiment.Plan.EXACT and primary in MONEY:
            text = gettext(
                "Exact counts are for a yes or no (clicked, bought again), not for amounts."
            )
            self.add_error("plan", text)
        others = [name for name in cleaned.get("secondary_metrics") or [] if name != primary]
        cleaned["secondary_metrics"] = others
        for field, names in (("primary_metric", {primary}), ("secondary_metrics", set(others))):
            if names & MONEY:
                self._check_money(field, names)

    def _check_money(self, field: str, names: set[str]) -> None:
        facts = read_money_facts(now=timezone.now())
        if not facts.currency:
            text = gettext(
                "No order says yet in which currency money is counted. Ask your developer for PPX_CURRENCY."
            )
            self.add_error(field, text)
        elif Metric.MARGIN in names and not facts.has_costs:
            text = gettext(
                "The shop does not tell what goods cost, so there is no margin. Ask your developer."
            )
            self.add_error(field, text)

    def _find_offer(self) -> Offer | None:
        if self.instance.pk or "offer" not in self.fields:
            return self.instance.offer
        named = (
            self.data.get("offer")
            if self.is_bound
            else self.get_initial_for_field(self.fields["offer"], "offer")
        )
        text = str(named or "")
        found = Offer.objects.not_archived().filter(pk=int(text)) if text.isdecimal() else None
        return found.first() if found is not None else None

    def _limit_offer(self) -> None:
        field = self.fields.get("offer")
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = Offer.objects.not_archived()
            field.required = True
            field.disabled = bool(self.instance.pk)
            field.error_messages["required"] = _("Choose the offer that is tested.")
            if field.disabled:  # an offer that was archived since stays the one that is tested
                field.queryset = Offer.objects.all()

    def _stored_weights(self) -> dict[int, int]:
        if not self.instance.pk:
            return {variant.pk: variant.weight or 1 for variant in self.variants}
        rows = self.instance.arms.filter(variant__isnull=False)
        return {pk: weight for pk, weight in rows.values_list("variant", "weight") if pk}


class CoverageForm(forms.Form):
    """How many of the customers take part from now on."""

    percent = forms.IntegerField(label=_("Part of customers, in percent"), max_value=100)

    def __init__(self, *args: Any, current: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["percent"]
        lowest = min(current + 1, 100)
        text = gettext("It can only be raised: enter %(lowest)d to 100.") % {"lowest": lowest}
        field.validators.append(MinValueValidator(lowest, message=text))
        field.help_text = gettext("Now: %(current)d %%.") % {"current": current}
        field.widget.attrs |= {"min": lowest}


class SharesForm(forms.Form):
    """New weights of the variants, and why."""

    def __init__(self, *args: Any, arms: Mapping[ExperimentArm, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.arms = list(arms)
        for arm, weight in arms.items():
            self.fields[f"weight_{arm.pk}"] = WeightField(label=arm.label, initial=weight)
        self.fields["reason"] = forms.CharField(
            label=_("Why"),
            max_length=2000,
            widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
            help_text=_("It stands in the decision log."),
        )

    def weights(self) -> dict[int, int]:
        """Return the weights by arm id."""
        return {arm.pk: self.cleaned_data[f"weight_{arm.pk}"] for arm in self.arms}
