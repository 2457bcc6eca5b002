"""What staff see of next-purchase discounts."""

from __future__ import annotations

from django.contrib import admin

from django_ppx.discounts.forms import NextPurchaseDiscountForm
from django_ppx.discounts.models import NextPurchaseDiscount
from django_ppx.offers.admin import OfferKindAdmin


@admin.register(NextPurchaseDiscount)
class NextPurchaseDiscountAdmin(OfferKindAdmin):
    """A code per order. What it is good for is a benefit, defined once and used by many offers."""

    kind_name = "next_purchase_discount"
    kind_fields = ("benefit", "url")
    form = NextPurchaseDiscountForm
