"""What staff define once and many offers give: `Benefit` with its amounts, its scope and its budget."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.rewards.alphabet import LONGEST_CODE


class Benefit(models.Model):
    """Something a customer can get, defined once and used by many offers."""

    class Type(models.TextChoices):
        PERCENT = "percent", _("Percent off")
        AMOUNT = "amount", _("Amount off")
        FREE_SHIPPING = "free_shipping", _("Free shipping")
        GIFT = "gift", _("A gift")
        POINTS = "points", _("Points")

    class CodeSource(models.TextChoices):
        DRAWN = "drawn", _("Drawn at random when they are given")
        POOL = "pool", _("Taken from codes that you imported")

    class AfterUndo(models.TextChoices):
        RELEASE = "release", _("The code may be used again")
        KEEP = "keep", _("The code stays used")

    class AfterPartialRefund(models.TextChoices):
        KEEP = "keep", _("The customer keeps it whole")
        PROPORTIONAL = "proportional", _("It shrinks with what was refunded")

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
    vesting_days = models.PositiveIntegerField(
        _("usable after (days)"),
        default=0,
        validators=[MaxValueValidator(3650)],
        help_text=_(
            "Your return window, so that nobody spends what a returned order earned. 0: at once."
        ),
    )
    max_uses = models.PositiveIntegerField(
        _("uses per code"), default=1, validators=[MinValueValidator(1)], help_text=_("Usually 1.")
    )
    max_uses_per_customer = models.PositiveIntegerField(
        _("uses per customer"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_(
            "Over all codes of this benefit, guests included; ada+x@example.com is ada@example.com. "
            "Empty: no limit."
        ),
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
    code_pattern = models.CharField(
        _("code pattern"),
        max_length=LONGEST_CODE,
        blank=True,
        validators=[
            RegexValidator(
                r"^[A-Za-z0-9]*(-?#)(-?[A-Za-z0-9#])*$",
                _("Letters, digits, dashes, and # for each random character."),
            )
        ],
        help_text=_(
            "Each # becomes a random character: SPRING-####-####-####. Empty: the prefix and 12 random characters."
        ),
    )
    code_source = models.CharField(
        _("codes are"), max_length=20, choices=CodeSource.choices, default=CodeSource.DRAWN
    )
    low_stock_at = models.PositiveIntegerField(
        _("warn below (codes)"),
        null=True,
        blank=True,
        help_text=_("For imported codes: when fewer are left, staff are told."),
    )
    low_stock_noted_at = models.DateTimeField(
        _("low stock logged at"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("So that it is logged once each time the stock runs low."),
    )
    code_after_cancellation = models.CharField(
        _("order with the code cancelled"),
        max_length=20,
        choices=AfterUndo.choices,
        default=AfterUndo.RELEASE,
    )
    code_after_refund = models.CharField(
        _("order with the code refunded"),
        max_length=20,
        choices=AfterUndo.choices,
        default=AfterUndo.KEEP,
    )
    code_after_partial_refund = models.CharField(
        _("order with the code partly refunded"),
        max_length=20,
        choices=AfterUndo.choices,
        default=AfterUndo.KEEP,
    )
    reward_after_partial_refund = models.CharField(
        _("order that earned it partly refunded"),
        max_length=20,
        choices=AfterPartialRefund.choices,
        default=AfterPartialRefund.KEEP,
        help_text=_("Cancelled or wholly refunded, an order always takes back what it earned."),
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
            models.CheckConstraint(
                condition=models.Q(max_uses_per_customer__isnull=True)
                | models.Q(max_uses_per_customer__gte=1),
                name="ppx_benefit_max_uses_per_customer_positive",
                violation_error_message=_("A customer needs at least one use."),
            ),
            models.CheckConstraint(
                condition=~models.Q(reward_after_partial_refund="proportional")
                | models.Q(type__in=["amount", "points"]),
                name="ppx_benefit_proportional_divisible",
                violation_error_message=_("Only amounts and points can shrink with a refund."),
            ),
            models.CheckConstraint(
                condition=models.Q(code_source="drawn")
                | models.Q(type__in=["percent", "amount", "free_shipping"], vesting_days=0),
                name="ppx_benefit_pool_of_codes",
                violation_error_message=_(
                    "Imported codes are for discounts that may be used at once: "
                    "a gift or points have no code, and a code from elsewhere can't wait."
                ),
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
