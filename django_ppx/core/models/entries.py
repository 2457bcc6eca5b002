"""The purchases ledger: what an order brought in and what of it went back, line by line, never changed.

Every metric is made from these rows. Each says when it happened and when we learned of it, so that a look at an
earlier day sees what was known then. Days and months are integers in the shop's zone; test orders have no entries.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.core.models.customers import Customer
from django_ppx.core.models.purchases import Purchase
from django_ppx.core.querysets import PurchaseComplaintQuerySet, PurchaseEntryQuerySet


class PurchaseEntry(models.Model):
    """One line of the ledger. Amounts are signed minor units: what goes back to the customer is negative."""

    class Type(models.TextChoices):
        PURCHASE = "purchase", _("purchase")
        REFUND = "refund", _("refund")
        CHARGEBACK = "chargeback", _("chargeback")
        CANCELLATION = "cancellation", _("cancellation")
        ADJUSTMENT = "adjustment", _("adjustment")

    purchase = models.ForeignKey(
        Purchase, on_delete=models.CASCADE, related_name="entries", verbose_name=_("purchase")
    )
    customer = models.ForeignKey(
        Customer,
        on_delete=models.PROTECT,
        related_name="purchase_entries",
        verbose_name=_("customer"),
    )
    type = models.CharField(_("type"), max_length=20, choices=Type.choices)
    key = models.CharField(
        _("key"),
        max_length=120,
        help_text=_("Names the fact within its purchase: told twice, it is recorded once."),
    )
    currency = models.CharField(_("currency"), max_length=3)
    gross_minor = models.BigIntegerField(
        _("gross, minor units"), help_text=_("With tax and shipping.")
    )
    net_minor = models.BigIntegerField(
        _("net, minor units"),
        help_text=_("Goods after discounts; tax and shipping as PPX_REVENUE_INCLUDES says."),
    )
    base_currency = models.CharField(_("base currency"), max_length=3)
    base_net_minor = models.BigIntegerField(
        _("net in the base currency, minor units"),
        null=True,
        blank=True,
        help_text=_("At the order's frozen rate. Empty where the shop gave none."),
    )
    base_cost_minor = models.BigIntegerField(
        _("cost of the goods in the base currency, minor units"),
        null=True,
        blank=True,
        help_text=_("Empty where the shop does not say."),
    )
    occurred_at = models.DateTimeField(_("occurred at"))
    recorded_at = models.DateTimeField(_("recorded at"))
    local_date = models.DateField(_("local day"))
    day_no = models.IntegerField(_("day number"), help_text=_("Days since 1 January 1970."))
    month_no = models.IntegerField(_("month number"), help_text=_("12 · year + month − 1."))
    order_day_no = models.IntegerField(
        _("day number of the order"), help_text=_("A refund belongs to the day of its order, too.")
    )
    recorded_day_no = models.IntegerField(_("day number of the recording"))

    objects = PurchaseEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("purchase entry")
        verbose_name_plural = _("purchase entries")
        constraints = [
            models.UniqueConstraint(
                fields=["purchase", "key"], name="ppx_purchaseentry_key_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(type="purchase", gross_minor__gte=0)
                | models.Q(type__in=["refund", "chargeback", "cancellation"], gross_minor__lte=0)
                | models.Q(type="adjustment"),
                name="ppx_purchaseentry_sign",
                violation_error_message=_("A purchase brings in, what follows takes away."),
            ),
        ]
        indexes = [
            # what a customer bought within the window of an experiment: insights.measuring
            models.Index(
                fields=["customer", "order_day_no"], name="ppx_purchaseentry_customer_day"
            ),
            # the shop's own history: planner, winsor cap
            models.Index(fields=["type", "order_day_no"], name="ppx_purchaseentry_type_day"),
        ]

    def __str__(self) -> str:
        return f"{self.type} #{self.pk}"


class PurchaseComplaint(models.Model):
    """A complaint that the shop heard about an order: a call, a letter, a claim."""

    purchase = models.ForeignKey(
        Purchase, on_delete=models.CASCADE, related_name="complaints", verbose_name=_("purchase")
    )
    customer = models.ForeignKey(
        Customer,
        on_delete=models.PROTECT,
        related_name="purchase_complaints",
        verbose_name=_("customer"),
    )
    reference = models.CharField(
        _("reference"),
        max_length=100,
        blank=True,
        help_text=_("The shop's own name for it: told twice, it is recorded once."),
    )
    occurred_at = models.DateTimeField(_("occurred at"))
    recorded_at = models.DateTimeField(_("recorded at"))
    day_no = models.IntegerField(_("day number"), help_text=_("Days since 1 January 1970."))
    recorded_day_no = models.IntegerField(_("day number of the recording"))

    objects = PurchaseComplaintQuerySet.as_manager()

    class Meta:
        verbose_name = _("complaint")
        verbose_name_plural = _("complaints")
        constraints = [
            models.UniqueConstraint(
                fields=["purchase", "reference"], name="ppx_purchasecomplaint_once"
            )
        ]
        indexes = [
            # the guardrail of an experiment
            models.Index(fields=["customer", "day_no"], name="ppx_complaint_customer_day"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
