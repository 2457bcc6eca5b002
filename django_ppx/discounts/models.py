"""The next-purchase discount: an offer that hands out a code for the next order."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.offers.models import Offer
from django_ppx.offers.validators import validate_destination


class NextPurchaseDiscount(Offer):
    """An offer whose card carries a personal code, one per order."""

    offer = models.OneToOneField(
        Offer, on_delete=models.CASCADE, parent_link=True, related_name="next_purchase_discount"
    )
    benefit = models.ForeignKey(
        "django_ppx.Benefit",
        on_delete=models.PROTECT,
        related_name="next_purchase_discounts",
        verbose_name=_("benefit"),
        help_text=_(
            "What the code is good for. Codes already given keep the terms they were given with."
        ),
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
        verbose_name = _("next-purchase discount")
        verbose_name_plural = _("offers: next-purchase discounts")
