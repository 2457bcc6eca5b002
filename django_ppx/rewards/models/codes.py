"""Codes and their uses. A code carries a frozen copy of the terms it was issued with."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.rewards.models.benefits import Benefit
from django_ppx.rewards.querysets import CodeRedemptionQuerySet, DiscountCodeQuerySet


class DiscountCode(models.Model):
    """One redeemable string with its frozen terms. Used up is a fact of its count, not a state.

    It expires at `expires_at`, whatever its status says; the status `expired` keeps it expired should the clock step
    back. A code of an imported pool is `pooled` until somebody gets it.
    """

    class Status(models.TextChoices):
        POOLED = "pooled", _("in the pool")
        ISSUED = "issued", _("issued")
        EXPIRED = "expired", _("expired")
        REVOKED = "revoked", _("revoked")

    code = models.CharField(
        _("code"), max_length=64, help_text=_("Folded: ASCII capitals and digits, no dashes.")
    )
    benefit = models.ForeignKey(
        Benefit, on_delete=models.PROTECT, related_name="codes", verbose_name=_("benefit")
    )
    terms = models.JSONField(
        _("terms"), help_text=_("A frozen copy of the benefit at the moment of issue.")
    )
    status = models.CharField(
        _("status"), max_length=20, choices=Status.choices, default=Status.ISSUED
    )
    max_uses = models.PositiveIntegerField(_("uses allowed"), default=1)
    times_used = models.PositiveIntegerField(_("uses so far"), default=0)
    customer = models.ForeignKey(
        "django_ppx.Customer",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="discount_codes",
        verbose_name=_("customer"),
    )
    purchase = models.ForeignKey(
        "django_ppx.Purchase",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="earned_codes",
        verbose_name=_("earned by order"),
    )
    reward = models.OneToOneField(
        "django_ppx.Reward",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="code",
        verbose_name=_("reward"),
        help_text=_("The promise that this code keeps; one code per reward."),
    )
    batch = models.ForeignKey(
        "django_ppx.CodeBatch",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="codes",
        verbose_name=_("batch"),
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    issued_at = models.DateTimeField(_("issued at"))
    starts_at = models.DateTimeField(
        _("usable from"), null=True, blank=True, help_text=_("Empty: at once.")
    )
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("revoked by"),
    )
    revoke_reason = models.CharField(_("why revoked"), max_length=200, blank=True)

    objects = DiscountCodeQuerySet.as_manager()

    class Meta:
        verbose_name = _("discount code")
        verbose_name_plural = _("discount codes")
        permissions = [
            ("revoke_discountcode", _("Can revoke discount codes")),
            ("export_discountcode", _("Can export discount codes")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="ppx_discountcode_code_unique"),
            models.CheckConstraint(
                condition=models.Q(times_used__lte=models.F("max_uses")),
                name="ppx_discountcode_uses_within_limit",
                violation_error_message=_("A code can't be used more often than allowed."),
            ),
            models.CheckConstraint(
                condition=models.Q(status="revoked", revoked_at__isnull=False)
                | (~models.Q(status="revoked") & models.Q(revoked_at__isnull=True)),
                name="ppx_discountcode_revoked_has_time",
                violation_error_message=_("A revoked code says when it was revoked."),
            ),
        ]
        indexes = [
            # the admin list, newest first
            models.Index(fields=["issued_at"], name="ppx_discountcode_issued_at"),
            # what `due` marks as expired
            models.Index(fields=["status", "expires_at"], name="ppx_discountcode_expiry"),
            # the next code of a pool, and how many are left
            models.Index(fields=["benefit", "status"], name="ppx_discountcode_stock"),
        ]

    def __str__(self) -> str:
        return f"{self.code[:4]}…" if self.code else f"#{self.pk}"


class CodeRedemption(models.Model):
    """One use of one code by one order: reserved while the customer pays, redeemed by the order, or given back."""

    class Status(models.TextChoices):
        RESERVED = "reserved", _("reserved")
        REDEEMED = "redeemed", _("redeemed")
        RELEASED = "released", _("given back")

    class ReleaseReason(models.TextChoices):
        SHOP = "shop", _("by the shop")
        TIME = "time", _("the reservation ran out")
        CANCELLED = "cancelled", _("the order was cancelled")
        REFUNDED = "refunded", _("the order was refunded")
        PARTLY_REFUNDED = "partly_refunded", _("the order was partly refunded")

    code = models.ForeignKey(
        DiscountCode, on_delete=models.PROTECT, related_name="redemptions", verbose_name=_("code")
    )
    order_ref = models.CharField(_("order number"), max_length=100)
    status = models.CharField(_("status"), max_length=20, choices=Status.choices)
    customer = models.ForeignKey(
        "django_ppx.Customer",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="code_redemptions",
        verbose_name=_("customer"),
    )
    currency = models.CharField(_("currency"), max_length=3)
    discount_minor = models.BigIntegerField(_("discount, minor units"))
    budget_minor = models.BigIntegerField(
        _("taken from the budget, minor units"),
        default=0,
        help_text=_("What goes back to the budget when the use is given back."),
    )
    limit_keys = models.JSONField(
        _("counted for"),
        default=list,
        blank=True,
        help_text=_("The keys under which the use counts against the limit per customer."),
    )
    reserved_at = models.DateTimeField(_("reserved at"), null=True, blank=True)
    reserved_until = models.DateTimeField(_("reserved until"), null=True, blank=True)
    redeemed_at = models.DateTimeField(_("redeemed at"), null=True, blank=True)
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)
    release_reason = models.CharField(
        _("why given back"), max_length=20, choices=ReleaseReason.choices, blank=True
    )

    objects = CodeRedemptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("code redemption")
        verbose_name_plural = _("code redemptions")
        constraints = [
            models.UniqueConstraint(
                fields=["code", "order_ref"], name="ppx_coderedemption_order_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(discount_minor__gte=0, budget_minor__gte=0),
                name="ppx_coderedemption_discount_not_negative",
                violation_error_message=_("A discount can't be negative."),
            ),
            models.CheckConstraint(
                condition=models.Q(
                    status="reserved", reserved_until__isnull=False, released_at__isnull=True
                )
                | models.Q(status="redeemed", redeemed_at__isnull=False, released_at__isnull=True)
                | models.Q(status="released", released_at__isnull=False),
                name="ppx_coderedemption_status_has_time",
                violation_error_message=_("A use says since when it is what it is."),
            ),
        ]
        indexes = [
            # release and cancel by order
            models.Index(fields=["order_ref"], name="ppx_coderedemption_order_ref"),
            # reservations that ran out
            models.Index(fields=["status", "reserved_until"], name="ppx_coderedemption_lapse"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} ({self.order_ref})"
