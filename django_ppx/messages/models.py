"""The message: a plain card with a link."""

from __future__ import annotations

from django.core.validators import URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.offers.models import Offer


class Message(Offer):
    """A card with words of the shop's own and, if wanted, one link."""

    offer = models.OneToOneField(
        Offer, on_delete=models.CASCADE, parent_link=True, related_name="message"
    )
    url = models.CharField(
        _("link"),
        max_length=1000,
        blank=True,
        validators=[URLValidator(schemes=["http", "https"])],
        help_text=_("Where the button leads. Empty: no button."),
    )

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("offers: messages")
