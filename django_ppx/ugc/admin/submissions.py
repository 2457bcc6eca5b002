"""Submissions: what customers sent in, and everything that happened to it. Nobody adds or deletes one."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_ppx.core.admin import LedgerAdmin, may_see_addresses
from django_ppx.rewards.admin import cells
from django_ppx.ugc.admin.cards import Reader, cards_of, order_of
from django_ppx.ugc.admin.decisions import Decisions
from django_ppx.ugc.admin.files import FileView
from django_ppx.ugc.admin.filtering import with_record
from django_ppx.ugc.admin.history import history_of, mails_of, reports_of
from django_ppx.ugc.admin.media import shown_media
from django_ppx.ugc.admin.queue import Queue
from django_ppx.ugc.models import UGCMedia, UGCPost, UGCReason, UGCReport, UGCSubmission

Status = UGCSubmission.Status
_LOOKS = {"waiting": "scheduled", "approved": "running", "rejected": "paused"}


class TypeFilter(admin.SimpleListFilter):
    """By what was sent in."""

    title = _("type")
    parameter_name = "with"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("photo", _("Photos")), ("video", _("Videos")), ("post", _("Links to posts"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[UGCSubmission]
    ) -> QuerySet[UGCSubmission]:
        if self.value() == "post":
            return queryset.filter(Exists(UGCPost.objects.filter(submission=OuterRef("pk"))))
        if self.value() in UGCMedia.Type.values:
            media = UGCMedia.objects.filter(submission=OuterRef("pk"), type=self.value())
            return queryset.filter(Exists(media))
        return queryset


class SentStatusFilter(admin.SimpleListFilter):
    """By where it stands. Drafts are not in the list."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            (value, cells.sentence_case(label))
            for value, label in Status.choices
            if value != Status.DRAFT
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[UGCSubmission]
    ) -> QuerySet[UGCSubmission]:
        return queryset.filter(status=self.value()) if self.value() else queryset


@admin.register(UGCSubmission)
class UGCSubmissionAdmin(FileView, Decisions, Queue, LedgerAdmin):
    """Everything that was sent in, newest first; what waits is a click away."""

    change_list_template = "admin/django_ppx/ugcsubmission/change_list.html"
    change_form_template = "admin/django_ppx/ugcsubmission/change_form.html"
    list_display = ("thumbnail", "what", "state", "offer_name", "who", "sent_at")
    list_display_links = ("what",)
    list_filter = (SentStatusFilter, TypeFilter, "ugc_offer")
    list_select_related = ("ugc_offer", "customer")
    search_fields = ("purchase__order_ref", "product_title__icontains", "caption__icontains")
    search_help_text = _("An order's number, or words of the product or the caption.")
    ordering = ("-sent_at", "-pk")
    fieldsets = ((None, {"fields": ("status",)}),)  # its page draws everything itself

    class Media:
        css: ClassVar[dict[str, list[str]]] = {
            "all": ["django_ppx/admin/rewards.css", "django_ppx/admin/ugc.css"]
        }
        js: ClassVar[list[Any]] = [forms.Script("django_ppx/admin/moderation.js", type="module")]

    def has_view_permission(self, request: HttpRequest, obj: UGCSubmission | None = None) -> bool:
        return super().has_view_permission(request, obj) or self.has_moderate_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[UGCSubmission]:
        media = UGCMedia.objects.order_by("position", "pk")
        sent: QuerySet[UGCSubmission] = super().get_queryset(request)
        sent = sent.filter(sent_at__isnull=False)
        return sent.prefetch_related(Prefetch("media", media))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        may_decide = request.user.has_perm("django_ppx.decide_ugcreport")
        open_reports = UGCReport.objects.filter(status=UGCReport.Status.OPEN)
        context = {
            "may_moderate": self.has_moderate_permission(request),
            "waiting": UGCSubmission.objects.filter(status=Status.WAITING).count(),
            "reports": open_reports.count() if may_decide else 0,
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        submission: UGCSubmission | None = context.get("original")
        if submission is not None:
            context.update(self._everything(request, submission))
        return super().render_change_form(request, context, *args, **kwargs)

    def _everything(self, request: HttpRequest, submission: UGCSubmission) -> dict[str, Any]:
        """Return what the page of one submission says, and what may be done on it."""
        site_name = self.admin_site.name
        reader = Reader(site_name=site_name, may_see=may_see_addresses(request), now=timezone.now())
        joins = ("ugc_offer", "purchase", "customer", "licence_grant__licence", "reason", "reward")
        row = with_record(UGCSubmission.objects.filter(pk=submission.pk))
        found = row.select_related(*joins).get()
        may = self.has_moderate_permission(request)
        [card] = cards_of([found], reader)
        return {
            "title": gettext("Submission #%(number)d") % {"number": found.pk},
            "subtitle": "",
            "submission": found,
            "card": card,
            "order": order_of(found, reader),
            "badge": self.state(found),
            "shown_through": cells.last_day(found.published_until),
            "reward": self._reward(found),
            "grant": found.licence_grant,
            "grant_link": cells.row_link(
                "ugclicencegrant",
                found.licence_grant.pk,
                gettext("Open in the register"),
                site_name=site_name,
            ),
            "history": history_of(found),
            "mails": mails_of(found, site_name=site_name),
            "reports": reports_of(found, site_name=site_name),
            "reasons": list(UGCReason.objects.filter(is_active=True)) if may else [],
            "decide_url": self._decide_url(found.pk),
            "may_moderate": may,
            "may_decide": may and found.status == Status.WAITING,
            "may_reconsider": may and found.status == Status.REJECTED,
            "may_take_down": may and found.status == Status.APPROVED,
            "is_undecided": found.status == Status.WAITING,
        }

    def _reward(self, submission: UGCSubmission) -> SafeString | str:
        if submission.reward is None:
            return ""
        reward = submission.reward
        link = cells.row_link(
            "reward", reward.pk, cells.worth_of(reward), site_name=self.admin_site.name
        )
        return format_html("{} {}", link, cells.status_badge(reward))

    @admin.display(description="")
    def thumbnail(self, submission: UGCSubmission) -> SafeString | str:
        media = next(iter(submission.media.all()), None)
        small = shown_media(media, site_name=self.admin_site.name).small if media else ""
        if not small:
            return format_html('<span class="ppx-thumb ppx-thumb--none" aria-hidden="true"></span>')
        return format_html(
            '<img class="ppx-thumb" src="{}" alt="" width="72" height="72" loading="lazy">', small
        )

    @admin.display(description=_("Submission"))
    def what(self, submission: UGCSubmission) -> SafeString:
        title = submission.product_title or gettext("Submission #%(number)d") % {
            "number": submission.pk
        }
        return format_html(
            '{}<span class="ppx-quiet">{}</span>', title, Truncator(submission.caption).chars(80)
        )

    @admin.display(description=_("Status"), ordering="status")
    def state(self, submission: UGCSubmission) -> SafeString:
        status = Status(submission.status)
        return cells.badge(_LOOKS.get(status, "ended"), cells.sentence_case(status.label))

    @admin.display(description=_("Offer"), ordering="ugc_offer__name")
    def offer_name(self, submission: UGCSubmission) -> str:
        return submission.ugc_offer.name

    @admin.display(description=_("Customer"))
    def who(self, submission: UGCSubmission) -> SafeString | str:
        return cells.customer_link(submission.customer, site_name=self.admin_site.name)
