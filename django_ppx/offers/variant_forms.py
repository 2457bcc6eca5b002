"""The variants of one offer, written together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django import forms
from django.utils.translation import gettext as _

from django_ppx.offers.forms import OfferVariantForm, default_language, form_languages
from django_ppx.offers.models import Offer, OfferVariant

if TYPE_CHECKING:
    _FormSetBase = forms.BaseInlineFormSet[OfferVariant, Offer, OfferVariantForm]
else:
    _FormSetBase = forms.BaseInlineFormSet

MOST_VARIANTS: Final = 6


class OfferVariantFormSet(_FormSetBase):
    """Holds the rule that an active offer has words in the shop's main language, in every variant."""

    def clean(self) -> None:
        super().clean()
        if self.instance.status != Offer.Status.ACTIVE:
            return
        kept = [form for form in self.forms if self._is_kept(form)]
        language = default_language()
        name = str(dict(form_languages())[language])
        if not kept:
            raise forms.ValidationError(
                _("An active offer needs at least one variant with a headline in %(language)s.")
                % {"language": name},
                code="no_variant",
            )
        for form in kept:
            if not form.has_headline(language):
                form.add_error(
                    f"text_{language.replace('-', '_')}_headline",
                    _("An active offer needs a headline in %(language)s.") % {"language": name},
                )

    def _is_kept(self, form: OfferVariantForm) -> bool:
        if self._should_delete_form(form):  # type: ignore[attr-defined]
            return False
        return bool(form.instance.pk) or form.has_changed()
