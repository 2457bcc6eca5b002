"""What staff are asked before an experiment is stopped, decided or rolled out."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_ppx.experiments.models import ExperimentArm

NO_ARM: Final = "-"
"""The value of the choice "none of them"."""


class ReasonForm(forms.Form):
    """Why it is done."""

    reason = forms.CharField(
        label=_("Why"),
        max_length=2000,
        widget=forms.Textarea(attrs={"class": "vLargeTextField", "rows": 3}),
        help_text=_("Kept in the log with the figures of today. It can't be changed later."),
    )


class ArmForm(ReasonForm):
    """Which arm, and why. Beside each arm stands what choosing it does."""

    arm = forms.ChoiceField(label=_("Arm"), widget=forms.RadioSelect)
    field_order = ("arm", "reason")

    def __init__(
        self, *args: Any, choices: list[tuple[str, str]], preferred: str | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["arm"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.choices = choices
        field.initial = preferred


def decision_choices(arms: list[ExperimentArm]) -> list[tuple[str, str]]:
    """Return every arm, and "none of them", with the values that the form sends."""
    none = (NO_ARM, gettext("None of them: nothing was shown, or it stays undecided"))
    return [*((str(arm.pk), arm.label) for arm in arms), none]


def roll_out_choices(arms: list[ExperimentArm]) -> list[tuple[str, str]]:
    """Return every arm with what happens when it is rolled out."""
    shown = gettext("“%(arm)s”: every customer from now on sees it")
    nothing = gettext("“%(arm)s”: the offer is paused, and nobody sees it any more")
    return [
        (str(arm.pk), (nothing if arm.is_holdout else shown) % {"arm": arm.label}) for arm in arms
    ]
