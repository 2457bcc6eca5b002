"""What is counted against a limit, one row a counter. Each is changed by conditional updates only (`limiting`)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.rewards.models.benefits import Benefit


class BenefitBudget(models.Model):
    """The money a benefit may cost in one currency, over all its codes: reserved and redeemed discounts count."""

    benefit = models.ForeignKey(
        Benefit, on_delete=models.CASCADE, related_name="budgets", verbose_name=_("benefit")
    )
    currency = models.CharField(_("currency"), max_length=3)
    limit_minor = models.BigIntegerField(_("budget, minor units"))
    spent_minor = models.BigIntegerField(_("spent, minor units"), default=0)
    exhausted_at = models.DateTimeField(
        _("used up at"),
        null=True,
        blank=True,
        help_text=_("Since then no offer gives this benefit in this currency."),
    )

    class Meta:
        verbose_name = _("benefit budget")
        verbose_name_plural = _("budgets")
        ordering = ["currency", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["benefit", "currency"], name="ppx_benefitbudget_currency_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(limit_minor__gte=0, spent_minor__gte=0),
                name="ppx_benefitbudget_not_negative",
                violation_error_message=_("A budget can't be negative."),
            ),
        ]

    def __str__(self) -> str:
        return self.currency

    @property
    def is_used_up(self) -> bool:
        """Whether nothing is left, or an order did not fit into what is left."""
        return self.exhausted_at is not None or self.spent_minor >= self.limit_minor


class CustomerUseCount(models.Model):
    """How often one person has used codes of one benefit. A person with account and address has a row for each."""

    benefit = models.ForeignKey(
        Benefit, on_delete=models.CASCADE, related_name="customer_uses", verbose_name=_("benefit")
    )
    limit_key = models.CharField(_("key"), max_length=120)
    uses = models.PositiveIntegerField(_("uses so far"), default=0)

    class Meta:
        verbose_name = _("uses of a customer")
        verbose_name_plural = _("uses of customers")
        constraints = [
            models.UniqueConstraint(
                fields=["benefit", "limit_key"], name="ppx_customerusecount_key_unique"
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
