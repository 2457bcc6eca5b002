"""The rows that are a part of a benefit: its amounts and its budget per currency, and what it applies to."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from babel.core import get_global
from django import forms
from django.contrib import admin
from django.contrib.auth import get_permission_codename
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_ppx.core.admin import money_text
from django_ppx.core.money import exponent, to_major, to_minor
from django_ppx.rewards.limiting import set_budget
from django_ppx.rewards.models import Benefit, BenefitAmount, BenefitBudget, BenefitScope

if TYPE_CHECKING:
    _InlineBase = admin.TabularInline[Any, Benefit]
    _AmountFormBase = forms.ModelForm[BenefitAmount]
    _BudgetFormBase = forms.ModelForm[BenefitBudget]
    _FormSetBase = forms.BaseInlineFormSet[Any, Any, Any]
else:
    _InlineBase = admin.TabularInline
    _AmountFormBase = forms.ModelForm
    _BudgetFormBase = forms.ModelForm
    _FormSetBase = forms.BaseInlineFormSet


class BenefitAmountForm(_AmountFormBase):
    """Amounts in a currency that exists, with no more decimals than it has."""

    currency = forms.CharField(label=_("Currency"), max_length=3, min_length=3)

    class Meta:
        model = BenefitAmount
        fields = ("currency", "amount", "minimum_total", "maximum_discount")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("amount", "minimum_total", "maximum_discount"):
            stored = self.initial.get(name)
            if stored is not None and _fits(stored, self.instance.currency):
                self.initial[name] = round(stored, exponent(self.instance.currency))

    def clean_currency(self) -> str:
        return _known_currency(self.cleaned_data["currency"])

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        currency = cleaned.get("currency")
        for name in ("amount", "minimum_total", "maximum_discount"):
            amount = cleaned.get(name)
            if currency and amount is not None and not _fits(amount, currency):
                self.add_error(name, _decimals_sentence(currency))
        return cleaned


class LabelledFormSet(_FormSetBase):
    """Rows in a table, each field with a name of its own for who hears the page."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        for name, field in form.fields.items():
            if not field.widget.is_hidden:
                label = field.label or name.replace("_", " ")
                field.widget.attrs["aria-label"] = str(label).capitalize()


class BenefitAmountFormSet(LabelledFormSet):
    """An amount off needs to be said in at least one currency."""

    def clean(self) -> None:
        super().clean()
        if self.instance.type != Benefit.Type.AMOUNT or any(self.errors):
            return
        kept = [form for form in self.forms if form not in self.deleted_forms]
        if not any(form.cleaned_data.get("amount") for form in kept):
            raise ValidationError(_("Say how much is taken off, in each currency of the shop."))


class BenefitBudgetForm(_BudgetFormBase):
    """How much a benefit may cost in one currency. What was spent is counted elsewhere, and never written here."""

    currency = forms.CharField(label=_("Currency"), max_length=3, min_length=3)
    limit = forms.DecimalField(
        label=_("Budget"), max_digits=14, decimal_places=4, validators=[MinValueValidator(0)]
    )

    class Meta:
        model = BenefitBudget
        fields = ("currency",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:  # another currency is another budget
            self.fields["currency"].disabled = True
            self.initial["limit"] = to_major(self.instance.limit_minor, self.instance.currency)

    def clean_currency(self) -> str:
        return _known_currency(self.cleaned_data["currency"])

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        currency, limit = cleaned.get("currency"), cleaned.get("limit")
        if currency and limit is not None and not _fits(limit, currency):
            self.add_error("limit", _decimals_sentence(currency))
        return cleaned


class BenefitBudgetFormSet(LabelledFormSet):
    """Saves through `set_budget`, so that uses which are counted meanwhile stay counted."""

    def save_new(self, form: Any, commit: bool = True) -> BenefitBudget:
        return self._set(form)

    def save_existing(self, form: Any, obj: Any, commit: bool = True) -> BenefitBudget:
        return self._set(form)

    def delete_existing(self, obj: Any, commit: bool = True) -> None:
        set_budget(benefit_id=self.instance.pk, currency=obj.currency, limit_minor=None)

    def _set(self, form: Any) -> BenefitBudget:
        currency = form.cleaned_data["currency"]
        limit = to_minor(form.cleaned_data["limit"], currency)
        set_budget(benefit_id=self.instance.pk, currency=currency, limit_minor=limit)
        return BenefitBudget.objects.get(benefit=self.instance.pk, currency=currency)


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


class BenefitBudgetInline(BenefitPart):
    """One row per currency in which the benefit may cost only so much; none: as much as it likes."""

    model = BenefitBudget
    form = BenefitBudgetForm
    formset = BenefitBudgetFormSet
    fields = ("currency", "limit", "spent")
    readonly_fields = ("spent",)
    verbose_name = _("budget")
    verbose_name_plural = _("budget per currency: what all its codes together may cost")

    @admin.display(description=_("Spent"))
    def spent(self, budget: BenefitBudget) -> SafeString | str:
        if budget.pk is None:
            return "–"
        text = gettext("%(spent)s of %(limit)s") % {
            "spent": money_text(budget.spent_minor, budget.currency),
            "limit": money_text(budget.limit_minor, budget.currency),
        }
        if not budget.is_used_up:
            return text
        return format_html(
            '{} <span class="ppx-badge ppx-badge--paused">{}</span>', text, gettext("Used up")
        )


class BenefitScopeInline(BenefitPart):
    """Products and categories; without a row the benefit is good for everything."""

    model = BenefitScope
    formset = LabelledFormSet
    verbose_name = _("product or category")
    verbose_name_plural = _("applies only to")


def _known_currency(typed: str) -> str:
    currency = str(typed).upper()
    if currency not in get_global("all_currencies"):
        raise ValidationError(_("There is no such currency. Write it as EUR, USD or JPY."))
    return currency


def _decimals_sentence(currency: str) -> str:
    return gettext("%(currency)s has %(decimals)d decimals.") % {
        "currency": currency,
        "decimals": exponent(currency),
    }


def _fits(amount: Decimal, currency: str) -> bool:
    return amount == round(amount, exponent(currency))
