"""The ledger of facts about offers, to look up."""

from __future__ import annotations

from django.contrib import admin

from django_ppx.core.admin import LedgerAdmin
from django_ppx.events.models import OfferEvent


@admin.register(OfferEvent)
class OfferEventAdmin(LedgerAdmin):
    """What happened with offers, newest first."""

    list_display = ("occurred_at", "name", "offer", "variant", "channel", "source", "bot_score")
    list_filter = ("name", "source", "occurred_at")
    list_select_related = ("offer", "variant")
    ordering = ("-occurred_at", "-pk")
    fields = (
        "occurred_at",
        "name",
        "offer",
        "variant",
        "channel",
        "source",
        "bot_score",
    )
