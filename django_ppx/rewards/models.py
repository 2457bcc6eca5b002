"""What customers can get, and the codes that carry it.

`Benefit` is what staff edit; a `DiscountCode` carries a frozen copy of the terms it was issued with, so editing a
benefit never changes a code that a customer already has.
"""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.rewards.querysets import CodeRedemptionQuerySet, DiscountCodeQuerySet


class Benefit(models.Model):
    """Something a customer can get, defined once and used by many offers."""

    class Type(models.TextChoices):
        PERCENT = "percent", _("Percent off")
        AMOUNT = "amount", _("Amount off")
        FREE_SHIPPING = "free_shipping", _("Free shipping")
        GIFT = "gift", _("A gift")
        POINTS = "points", _("Points")

    name = models.CharField(
        _("name"), max_length=120, help_text=_("For you; customers see the wording of the offer.")
    )
    type = models.CharField(_("benefit"), max_length=20, choices=Type.choices, default=Type.PERCENT)
    percent = models.DecimalField(
        _("percent"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    gift = models.CharField(
        _("gift"), max_length=200, blank=True, help_text=_("What is handed over.")
    )
    points = models.PositiveIntegerField(_("points"), null=True, blank=True)
    valid_days = models.PositiveIntegerField(
        _("valid for (days)"),
        null=True,
        blank=True,
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
        help_text=_(
            "Calendar days in the shop's time zone; the last one counts in full. Empty: no expiry."
        ),
    )
    max_uses = models.PositiveIntegerField(
        _("uses per code"), default=1, validators=[MinValueValidator(1)], help_text=_("Usually 1.")
    )
    first_order_only = models.BooleanField(
        _("first order only"),
        default=False,
        help_text=_("Refused to customers who have ordered before."),
    )
    is_combinable = models.BooleanField(
        _("may be combined"),
        default=False,
        help_text=_("With other discount codes in the same order."),
    )
    code_prefix = models.CharField(
        _("code prefix"),
        max_length=12,
        blank=True,
        validators=[RegexValidator(r"^[A-Za-z0-9]*$", _("Letters and digits only."))],
        help_text=_("Put before the random part, such as THANKS."),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("benefit")
        verbose_name_plural = _("benefits")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(type="percent")
                | models.Q(percent__isnull=False, percent__gt=0, percent__lte=100),
                name="ppx_benefit_percent_range",
                violation_error_message=_("Percent off needs a percentage above 0 and up to 100."),
            ),
            models.CheckConstraint(
                condition=~models.Q(type="gift") | ~models.Q(gift=""),
                name="ppx_benefit_gift_named",
                violation_error_message=_("Say what the gift is."),
            ),
            models.CheckConstraint(
                condition=~models.Q(type="points") | models.Q(points__isnull=False, points__gt=0),
                name="ppx_benefit_points_positive",
                violation_error_message=_("Say how many points."),
            ),
            models.CheckConstraint(
                condition=models.Q(max_uses__gte=1),
                name="ppx_benefit_max_uses_positive",
                violation_error_message=_("A code needs at least one use."),
            ),
            models.CheckConstraint(
                condition=models.Q(valid_days__isnull=True) | models.Q(valid_days__gte=1),
                name="ppx_benefit_valid_days_positive",
                violation_error_message=_("A code is valid for at least one day."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BenefitAmount(models.Model):
    """The money terms of a benefit in one currency. Amounts in minor units are derived when a code is issued."""

    benefit = models.ForeignKey(
        Benefit, on_delete=models.CASCADE, related_name="amounts", verbose_name=_("benefit")
    )
    currency = models.CharField(
        _("currency"),
        max_length=3,
        validators=[RegexValidator(r"^[A-Z]{3}$", _("Three capital letters, such as EUR."))],
    )
    amount = models.DecimalField(
        _("amount off"),
        max_digits=14,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    minimum_total = models.DecimalField(
        _("minimum order"),
        max_digits=14,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    maximum_discount = models.DecimalField(
        _("discount at most"),
        max_digits=14,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )

    class Meta:
        verbose_name = _("benefit amount")
        verbose_name_plural = _("amounts per currency")
        ordering = ["currency", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["benefit", "currency"], name="ppx_benefitamount_currency_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(amount__isnull=True) | models.Q(amount__gt=0),
                name="ppx_benefitamount_amount_positive",
                violation_error_message=_("An amount off is above zero."),
            ),
        ]

    def __str__(self) -> str:
        return self.currency


class BenefitScope(models.Model):
    """What a benefit applies to. None: everything. Several: lines that match any of them."""

    class Type(models.TextChoices):
        PRODUCT = "product", _("Product (SKU)")
        CATEGORY = "category", _("Category, with all below it")

    benefit = models.ForeignKey(
        Benefit, on_delete=models.CASCADE, related_name="scopes", verbose_name=_("benefit")
    )
    type = models.CharField(_("applies to"), max_length=20, choices=Type.choices)
    value = models.CharField(
        _("value"),
        max_length=300,
        help_text=_("The SKU, or the category path such as Kitchen/Bowls."),
    )

    class Meta:
        verbose_name = _("benefit scope")
        verbose_name_plural = _("applies only to")
        ordering = ["type", "value", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["benefit", "type", "value"], name="ppx_benefitscope_value_unique"
            )
        ]

    def __str__(self) -> str:
        return self.value


class DiscountCode(models.Model):
    """One redeemable string with its frozen terms. Expired and used up are facts of time and count, not states."""

    class Status(models.TextChoices):
        ISSUED = "issued", _("issued")
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
    issue_key = models.CharField(  # noqa: DJ001 - unique or absent
        _("issue key"),
        max_length=150,
        null=True,
        blank=True,
        help_text=_("Why it was issued; one code per reason."),
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    issued_at = models.DateTimeField(_("issued at"))
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
            models.UniqueConstraint(fields=["issue_key"], name="ppx_discountcode_issue_key_unique"),
            models.CheckConstraint(
                condition=models.Q(times_used__lte=models.F("max_uses")),
                name="ppx_discountcode_uses_within_limit",
                violation_error_message=_("A code can't be used more often than allowed."),
            ),
            models.CheckConstraint(
                condition=models.Q(status="revoked", revoked_at__isnull=False)
                | models.Q(status="issued", revoked_at__isnull=True),
                name="ppx_discountcode_revoked_has_time",
                violation_error_message=_("A revoked code says when it was revoked."),
            ),
        ]
        indexes = [
            # the admin list, newest first
            models.Index(fields=["issued_at"], name="ppx_discountcode_issued_at"),
        ]

    def __str__(self) -> str:
        return f"{self.code[:4]}…" if self.code else f"#{self.pk}"


class CodeRedemption(models.Model):
    """One use of one code by one order. `released_at` says that the use was given back."""

    code = models.ForeignKey(
        DiscountCode, on_delete=models.PROTECT, related_name="redemptions", verbose_name=_("code")
    )
    order_ref = models.CharField(_("order number"), max_length=100)
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
    redeemed_at = models.DateTimeField(_("redeemed at"))
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)

    objects = CodeRedemptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("code redemption")
        verbose_name_plural = _("code redemptions")
        constraints = [
            models.UniqueConstraint(
                fields=["code", "order_ref"], name="ppx_coderedemption_order_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(discount_minor__gte=0),
                name="ppx_coderedemption_discount_not_negative",
                violation_error_message=_("A discount can't be negative."),
            ),
        ]
        indexes = [
            # release and cancel by order
            models.Index(fields=["order_ref"], name="ppx_coderedemption_order_ref"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} ({self.order_ref})"
