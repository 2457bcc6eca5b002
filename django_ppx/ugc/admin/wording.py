"""Words and forms that several of the staff's pages share."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class WhyForm(forms.Form):
    """Why it is done. It is kept for colleagues."""

    reason = forms.CharField(
        label=_("Why"),
        max_length=200,
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
        help_text=_("Kept in the register. The customer does not read it."),
    )


def reward_sentence(reward: str) -> str:
    """Return what became of a reward when something ended, as a sentence; "" where there was none."""
    return {
        "kept": gettext("The customer keeps the reward."),
        "taken_back": gettext("The reward is taken back."),
        "used": gettext("The reward was used already, and stays used."),
    }.get(reward, "")
