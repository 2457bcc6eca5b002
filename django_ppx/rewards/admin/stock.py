"""What a benefit's page says of its codes as many: how they look, and how many imported ones are left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_ppx.conf import ppx_settings
from django_ppx.rewards.alphabet import fold, shape_of
from django_ppx.rewards.crowding import crowd_with, crowding_sentence
from django_ppx.rewards.models import Benefit
from django_ppx.rewards.space import FEWEST_RANDOM, random_characters
from django_ppx.rewards.stocking import is_low

if TYPE_CHECKING:
    _FormBase = forms.ModelForm[Benefit]
else:
    _FormBase = forms.ModelForm


class BenefitForm(_FormBase):
    """A benefit whose codes nobody can guess."""

    def clean_code_pattern(self) -> str:
        pattern = str(self.cleaned_data["code_pattern"])
        if 0 < random_characters(pattern) < FEWEST_RANDOM:
            raise ValidationError(
                gettext("At least %(count)d random characters (#), or codes could be guessed.")
                % {"count": FEWEST_RANDOM}
            )
        return pattern

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        said = {"code_prefix", "code_pattern"} & set(self.changed_data)
        if said and not said & set(self.errors):
            shape = shape_of(
                prefix=fold(self._said("code_prefix")),
                pattern=self._said("code_pattern"),
                length=ppx_settings.PPX_CODE_LENGTH,
            )
            crowd = crowd_with(shape, more=1, now=timezone.now())
            if crowd is not None and random_characters(shape):  # without any, the field says so
                self.add_error(min(said), crowding_sentence(crowd))
        return cleaned

    def _said(self, name: str) -> str:
        return str(self.cleaned_data.get(name, getattr(self.instance, name)))


def stock_badge(benefit: Benefit, *, left: int) -> SafeString | str:
    """Return how many imported codes are left, marked where they are few; "–" where codes are drawn."""
    if benefit.code_source != Benefit.CodeSource.POOL:
        return "–"
    look = "paused" if is_low(left=left, low_stock_at=benefit.low_stock_at) else "running"
    return format_html('<span class="ppx-badge ppx-badge--{}">{}</span>', look, left_in_words(left))


def left_in_words(left: int) -> str:
    """Return "3 codes left"."""
    text = ngettext("%(count)s code left", "%(count)s codes left", left)
    return (
        text % {"count": number_format(left, force_grouping=True)} if left else str(_("none left"))
    )
