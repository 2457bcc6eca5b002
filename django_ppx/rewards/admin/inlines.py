"""What belongs to another row: the uses of a code; what a customer holds and has used; what an order earned."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_ppx.core.admin import LedgerInline, money_text
from django_ppx.rewards.admin import cells
from django_ppx.rewards.alphabet import grouped_as
from django_ppx.rewards.models import CodeRedemption, Reward

_LOOKS = {
    CodeRedemption.Status.RESERVED: "scheduled",
    CodeRedemption.Status.REDEEMED: "running",
    CodeRedemption.Status.RELEASED: "ended",
}


class CodeRedemptionInline(LedgerInline):
    """The orders that use the code, or did: reserved until when, redeemed, given back and why."""

    model = CodeRedemption
    fk_name = "code"
    fields: ClassVar[tuple[str, ...]] = ("order_ref", "state", "discount_text", "since")
    readonly_fields: ClassVar[tuple[str, ...]] = fields
    ordering = ("pk",)
    verbose_name_plural = _("uses")

    @admin.display(description=_("Status"))
    def state(self, redemption: CodeRedemption) -> SafeString:
        status = CodeRedemption.Status(redemption.status)
        return cells.badge(_LOOKS[status], cells.sentence_case(status.label))

    @admin.display(description=_("Discount"))
    def discount_text(self, redemption: CodeRedemption) -> str:
        return money_text(redemption.discount_minor, redemption.currency)

    @admin.display(description=_("Since when, and why"))
    def since(self, redemption: CodeRedemption) -> str:
        if redemption.status == CodeRedemption.Status.RESERVED:
            return gettext("until %(instant)s, while the customer pays") % {
                "instant": cells.minute(redemption.reserved_until)
            }
        if redemption.status == CodeRedemption.Status.REDEEMED:
            return cells.minute(redemption.redeemed_at)
        why = redemption.get_release_reason_display()
        at = cells.minute(redemption.released_at)
        return gettext("%(instant)s: %(why)s") % {"instant": at, "why": why} if why else at


class CustomerCodeUseInline(CodeRedemptionInline):
    """The codes that the customer has used."""

    fk_name = "customer"
    fields: ClassVar[tuple[str, ...]] = (
        "code_text",
        "order_ref",
        "state",
        "discount_text",
        "since",
    )
    readonly_fields: ClassVar[tuple[str, ...]] = fields
    verbose_name_plural = _("codes used")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("code")

    @admin.display(description=_("Code"))
    def code_text(self, redemption: CodeRedemption) -> SafeString | str:
        code = redemption.code
        text = grouped_as(code.code, code.terms)
        return cells.row_link("discountcode", code.pk, text, site_name=self.admin_site.name)


class CustomerRewardInline(LedgerInline):
    """What the customer was promised or given, newest first."""

    model = Reward
    fk_name = "customer"
    fields = ("what", "state", "why", "granted_on")
    readonly_fields = fields
    ordering = ("-granted_at", "-pk")
    verbose_name_plural = _("rewards")

    @admin.display(description=_("Reward"))
    def what(self, reward: Reward) -> SafeString | str:
        return cells.row_link(
            "reward", reward.pk, cells.worth_of(reward), site_name=self.admin_site.name
        )

    @admin.display(description=_("Status"))
    def state(self, reward: Reward) -> SafeString:
        return cells.reward_badges(reward)

    @admin.display(description=_("Why"))
    def why(self, reward: Reward) -> str:
        return reward.reason or cells.sentence_case(Reward.ReasonType(reward.reason_type).label)

    @admin.display(description=_("Granted"))
    def granted_on(self, reward: Reward) -> str:
        return cells.day(reward.granted_at)


class PurchaseRewardInline(CustomerRewardInline):
    """What the order earned."""

    fk_name = "purchase"
    verbose_name_plural = _("rewards that name this order")
