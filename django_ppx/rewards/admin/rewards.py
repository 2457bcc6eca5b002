"""Rewards: what was promised to whom and why, and everything that happened to it since. Nobody edits the ledger."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from django_ppx.core.admin import LedgerAdmin, may_see_addresses
from django_ppx.rewards.admin import cells
from django_ppx.rewards.admin.giving import GivePage
from django_ppx.rewards.admin.handing_over import HandOverPage
from django_ppx.rewards.admin.liability import LiabilityPage
from django_ppx.rewards.admin.reward_actions import RewardActions
from django_ppx.rewards.admin.timeline import reward_card, timeline_of
from django_ppx.rewards.alphabet import fold
from django_ppx.rewards.delivering import shop_credits_points
from django_ppx.rewards.models import CodeRedemption, Reward
from django_ppx.rewards.terms import FrozenTerms, UnreadableTerms
from django_ppx.rewards.wording import describe


class FlagFilter(admin.SimpleListFilter):
    """What staff must look at, by why."""

    title = _("needs a look")
    parameter_name = "look"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("any", _("Whatever the reason")), *Reward.Flag.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Reward]) -> QuerySet[Reward]:
        if self.value() == "any":
            return queryset.exclude(flag="")
        if self.value() in Reward.Flag.values:
            return queryset.filter(flag=self.value())
        return queryset


def _may_see_codes(request: HttpRequest) -> bool:
    """Return whether the person may read codes, which whoever knows them can use."""
    return request.user.has_perm("django_ppx.view_discountcode")


@admin.register(Reward)
class RewardAdmin(RewardActions, GivePage, HandOverPage, LiabilityPage, LedgerAdmin):
    """Every reward, newest first."""

    change_list_template = "admin/django_ppx/reward/change_list.html"
    change_form_template = "admin/django_ppx/reward/change_form.html"
    list_display = ("what", "state", "recipient", "why", "earned_by", "granted_on", "due_on")
    list_filter = ("status", FlagFilter, "reason_type", "benefit")
    list_select_related = ("customer", "purchase")
    search_fields = ("purchase__order_ref",)
    search_help_text = _("The number of an order that earned or used one, or its code.")
    ordering = ("-granted_at", "-pk")
    fieldsets = (
        (_("Who and why"), {"fields": ("recipient", "earned_by", "reason_kind", "reason")}),
        (
            _("What it is good for"),
            {
                "fields": ("benefit", "terms_in_words", "share_kept"),
                "description": _("The terms as they were when it was given."),
            },
        ),
    )

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["django_ppx/admin/rewards.css"]}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Reward], search_term: str
    ) -> tuple[QuerySet[Reward], bool]:
        """Find rewards by an order, by their code, and by address for who may see addresses."""
        term = search_term.strip()
        if not term:
            return queryset, False
        used_by = CodeRedemption.objects.filter(code__reward=OuterRef("pk"), order_ref=term)
        wanted = Q(purchase__order_ref=term) | Q(Exists(used_by))
        if _may_see_codes(request) and (folded := fold(term)):
            wanted |= Q(code__code=folded)
        if may_see_addresses(request):
            wanted |= Q(customer__email__iexact=term)
        return queryset.filter(wanted), False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        waiting = Reward.objects.waiting_for_staff(shop_credits_points=shop_credits_points())
        context = {
            "flagged": Reward.objects.flagged().count(),
            "waiting": waiting.count(),
            "may_give": self.has_grant_permission(request),
            "may_see_liability": self.has_liability_permission(request),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        reward: Reward | None = context.get("original")
        if reward is not None:
            site_name = self.admin_site.name
            is_returnable = Reward.objects.filter(pk=reward.pk).returnable().exists()
            context["card"] = reward_card(
                reward, site_name=site_name, may_see_code=_may_see_codes(request)
            )
            context["timeline"] = timeline_of(reward, site_name=site_name)
            context["may_take_back"] = is_returnable and self.has_reverse_permission(request)
            context["may_resolve"] = bool(reward.flag) and self.has_reverse_permission(request)
            context["title"] = gettext("Reward #%(number)d") % {"number": reward.pk}
            context["subtitle"] = ""
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("Reward"))
    def what(self, reward: Reward) -> SafeString:
        return format_html('<span class="ppx-offer">{}</span>', cells.worth_of(reward))

    @admin.display(description=_("Status"), ordering="status")
    def state(self, reward: Reward) -> SafeString:
        return cells.reward_badges(reward)

    @admin.display(description=_("Customer"))
    def recipient(self, reward: Reward) -> SafeString | str:
        return cells.customer_link(reward.customer, site_name=self.admin_site.name)

    @admin.display(description=_("Why"), ordering="reason_type")
    def why(self, reward: Reward) -> SafeString:
        return format_html(
            '{}<span class="ppx-quiet">{}</span>', self.reason_kind(reward), reward.reason
        )

    @admin.display(description=_("Kind of reason"))
    def reason_kind(self, reward: Reward) -> str:
        return cells.sentence_case(Reward.ReasonType(reward.reason_type).label)

    @admin.display(description=pgettext_lazy("purchase", "Order"), ordering="purchase__order_ref")
    def earned_by(self, reward: Reward) -> SafeString | str:
        return cells.purchase_link(reward.purchase, site_name=self.admin_site.name)

    @admin.display(description=_("Granted"), ordering="granted_at")
    def granted_on(self, reward: Reward) -> str:
        return cells.day(reward.granted_at)

    @admin.display(description=_("Due"), ordering="expires_at", empty_value="")
    def due_on(self, reward: Reward) -> str:
        if reward.status == Reward.Status.PROMISED:
            return gettext("usable from %(day)s") % {"day": cells.day(reward.vests_at)}
        if reward.status == Reward.Status.ISSUED and reward.expires_at is not None:
            return gettext("until %(day)s") % {"day": cells.last_day(reward.expires_at)}
        return ""

    @admin.display(description=_("Terms"))
    def terms_in_words(self, reward: Reward) -> str:
        try:
            return describe(FrozenTerms.from_json(reward.terms))
        except UnreadableTerms:
            return gettext("The stored terms can't be read.")

    @admin.display(description=_("After refunds"))
    def share_kept(self, reward: Reward) -> str:
        if reward.kept_ppm == 1_000_000:
            return gettext("Nothing was taken off it")
        return gettext("%(percent)s %% of it is left") % {
            "percent": f"{reward.kept_ppm / 10_000:.0f}"
        }
