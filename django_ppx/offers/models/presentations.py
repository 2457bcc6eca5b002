"""What was put on whose page."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.offers.models.offers import Offer, Placement
from django_ppx.offers.models.variants import OfferVariant
from django_ppx.offers.querysets import OfferPresentationQuerySet


class OfferPresentation(models.Model):
    """An offer on the page of one purchase: written once, then the same variant and code for good.

    Also the customer's history with the offer: the frequency cap counts these rows, `dismissed_at` and `done_at`
    say how it ended.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    offer = models.ForeignKey(
        Offer, on_delete=models.CASCADE, related_name="presentations", verbose_name=_("offer")
    )
    variant = models.ForeignKey(
        OfferVariant,
        on_delete=models.PROTECT,
        related_name="presentations",
        verbose_name=_("variant"),
    )
    purchase = models.ForeignKey(
        "django_ppx.Purchase",
        on_delete=models.CASCADE,
        related_name="presentations",
        verbose_name=_("purchase"),
    )
    customer = models.ForeignKey(
        "django_ppx.Customer",
        on_delete=models.CASCADE,
        related_name="presentations",
        verbose_name=_("customer"),
    )
    placement = models.CharField(_("placement"), max_length=20, choices=Placement.choices)
    language = models.CharField(_("language"), max_length=15, blank=True)
    code = models.ForeignKey(
        "django_ppx.DiscountCode",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="presentations",
        verbose_name=_("code"),
    )
    presented_at = models.DateTimeField(_("presented at"))
    dismissed_at = models.DateTimeField(_("dismissed at"), null=True, blank=True)
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)

    objects = OfferPresentationQuerySet.as_manager()

    class Meta:
        verbose_name = _("offer presentation")
        verbose_name_plural = _("offer presentations")
        constraints = [
            models.UniqueConstraint(
                fields=["purchase", "offer", "placement"], name="ppx_offerpresentation_once"
            )
        ]
        indexes = [
            # OfferPresentationQuerySet.history
            models.Index(fields=["customer", "offer"], name="ppx_presentation_customer"),
            # counts per offer and day in insights
            models.Index(fields=["offer", "presented_at"], name="ppx_presentation_offer_at"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
