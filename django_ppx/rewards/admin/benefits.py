"""Benefits: a form that staff fill in, and the terms it makes read back in plain sentences."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from babel.core import get_global
from django import forms
from django.contrib import admin
from django.contrib.auth import get_permission_codename
from django.core.exceptions import ValidationError
from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_ppx.core.admin import ListLook
from django_ppx.core.money import exponent
from django_ppx.rewards.models import (
    Benefit,
    BenefitAmount,
    BenefitScope,
    CodeRedemption,
    DiscountCode,
)
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.rewards.wording import describe, summarize

if TYPE_CHECKING:
    _InlineBase = admin.TabularInline[Any, Benefit]
    _AmountFormBase = forms.ModelForm[BenefitAmount]
    _FormSetBase = forms.BaseInlineFormSet[Any, Any, Any]
else:
    _InlineBase = admin.TabularInline
    _AmountFormBase = forms.ModelForm
    _FormSetBase = forms.BaseInlineFormSet


class BenefitAmountForm(_AmountFormBase):
    """Amounts in a currency that exists, with no more decimals than it has."""

    currency = forms.CharField(label=_("Currency"), max_length=3, min_length=3)

    class Meta:
        model = BenefitAmount
        fields = ("currency", "amount", "minimum_total", "maximum_discount")

    def clean_currency(self) -> str:
        currency = str(self.cleaned_data["currency"]).upper()
        if currency not in get_global("all_currencies"):
            raise ValidationError(_("There is no such currency. Write it as EUR, USD or JPY."))
        return currency

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        currency = cleaned.get("currency")
        for name in ("amount", "minimum_total", "maximum_discount"):
            amount = cleaned.get(name)
            if currency and amount is not None and not _fits(amount, currency):
                self.add_error(
                    name,
                    gettext("%(currency)s has %(decimals)d decimals.")
                    % {"currency": currency, "decimals": exponent(currency)},
                )
        return cleaned


class BenefitAmountFormSet(_FormSetBase):
    """An amount off needs to be said in at least one currency."""

    def clean(self) -> None:
        super().clean()
        if self.instance.type != Benefit.Type.AMOUNT or any(self.errors):
            return
        kept = [form for form in self.forms if form not in self.deleted_forms]
        if not any(form.cleaned_data.get("amount") for form in kept):
            raise ValidationError(_("Say how much is taken off, in each currency of the shop."))


class BenefitPart(_InlineBase):
    """Rows that are a part of a benefit: whoever may change the benefit may change them."""

    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "view") or self._may(request, "change")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "add" if obj is None else "change")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_add_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_add_permission(request, obj)

    def _may(self, request: HttpRequest, action: str) -> bool:
        codename = get_permission_codename(action, self.parent_model._meta)
        return request.user.has_perm(f"django_ppx.{codename}")


class BenefitAmountInline(BenefitPart):
    """One row per currency the shop sells in."""

    model = BenefitAmount
    form = BenefitAmountForm
    formset = BenefitAmountFormSet
    verbose_name = _("currency")
    verbose_name_plural = _("amounts per currency")


class BenefitScopeInline(BenefitPart):
    """Products and categories; without a row the benefit is good for everything."""

    model = BenefitScope
    verbose_name = _("product or category")
    verbose_name_plural = _("applies only to")


@admin.register(Benefit)
class BenefitAdmin(ListLook):
    """What customers can get. Codes that were given keep the terms they were given with."""

    list_display = ("name", "worth", "valid_days", "codes_issued", "codes_redeemed")
    list_filter = ("type",)
    search_fields = ("name", "code_prefix")
    list_per_page = 50
    inlines = (BenefitAmountInline, BenefitScopeInline)
    readonly_fields = ("in_words",)
    fieldsets = (
        (_("What customers get"), {"fields": ("name", "type", "percent", "gift", "points")}),
        (_("Their codes"), {"fields": ("valid_days", "max_uses", "code_prefix")}),
        (_("For whom"), {"fields": ("first_order_only", "is_combinable")}),
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
        benefits = benefits.prefetch_related("amounts", "scopes")
        return benefits.annotate(
            ppx_issued=_count(DiscountCode.objects.all(), "benefit"),
            ppx_redeemed=_count(CodeRedemption.objects.redeemed(), "code__benefit"),
        )

    @admin.display(description=_("Benefit"))
    def worth(self, benefit: Benefit) -> str:
        return summarize(FrozenTerms.of(benefit))

    @admin.display(description=_("Codes given"), ordering="ppx_issued")
    def codes_issued(self, benefit: Benefit) -> int:
        return int(getattr(benefit, "ppx_issued", 0))

    @admin.display(description=_("Redeemed"), ordering="ppx_redeemed")
    def codes_redeemed(self, benefit: Benefit) -> int:
        return int(getattr(benefit, "ppx_redeemed", 0))

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


def _fits(amount: Decimal, currency: str) -> bool:
    return amount == round(amount, exponent(currency))
