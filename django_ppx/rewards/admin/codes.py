"""Codes: who has which, why, and what became of it. Read-only, but for revoking."""

from __future__ import annotations

import csv
from dataclasses import replace
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_ppx.core.admin import LedgerAdmin, may_see_addresses
from django_ppx.rewards.admin import cells
from django_ppx.rewards.admin.code_limits import LimitsPage
from django_ppx.rewards.admin.inlines import CodeRedemptionInline
from django_ppx.rewards.alphabet import fold, grouped_as
from django_ppx.rewards.exporting import code_rows
from django_ppx.rewards.links import apply_url
from django_ppx.rewards.models import CodeRedemption, DiscountCode
from django_ppx.rewards.revoking import revoke_codes
from django_ppx.rewards.standing import Standing, in_standing, standing_of
from django_ppx.rewards.terms import FrozenTerms, UnreadableTerms
from django_ppx.rewards.wording import describe

_BADGES = {
    Standing.POOLED: "draft",
    Standing.WAITING: "scheduled",
    Standing.USABLE: "running",
    Standing.USED_UP: "scheduled",
    Standing.EXPIRED: "ended",
    Standing.REVOKED: "paused",
}


class RevokeForm(forms.Form):
    """Why codes are withdrawn. Staff who look the code up later read it."""

    reason = forms.CharField(label=_("Why"), max_length=200)


class StandingFilter(admin.SimpleListFilter):
    """Whether a code can still be used, and if not, why."""

    title = _("status")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Standing.choices)

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[DiscountCode]
    ) -> QuerySet[DiscountCode]:
        return in_standing(queryset, self.value() or "", now=timezone.now())


def _apply_url(code: DiscountCode | None, request: HttpRequest) -> str:
    """Return the link that applies a code which can be used, now or later; "" for any other."""
    now = timezone.now()
    if code is None or standing_of(code, now=now) not in {Standing.USABLE, Standing.WAITING}:
        return ""
    return apply_url(code, request=request, now=now)


@admin.register(DiscountCode)
class DiscountCodeAdmin(LimitsPage, LedgerAdmin):
    """Every code that was given."""

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["django_ppx/admin/rewards.css"]}

    actions = ("revoke", "export_csv")
    change_form_template = "admin/django_ppx/discountcode/change_form.html"
    list_display = (
        "code_text",
        "standing",
        "worth",
        "owner",
        "earned_by",
        "uses",
        "issued_on",
        "expires_on",
    )
    list_filter = (StandingFilter, "issued_at", "benefit")
    list_select_related = ("customer", "purchase")
    search_fields = ("code",)
    search_help_text = _("A code however typed, or the number of an order that earned or used one.")
    ordering = ("-issued_at", "-pk")
    inlines = (CodeRedemptionInline,)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "code_text",
                    "standing",
                    "terms_in_words",
                    "uses",
                    "usable_from",
                    "expires_on",
                )
            },
        ),
        (
            _("Who and why"),
            {
                "fields": (
                    "owner",
                    "earned_by",
                    "reason",
                    "reward_link",
                    "batch_link",
                    "benefit",
                    "issued_at",
                )
            },
        ),
        (_("Revoked"), {"fields": ("revoked_at", "revoked_by", "revoke_reason")}),
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[DiscountCode], search_term: str
    ) -> tuple[QuerySet[DiscountCode], bool]:
        """Find a code as it is typed, and codes by the order that earned or used them."""
        term = search_term.strip()
        if not term:
            return queryset, False
        used_by = CodeRedemption.objects.filter(code=OuterRef("pk"), order_ref=term)
        wanted = Q(purchase__order_ref=term) | Q(Exists(used_by))
        if folded := fold(term):
            wanted |= Q(code__startswith=folded)
        if may_see_addresses(request):
            wanted |= Q(customer__email__iexact=term)
        return queryset.filter(wanted), False

    @admin.display(description=_("Code"), ordering="code")
    def code_text(self, code: DiscountCode) -> str:
        return grouped_as(code.code, code.terms)

    @admin.display(description=_("Status"))
    def standing(self, code: DiscountCode) -> SafeString:
        standing = standing_of(code, now=timezone.now())
        return format_html(
            '<span class="ppx-badge ppx-badge--{}">{}</span>', _BADGES[standing], standing.label
        )

    @admin.display(description=_("Benefit"))
    def worth(self, code: DiscountCode) -> str:
        return cells.worth_of(code)

    @admin.display(description=_("Terms"))
    def terms_in_words(self, code: DiscountCode) -> str:
        try:
            terms = replace(FrozenTerms.from_json(code.terms), max_uses=code.max_uses)
            return describe(terms, says_days=False)
        except UnreadableTerms:
            return gettext("The stored terms can't be read; the code is refused.")

    @admin.display(description=_("Customer"))
    def owner(self, code: DiscountCode) -> SafeString | str:
        return cells.customer_link(code.customer, site_name=self.admin_site.name)

    @admin.display(description=_("Earned by order"), ordering="purchase__order_ref")
    def earned_by(self, code: DiscountCode) -> SafeString | str:
        return cells.purchase_link(code.purchase, site_name=self.admin_site.name)

    @admin.display(description=_("Reward"))
    def reward_link(self, code: DiscountCode) -> SafeString | str:
        if code.reward_id is None:
            return "–"
        text = gettext("#%(number)d: what happened to it") % {"number": code.reward_id}
        return cells.row_link("reward", code.reward_id, text, site_name=self.admin_site.name)

    @admin.display(description=_("Batch"))
    def batch_link(self, code: DiscountCode) -> SafeString | str:
        if code.batch is None:
            return "–"
        return cells.row_link(
            "codebatch", code.batch.pk, code.batch.name, site_name=self.admin_site.name
        )

    @admin.display(description=_("Usable from"), ordering="starts_at")
    def usable_from(self, code: DiscountCode) -> str:
        return gettext("at once") if code.starts_at is None else cells.day(code.starts_at)

    @admin.display(description=_("Uses"), ordering="times_used")
    def uses(self, code: DiscountCode) -> str:
        return gettext("%(used)d of %(allowed)d") % {
            "used": code.times_used,
            "allowed": code.max_uses,
        }

    @admin.display(description=_("Issued"), ordering="issued_at")
    def issued_on(self, code: DiscountCode) -> str:
        return cells.day(code.issued_at)

    @admin.display(description=_("Last day"), ordering="expires_at")
    def expires_on(self, code: DiscountCode) -> str:
        return cells.last_day(code.expires_at)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("django_ppx.revoke_discountcode")

    def has_export_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("django_ppx.export_discountcode")

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        code = context.get("original")
        context["may_revoke"] = (
            code is not None
            and code.status in (DiscountCode.Status.ISSUED, DiscountCode.Status.POOLED)
            and self.has_revoke_permission(request)
        )
        context["may_change_limits"] = (
            code is not None
            and code.status in (DiscountCode.Status.ISSUED, DiscountCode.Status.EXPIRED)
            and self.has_limits_permission(request)
        )
        context["apply_url"] = _apply_url(code, request)
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.action(description=_("Revoke"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[DiscountCode]) -> HttpResponse | None:
        """Ask why, and withdraw the codes once it is said."""
        form = RevokeForm(request.POST if "reason" in request.POST else None)
        chosen = queryset.filter(status=DiscountCode.Status.ISSUED)
        if form.is_valid():
            self._revoke(request, chosen, reason=form.cleaned_data["reason"])
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Revoke codes"),
            "opts": self.opts,
            "codes": [(code.pk, self.code_text(code), self.worth(code)) for code in chosen],
            "form": form,
            "checkbox_name": ACTION_CHECKBOX_NAME,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/django_ppx/discountcode/revoke.html", context)

    def _revoke(self, request: HttpRequest, chosen: QuerySet[DiscountCode], reason: str) -> None:
        codes = list(chosen)
        staff: Any = request.user
        count = revoke_codes(
            code_ids=[code.pk for code in codes], by=staff, reason=reason, now=timezone.now()
        )
        LogEntry.objects.log_actions(
            staff.pk,
            codes,
            CHANGE,
            change_message=gettext("Revoked: %(reason)s") % {"reason": reason},
        )
        text = ngettext("%(count)d code was revoked.", "%(count)d codes were revoked.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS)

    @admin.action(description=_("Export as CSV"), permissions=["export"])
    def export_csv(self, request: HttpRequest, queryset: QuerySet[DiscountCode]) -> HttpResponse:
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="discount_codes.csv"'
        response["Cache-Control"] = "private, no-store"
        rows = code_rows(
            codes=queryset, now=timezone.now(), with_addresses=may_see_addresses(request)
        )
        csv.writer(response).writerows(rows)
        return response
