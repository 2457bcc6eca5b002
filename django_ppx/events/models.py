"""The append-only ledger of facts about offers."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.events.querysets import OfferEventQuerySet


class OfferEvent(models.Model):
    """One fact about one offer. Never changed; `dedupe_key` says when a second report is the same fact."""

    class Name(models.TextChoices):
        IMPRESSION = "impression", _("seen")
        CLICK = "click", _("clicked")
        COPY = "copy", _("code copied")
        DISMISS = "dismiss", _("dismissed")
        SHARE = "share", _("shared")
        SUBMIT = "submit", _("sent in")

    class Source(models.TextChoices):
        BEACON = "beacon", _("script on the page")
        LINK = "link", _("link")
        FORM = "form", _("form")
        HOST = "host", _("shop")

    name = models.CharField(_("event"), max_length=30, choices=Name.choices)
    offer = models.ForeignKey(
        "django_ppx.Offer", on_delete=models.CASCADE, related_name="events", verbose_name=_("offer")
    )
    variant = models.ForeignKey(
        "django_ppx.OfferVariant",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="events",
        verbose_name=_("variant"),
    )
    presentation = models.ForeignKey(
        "django_ppx.OfferPresentation",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="events",
        verbose_name=_("presentation"),
    )
    customer = models.ForeignKey(
        "django_ppx.Customer",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="offer_events",
        verbose_name=_("customer"),
    )
    channel = models.CharField(
        _("channel"), max_length=50, blank=True, help_text=_("For shares and links: where to.")
    )
    source = models.CharField(_("reported by"), max_length=10, choices=Source.choices)
    bot_score = models.PositiveSmallIntegerField(
        _("bot score"),
        default=0,
        help_text=_("0 is surely a person, 100 surely a machine; 50 and more is not counted."),
    )
    occurred_at = models.DateTimeField(_("occurred at"))
    dedupe_key = models.CharField(_("dedupe key"), max_length=120)

    objects = OfferEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("offer event")
        verbose_name_plural = _("offer events")
        constraints = [
            models.UniqueConstraint(fields=["dedupe_key"], name="ppx_offerevent_dedupe_key_unique"),
            models.CheckConstraint(
                condition=models.Q(bot_score__lte=100),
                name="ppx_offerevent_bot_score_range",
                violation_error_message=_("A bot score lies between 0 and 100."),
            ),
        ]
        indexes = [
            # counts per offer and day in insights
            models.Index(
                fields=["offer", "name", "occurred_at"], name="ppx_offerevent_offer_name_at"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"


CLAIMS: Final = (OfferEvent.Name.COPY, OfferEvent.Name.SHARE, OfferEvent.Name.SUBMIT)
"""What counts as claimed in experiments and in an offer's numbers, beside having done what the offer asks."""
CLICKS: Final = (OfferEvent.Name.CLICK, *CLAIMS)
"""What counts as clicked there."""
