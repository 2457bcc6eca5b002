"""What was put on which order's page, to look up."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from django_ppx.core.admin import LedgerAdmin
from django_ppx.offers.models import OfferPresentation


@admin.register(OfferPresentation)
class OfferPresentationAdmin(LedgerAdmin):
    """Offers as they were shown, newest first."""

    list_display = (
        "presented_at",
        "purchase",
        "offer",
        "variant",
        "placement",
        "language",
        "dismissed_at",
        "done_at",
    )
    list_filter = ("placement", "presented_at")
    list_select_related = ("purchase", "offer", "variant")
    search_fields = ("purchase__order_ref__startswith",)
    search_help_text = _("The beginning of the order number.")
    ordering = ("-presented_at",)
    fields = list_display
