"""Benefits: a form that staff fill in, and the terms it makes read back in plain sentences."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_ppx.core.admin import ListLook
from django_ppx.rewards.admin.benefit_parts import (
    BenefitAmountInline,
    BenefitBudgetInline,
    BenefitScopeInline,
)
from django_ppx.rewards.admin.numbers import grouped_number
from django_ppx.rewards.admin.stock import BenefitForm, stock_badge
from django_ppx.rewards.models import Benefit, CodeRedemption, DiscountCode
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.rewards.wording import describe, summarize

_WHEN = _(
    "Whole days in the shop's time zone. Where there is a wait, the days of validity count from its end."
)
_CODES = _("For discounts only. A gift and points have no code: they go to “To hand over”.")
_UNDONE = _(
    "The first three are about the order in which a code was used, the last about the order that earned it."
)


@admin.register(Benefit)
class BenefitAdmin(ListLook):
    """What customers can get. Codes that were given keep the terms they were given with."""

    form = BenefitForm
    list_display = ("name", "worth", "valid_days", "codes_issued", "codes_redeemed", "stock")
    list_filter = ("type",)
    search_fields = ("name", "code_prefix")
    list_per_page = 50
    inlines = (BenefitAmountInline, BenefitBudgetInline, BenefitScopeInline)
    readonly_fields = ("in_words",)
    fieldsets = (
        (_("What customers get"), {"fields": ("name", "type", "percent", "gift", "points")}),
        (
            _("When it can be used"),
            {"fields": ("vesting_days", "valid_days"), "description": _WHEN},
        ),
        (
            _("How often, and by whom"),
            {
                "fields": (
                    "max_uses",
                    "max_uses_per_customer",
                    "first_order_only",
                    "is_combinable",
                )
            },
        ),
        (
            _("Its codes"),
            {
                "fields": ("code_source", "code_prefix", "code_pattern", "low_stock_at"),
                "description": _CODES,
            },
        ),
        (
            _("When an order is undone"),
            {
                "fields": (
                    "code_after_cancellation",
                    "code_after_refund",
                    "code_after_partial_refund",
                    "reward_after_partial_refund",
                ),
                "description": _UNDONE,
            },
        ),
        (
            _("In words"),
            {
                "fields": ("in_words",),
                "description": _(
                    "As it is saved. A code keeps the terms it was given with, whatever you change here later."
                ),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Benefit]:
        benefits: QuerySet[Benefit] = super().get_queryset(request)
        benefits = benefits.prefetch_related("amounts", "scopes", "budgets")
        return benefits.annotate(
            ppx_issued=_count(DiscountCode.objects.all(), "benefit"),
            ppx_redeemed=_count(CodeRedemption.objects.redeemed(), "code__benefit"),
            ppx_left=_count(DiscountCode.objects.in_stock(now=timezone.now()), "benefit"),
        )

    @admin.display(description=_("Benefit"))
    def worth(self, benefit: Benefit) -> SafeString | str:
        text = summarize(FrozenTerms.of(benefit))
        spent = [row.currency for row in benefit.budgets.all() if row.is_used_up]
        if not spent:
            return text
        return format_html(
            '{} <span class="ppx-badge ppx-badge--paused">{}</span>',
            text,
            gettext("Budget used up: %(currencies)s") % {"currencies": ", ".join(spent)},
        )

    @admin.display(description=_("Codes given"), ordering="ppx_issued")
    def codes_issued(self, benefit: Benefit) -> str:
        return grouped_number(int(getattr(benefit, "ppx_issued", 0)))

    @admin.display(description=_("Redeemed"), ordering="ppx_redeemed")
    def codes_redeemed(self, benefit: Benefit) -> str:
        return grouped_number(int(getattr(benefit, "ppx_redeemed", 0)))

    @admin.display(description=_("Imported codes left"), ordering="ppx_left")
    def stock(self, benefit: Benefit) -> SafeString | str:
        return stock_badge(benefit, left=int(getattr(benefit, "ppx_left", 0)))

    @admin.display(description=_("Terms"))
    def in_words(self, benefit: Benefit) -> str:
        if benefit.pk is None:
            return gettext("Save the benefit to read its terms here.")
        return describe(FrozenTerms.of(benefit))


def _count(rows: QuerySet[Any], benefit: str) -> Coalesce:
    counted = (
        rows.filter(**{benefit: OuterRef("pk")})
        .order_by()
        .annotate(ppx_benefit=F(benefit))
        .values("ppx_benefit")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return Coalesce(Subquery(counted), 0)
