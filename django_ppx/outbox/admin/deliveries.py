"""Webhooks that were or will be sent: each with all attempts at it. Nobody writes or changes one here."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from django_ppx.core.admin import LedgerAdmin, LedgerInline
from django_ppx.outbox.admin.webhook_cells import chips, status_badge
from django_ppx.outbox.models import OutboxWebhook, WebhookAttempt
from django_ppx.outbox.sending_webhooks import resend_webhooks


class AttemptInline(LedgerInline):
    """Every attempt, the newest first."""

    model = WebhookAttempt
    fields = ("attempted_at", "answer", "took", "error")
    readonly_fields = fields
    ordering = ("-attempted_at", "-pk")
    verbose_name_plural = _("attempts")

    @admin.display(description=_("Answer"))
    def answer(self, attempt: WebhookAttempt) -> SafeString:
        if attempt.status_code is None:
            return format_html('<span class="ppx-answer">{}</span>', gettext("none"))
        look = "ok" if 200 <= attempt.status_code < 300 else "bad"
        return format_html(
            '<span class="ppx-answer ppx-answer--{}">{}</span>', look, attempt.status_code
        )

    @admin.display(description=_("Took"))
    def took(self, attempt: WebhookAttempt) -> str:
        return gettext("%(count)d ms") % {"count": attempt.duration_ms}


@admin.register(OutboxWebhook)
class OutboxWebhookAdmin(LedgerAdmin):
    """Every webhook, newest first."""

    change_form_template = "admin/django_ppx/outboxwebhook/change_form.html"
    list_display = ("event_shown", "endpoint", "state", "due_shown", "tried", "created_at")
    list_filter = ("status", "event", "endpoint", "created_at")
    list_select_related = ("endpoint",)
    search_fields = ("message_id__exact", "key__exact")
    search_help_text = _("An id (msg_…) or a key, as it is in the receiver's log.")
    ordering = ("-created_at", "-pk")
    actions = ("resend",)
    inlines = (AttemptInline,)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "state",
                    "endpoint",
                    "due_shown",
                    "sent_at",
                    "tried",
                    "last_error",
                )
            },
        ),
        (_("Record"), {"fields": ("message_id", "key", "created_at"), "classes": ("collapse",)}),
    )

    class Media:
        css: ClassVar[dict[str, list[str]]] = {
            "all": ["django_ppx/admin/mails.css", "django_ppx/admin/webhooks.css"]
        }

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxWebhook]:
        webhooks: QuerySet[OutboxWebhook] = super().get_queryset(request)
        match = request.resolver_match
        is_list = match is not None and str(match.url_name).endswith("changelist")
        return webhooks.defer("body") if is_list else webhooks

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("django_ppx.resend_outboxwebhook")

    @admin.action(description=_("Send again"), permissions=["resend"])
    def resend(self, request: HttpRequest, queryset: QuerySet[OutboxWebhook]) -> None:
        """Let webhooks that ended be tried from the beginning. Others, and emptied ones, stay as they are."""
        ids = list(queryset.values_list("pk", flat=True))
        count = resend_webhooks(webhook_ids=ids, now=timezone.now())
        if count:
            text = ngettext(
                "%(count)d webhook is sent again within minutes.",
                "%(count)d webhooks are sent again within minutes.",
                count,
            )
            self.message_user(request, text % {"count": count}, messages.SUCCESS)
        else:
            sentence = gettext(
                "Only what is over, still has its body and is for an endpoint that is on can be sent again."
            )
            self.message_user(request, sentence, messages.WARNING)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        webhook: OutboxWebhook | None = context.get("original")
        if webhook is not None:
            context["may_read"] = request.user.has_perm("django_ppx.read_outboxwebhook")
            context["may_resend"] = (
                webhook.status != OutboxWebhook.Status.WAITING
                and not webhook.is_emptied
                and webhook.endpoint.is_active
                and self.has_resend_permission(request)
            )
            context["body"] = _readable(webhook.body) if context["may_read"] else ""
            context["title"] = webhook.get_event_display()
            context["subtitle"] = ""
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("Event"), ordering="event")
    def event_shown(self, webhook: OutboxWebhook) -> SafeString:
        return chips([webhook.event])

    @admin.display(description=_("Status"), ordering="status")
    def state(self, webhook: OutboxWebhook) -> SafeString:
        return status_badge(webhook.status)

    @admin.display(description=pgettext_lazy("webhook", "Due"), ordering="due_at")
    def due_shown(self, webhook: OutboxWebhook) -> str:
        if webhook.due_at is None or webhook.status != OutboxWebhook.Status.WAITING:
            return "–"
        return date_format(timezone.localtime(webhook.due_at), "SHORT_DATETIME_FORMAT")

    @admin.display(description=_("Attempts"), ordering="attempts")
    def tried(self, webhook: OutboxWebhook) -> int:
        return webhook.attempts


def _readable(body: str) -> str:
    """Return a body with a line for each fact."""
    try:
        return json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    except ValueError:
        return body
