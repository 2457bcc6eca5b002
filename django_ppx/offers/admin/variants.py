"""Variants as cards inside an offer's form, with one group of fields per language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from django_ppx.offers.admin.parts import OfferPartPermissions
from django_ppx.offers.forms import variant_form_class
from django_ppx.offers.models import Offer, OfferVariant
from django_ppx.offers.variant_forms import MOST_VARIANTS, OfferVariantFormSet

if TYPE_CHECKING:
    _InlineBase = admin.StackedInline[OfferVariant, Offer]
else:
    _InlineBase = admin.StackedInline


class OfferVariantInline(OfferPartPermissions, _InlineBase):
    """The variants of one offer."""

    model = OfferVariant
    fk_name = "offer"
    formset: Any = OfferVariantFormSet
    template = "admin/django_ppx/offer/variants.html"
    extra = 0
    min_num = 1
    max_num = MOST_VARIANTS

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("texts")

    def get_formset(self, request: HttpRequest, obj: Offer | None = None, **kwargs: Any) -> Any:
        kwargs["form"] = variant_form_class()
        kwargs["fields"] = ("label", "design", "weight")
        return super().get_formset(request, obj, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Offer | None = None) -> Any:
        return [(None, {"fields": ("label", "design", "weight")})]
