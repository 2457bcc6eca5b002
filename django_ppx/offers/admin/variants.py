"""Variants as cards inside an offer's form, with one group of fields per language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _

from django_ppx.offers.admin.parts import OfferPartPermissions
from django_ppx.offers.forms import (
    OfferVariantForm,
    default_language,
    form_languages,
    variant_form_class,
)
from django_ppx.offers.models import Offer, OfferVariant

if TYPE_CHECKING:
    _InlineBase = admin.StackedInline[OfferVariant, Offer]
    _FormSetBase = forms.BaseInlineFormSet[OfferVariant, Offer, OfferVariantForm]
else:
    _InlineBase = admin.StackedInline
    _FormSetBase = forms.BaseInlineFormSet


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


class OfferVariantInline(OfferPartPermissions, _InlineBase):
    """The variants of one offer."""

    model = OfferVariant
    fk_name = "offer"
    formset: Any = OfferVariantFormSet
    template = "admin/django_ppx/offer/variants.html"
    extra = 0
    min_num = 1
    max_num = 6

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("texts")

    def get_formset(self, request: HttpRequest, obj: Offer | None = None, **kwargs: Any) -> Any:
        kwargs["form"] = variant_form_class()
        kwargs["fields"] = ("label", "design", "weight")
        return super().get_formset(request, obj, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Offer | None = None) -> Any:
        return [(None, {"fields": ("label", "design", "weight")})]
