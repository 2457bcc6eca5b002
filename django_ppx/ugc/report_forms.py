"""The form with which the public reports published content."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from django_ppx.ugc.models import UGCReport
from django_ppx.ugc.storage import KEY_LENGTH


class ReportForm(forms.Form):
    """What is wrong, in whose words, and where the decision goes. `website` is a trap: people do not see it."""

    form_key = forms.CharField(
        widget=forms.HiddenInput,
        validators=[RegexValidator(rf"\A[a-z0-9]{{{KEY_LENGTH}}}\Z")],
    )
    cause = forms.ChoiceField(
        label=_("What is wrong?"),
        choices=UGCReport.Cause.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose what is wrong.")},
    )
    text = forms.CharField(
        label=_("In your words"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    email = forms.EmailField(
        label=_("E-mail, if you want to hear what we decide"),
        max_length=320,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr"}),
    )
    website = forms.CharField(required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("cause") == UGCReport.Cause.OTHER and not cleaned.get("text"):
            self.add_error("text", _("Please say in your words what is wrong."))
        if cleaned.get("website"):
            # Whoever's browser filled it in sends the form again, and it is taken.
            self.add_error(None, _("Please send this once more."))
        return cleaned
