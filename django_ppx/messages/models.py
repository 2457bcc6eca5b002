"""The message: a plain card with a link."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.offers.models import Offer
from django_ppx.offers.validators import validate_destination


class Message(Offer):
    """A card with words of the shop's own and, if wanted, one link."""

    offer = models.OneToOneField(
        Offer, on_delete=models.CASCADE, parent_link=True, related_name="message"
    )
    url = models.CharField(
        _("link"),
        max_length=1000,
        blank=True,
        validators=[validate_destination],
        help_text=_(
            "Where the button leads: an address, or a path such as /sale/. Empty: no button."
        ),
    )

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("offers: messages")
