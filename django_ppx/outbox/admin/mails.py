"""Mails: what was sent, what waits, and what staff must look at. Nobody writes or changes one here."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, QuerySet, Value
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_sameorigin

from django_ppx.core.admin import LedgerAdmin, may_see_addresses
from django_ppx.core.masking import mask_email
from django_ppx.outbox.models import OutboxMail
from django_ppx.outbox.sending import resend_mails

# The mail's own styles are inline. No script, form, link or picture of it does anything here.
PREVIEW_POLICY = "; ".join(
    (
        "sandbox",
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
    )
)
_BADGES = {"waiting": "scheduled", "sent": "running", "failed": "paused", "cancelled": "ended"}


def may_read(request: HttpRequest) -> bool:
    """Return whether the person may read what mails say: names, codes and links stand in them."""
    return request.user.has_perm("django_ppx.read_outboxmail")


@admin.register(OutboxMail)
class OutboxMailAdmin(LedgerAdmin):
    """Every mail, newest first."""

    change_form_template = "admin/django_ppx/outboxmail/change_form.html"
    list_display = ("subject_shown", "state", "recipient", "due_shown", "tried", "created_at")
    list_filter = ("status", "created_at")
    ordering = ("-created_at", "-pk")
    actions = ("resend",)
    fieldsets = (
        (None, {"fields": ("state", "recipient", "due_shown", "sent_at", "tried", "last_error")}),
        (
            _("Record"),
            {"fields": ("key", "message_id", "language", "created_at"), "classes": ("collapse",)},
        ),
    )

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["django_ppx/admin/mails.css"]}

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Return where to search: addresses only for who may see them, or the search would tell them."""
        if may_see_addresses(request):
            return ("key__exact", "to__iexact", "subject__icontains")
        return ("key__exact", "subject__icontains")

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxMail]:
        # Columns are asked for a row, not for a request; each row carries what its reader may see.
        may_see = Value(may_see_addresses(request), output_field=BooleanField())
        mails: QuerySet[OutboxMail] = super().get_queryset(request).annotate(ppx_may_see=may_see)
        match = request.resolver_match
        is_list = match is not None and str(match.url_name).endswith("changelist")
        return mails.defer("text", "html", "headers") if is_list else mails

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(xframe_options_sameorigin(self.html_view))
        return [
            path("<int:mail_id>/html/", view, name="django_ppx_outboxmail_html"),
            *super().get_urls(),
        ]

    def html_view(self, request: HttpRequest, mail_id: int) -> HttpResponse:
        """Show a mail's HTML alone, in a sandbox. For who may read mails."""
        if not (self.has_view_permission(request) and may_read(request)):
            raise PermissionDenied
        mail = OutboxMail.objects.filter(pk=mail_id).exclude(html="").first()
        if mail is None:
            raise Http404
        response = HttpResponse(mail.html)
        response["Content-Security-Policy"] = PREVIEW_POLICY
        response["Referrer-Policy"] = "no-referrer"
        response["X-Content-Type-Options"] = "nosniff"
        patch_cache_control(response, private=True, no_store=True)
        return response

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("django_ppx.resend_outboxmail")

    @admin.action(description=_("Send again"), permissions=["resend"])
    def resend(self, request: HttpRequest, queryset: QuerySet[OutboxMail]) -> None:
        """Let failed mails be tried from the beginning. Others, and emptied ones, stay as they are."""
        ids = list(queryset.values_list("pk", flat=True))
        count = resend_mails(mail_ids=ids, now=timezone.now())
        if count:
            text = ngettext(
                "%(count)d mail is sent again within minutes.",
                "%(count)d mails are sent again within minutes.",
                count,
            )
            self.message_user(request, text % {"count": count}, messages.SUCCESS)
        else:
            sentence = gettext("Only failed mails that still have their text can be sent again.")
            self.message_user(request, sentence, messages.WARNING)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        mail: OutboxMail | None = context.get("original")
        if mail is not None:
            context["may_read"] = may_read(request)
            context["may_resend"] = (
                mail.status == OutboxMail.Status.FAILED
                and not mail.is_emptied
                and self.has_resend_permission(request)
            )
            context["html_url"] = mail.html and reverse(
                "admin:django_ppx_outboxmail_html",
                args=[mail.pk],
                current_app=self.admin_site.name,
            )
            context["title"] = mail.subject or gettext("Mail #%(number)d") % {"number": mail.pk}
            context["subtitle"] = ""
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("Subject"), ordering="subject")
    def subject_shown(self, mail: OutboxMail) -> str:
        return mail.subject or gettext("Mail #%(number)d") % {"number": mail.pk}

    @admin.display(description=_("Status"), ordering="status")
    def state(self, mail: OutboxMail) -> SafeString:
        label = capfirst(str(OutboxMail.Status(mail.status).label))
        return format_html(
            '<span class="ppx-badge ppx-badge--{}">{}</span>', _BADGES[mail.status], label
        )

    @admin.display(description=_("To"))
    def recipient(self, mail: OutboxMail) -> str:
        may_see = bool(getattr(mail, "ppx_may_see", False))
        return (mail.to if may_see else mask_email(mail.to)) or "–"

    @admin.display(description=pgettext_lazy("mail", "Due"), ordering="due_at")
    def due_shown(self, mail: OutboxMail) -> str:
        if mail.due_at is None or mail.status != OutboxMail.Status.WAITING:
            return "–"
        return date_format(timezone.localtime(mail.due_at), "SHORT_DATETIME_FORMAT")

    @admin.display(description=_("Attempts"), ordering="attempts")
    def tried(self, mail: OutboxMail) -> int:
        return mail.attempts
