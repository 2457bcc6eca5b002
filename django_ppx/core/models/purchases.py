"""Our snapshot of what was bought: `Purchase` and its lines.

A purchase holds the shop's order reference, never a foreign key to the shop. Amounts are integer
minor units.
"""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.core.models.customers import Customer
from django_ppx.core.money import Money
from django_ppx.core.querysets import PurchaseQuerySet


class Purchase(models.Model):
    """Our snapshot of one order, unique by `order_ref`."""

    class Status(models.TextChoices):
        PLACED = "placed", _("placed")
        CANCELLED = "cancelled", _("cancelled")
        REFUNDED = "refunded", _("refunded")

    order_ref = models.CharField(_("order number"), max_length=100)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="purchases", verbose_name=_("customer")
    )
    status = models.CharField(
        _("status"), max_length=20, choices=Status.choices, default=Status.PLACED
    )
    placed_at = models.DateTimeField(_("placed at"))
    currency = models.CharField(_("currency"), max_length=3)
    total_minor = models.BigIntegerField(_("total, minor units"))
    discount_minor = models.BigIntegerField(_("discount, minor units"), default=0)
    shipping_minor = models.BigIntegerField(_("shipping, minor units"), default=0)
    refunded_minor = models.BigIntegerField(_("refunded, minor units"), default=0)
    discount_codes = models.JSONField(_("discount codes used"), default=list, blank=True)
    language = models.CharField(_("language"), max_length=15, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    utm_source = models.CharField(_("campaign source"), max_length=150, blank=True)
    utm_medium = models.CharField(_("campaign medium"), max_length=150, blank=True)
    utm_campaign = models.CharField(_("campaign name"), max_length=150, blank=True)
    utm_term = models.CharField(_("campaign term"), max_length=150, blank=True)
    utm_content = models.CharField(_("campaign content"), max_length=150, blank=True)
    is_test = models.BooleanField(_("test order"), default=False)
    recorded_at = models.DateTimeField(_("recorded at"))
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)

    objects = PurchaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("purchase")
        verbose_name_plural = _("purchases")
        constraints = [
            models.UniqueConstraint(fields=["order_ref"], name="ppx_purchase_order_ref_unique"),
            models.CheckConstraint(
                condition=models.Q(total_minor__gte=0) & models.Q(refunded_minor__gte=0),
                name="ppx_purchase_amounts_not_negative",
                violation_error_message=_("Amounts of a purchase can't be negative."),
            ),
            models.CheckConstraint(
                condition=models.Q(refunded_minor__lte=models.F("total_minor")),
                name="ppx_purchase_refund_within_total",
                violation_error_message=_("A refund can't exceed the order's total."),
            ),
        ]
        indexes = [
            # "orders so far" of PurchaseQuerySet.for_moment
            models.Index(fields=["customer", "placed_at"], name="ppx_purchase_customer_placed"),
            # the newest order, for ppx_doctor and previews
            models.Index(fields=["placed_at"], name="ppx_purchase_placed_at"),
        ]

    def __str__(self) -> str:
        return self.order_ref

    @property
    def total(self) -> Money:
        return Money.from_minor(self.total_minor, self.currency)


class PurchaseLine(models.Model):
    """One line of a purchase, as bought. The product may be gone from the shop by now."""

    purchase = models.ForeignKey(
        Purchase, on_delete=models.CASCADE, related_name="lines", verbose_name=_("purchase")
    )
    position = models.PositiveIntegerField(_("position"))
    sku = models.CharField(_("SKU"), max_length=150, blank=True)
    title = models.CharField(_("title"), max_length=300)
    category_path = models.CharField(_("categories"), max_length=500, blank=True)
    quantity = models.DecimalField(
        _("quantity"), max_digits=14, decimal_places=4, default=Decimal(1)
    )
    unit_price_minor = models.BigIntegerField(_("unit price, minor units"), default=0)
    total_minor = models.BigIntegerField(_("total, minor units"), default=0)
    product_url = models.CharField(_("product page"), max_length=1000, blank=True)
    image_url = models.CharField(_("picture"), max_length=1000, blank=True)

    class Meta:
        verbose_name = _("purchase line")
        verbose_name_plural = _("purchase lines")
        constraints = [
            models.UniqueConstraint(
                fields=["purchase", "position"], name="ppx_purchaseline_position_unique"
            )
        ]

    def __str__(self) -> str:
        return self.title
