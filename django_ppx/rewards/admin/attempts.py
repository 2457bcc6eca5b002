"""Failed attempts at codes: to see whether somebody guesses, or why a customer gets nowhere. Read-only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_ppx.core.admin import LedgerAdmin
from django_ppx.rewards.alphabet import fold
from django_ppx.rewards.attempts import last_alarm, masked
from django_ppx.rewards.models import FailedAttempt

WHY = {
    "unknown": _("Unknown"),
    "used_up": _("Used"),
    "expired": _("Expired"),
    "revoked": _("Revoked"),
    "not_yet": _("Not yet"),
    "throttled": _("Too many attempts"),
}
_BADGES = {"throttled": "paused", "unknown": "draft"}
_SHOWN_OF_SESSION = 8


class WhyFilter(admin.SimpleListFilter):
    """What was wrong with the code."""

    title = _("why")
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(WHY.items())

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[FailedAttempt]
    ) -> QuerySet[FailedAttempt]:
        return queryset.filter(reason=self.value()) if self.value() in WHY else queryset


@admin.register(FailedAttempt)
class FailedAttemptAdmin(LedgerAdmin):
    """Codes that were tried and not taken, newest first. What was typed is never shown whole."""

    list_display = ("at", "why", "typed", "address_prefix", "session_text", "code_link")
    list_display_links = ("at",)
    list_filter = (WhyFilter, "at")
    list_select_related = ("code",)
    search_fields = ("typed",)
    search_help_text = _("A code however typed, the beginning of an address, or a session.")
    ordering = ("-at", "-pk")
    fields = ("at", "why", "typed", "address_prefix", "session_text", "code_link")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[FailedAttempt], search_term: str
    ) -> tuple[QuerySet[FailedAttempt], bool]:
        """Find attempts at a code by all of it, and those that began alike; by address; by session."""
        term = search_term.strip()
        if not term:
            return queryset, False
        wanted = Q(address_prefix__startswith=term) | Q(session__startswith=f"session:{term}")
        if folded := fold(term):
            wanted |= Q(code__code=folded) | Q(typed=masked(folded))
        return queryset.filter(wanted), False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Say above the list that codes are being guessed, for a day after it was noticed."""
        alarm = last_alarm(now=timezone.now())
        if alarm is not None and self.has_view_permission(request):
            text = gettext(
                "Codes are being guessed: %(count)d attempts failed in the hour from %(hour)s on."
            )
            hour = date_format(timezone.localtime(alarm.window_starts_at), "SHORT_DATETIME_FORMAT")
            messages.warning(request, text % {"count": alarm.attempts, "hour": hour})
        return super().changelist_view(request, extra_context)

    @admin.display(description=_("Why"), ordering="reason")
    def why(self, attempt: FailedAttempt) -> SafeString:
        label = WHY.get(attempt.reason, attempt.reason)
        badge = _BADGES.get(attempt.reason, "ended")
        return format_html('<span class="ppx-badge ppx-badge--{}">{}</span>', badge, label)

    @admin.display(description=_("Session"), ordering="session")
    def session_text(self, attempt: FailedAttempt) -> str:
        return attempt.session.rpartition(":")[2][:_SHOWN_OF_SESSION] or "–"

    @admin.display(description=_("Code"))
    def code_link(self, attempt: FailedAttempt) -> SafeString | str:
        if attempt.code is None:
            return "–"
        url = reverse(
            "admin:django_ppx_discountcode_change",
            args=[attempt.code.pk],
            current_app=self.admin_site.name,
        )
        return format_html('<a href="{}">{}</a>', url, attempt.code)
