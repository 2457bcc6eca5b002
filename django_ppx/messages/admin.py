"""What staff see of messages."""

from __future__ import annotations

from django.contrib import admin

from django_ppx.messages.models import Message
from django_ppx.offers.admin import OfferKindAdmin


@admin.register(Message)
class MessageAdmin(OfferKindAdmin):
    """A card with words and, if wanted, one link."""

    kind_name = "message"
    kind_fields = ("url",)
