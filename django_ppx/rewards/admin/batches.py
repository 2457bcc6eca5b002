"""Batches of codes: how far each has come, going on with it, stopping it, and its codes as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    JsonResponse,
    StreamingHttpResponse,
)
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_ppx.core.admin import LedgerAdmin, may_see_addresses
from django_ppx.core.retrying import TransactionConflict
from django_ppx.rewards.admin import cells
from django_ppx.rewards.admin.imports import ImportCodes, outcome_in_words
from django_ppx.rewards.admin.numbers import grouped_number
from django_ppx.rewards.admin.stock import left_in_words
from django_ppx.rewards.batching import BatchRefused, stop_batch
from django_ppx.rewards.exporting import batch_rows
from django_ppx.rewards.generating import continue_batch, resume_batch
from django_ppx.rewards.importing import LONGEST_REPORT, Problem
from django_ppx.rewards.models import CodeBatch
from django_ppx.rewards.stocking import stock_levels
from django_ppx.rewards.terms import FrozenTerms, UnreadableTerms
from django_ppx.rewards.wording import describe

STEP: Final = 20_000
"""Codes made by one request of the progress page: about a second."""

_LINES_PER_PIECE: Final = 1_000
"""Lines of the export that leave together: a server sends each piece that it is given on its own."""

_BADGES: Final = {"running": "scheduled", "done": "running", "stopped": "paused"}


class Echo:
    """A file whose `write` returns what it is given."""

    def write(self, text: str) -> str:
        return text


@admin.register(CodeBatch)
class CodeBatchAdmin(ImportCodes, LedgerAdmin):
    """Every batch, made or imported. What is in it can't be changed, only stopped."""

    change_list_template = "admin/django_ppx/codebatch/change_list.html"
    change_form_template = "admin/django_ppx/codebatch/change_form.html"
    list_display = ("name", "benefit", "progress", "state", "created_at")
    list_filter = ("status", "kind", "benefit")
    list_select_related = ("benefit",)
    search_fields = ("name",)
    ordering = ("-created_at", "-pk")
    fieldsets = (
        (None, {"fields": ("name", "benefit", "kind", "terms_in_words", "last_day")}),
        (_("Record"), {"fields": ("created_at", "created_by", "finished_at")}),
    )

    class Media:
        js = [forms.Script("django_ppx/admin/batch.js", type="module")]

    def get_urls(self) -> list[URLPattern]:
        steps = {"step": self.step_view, "stop": self.stop_view, "resume": self.resume_view}
        own = [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(view),
                name=f"django_ppx_codebatch_{name}",
            )
            for name, view in {**steps, "export": self.export_view}.items()
        ]
        return [*own, *super().get_urls()]

    def has_view_permission(self, request: HttpRequest, obj: CodeBatch | None = None) -> bool:
        """Return whether the person may see batches; who makes or imports codes may."""
        return (
            super().has_view_permission(request, obj)
            or self.has_generate_permission(request)
            or self.has_import_permission(request)
        )

    def has_export_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("django_ppx.export_discountcode")

    @admin.display(description=_("Codes"), ordering="made")
    def progress(self, batch: CodeBatch) -> SafeString | str:
        text = progress_in_words(batch)
        if batch.kind == CodeBatch.Kind.IMPORTED or batch.status == CodeBatch.Status.DONE:
            return text
        return format_html(
            '<progress class="ppx-progress" max="{}" value="{}" aria-label="{}"></progress>'
            '<span class="ppx-quiet">{}</span>',
            batch.requested,
            batch.made,
            text,
            text,
        )

    @admin.display(description=_("Status"), ordering="status")
    def state(self, batch: CodeBatch) -> SafeString:
        return format_html(
            '<span class="ppx-badge ppx-badge--{}">{}</span>',
            _BADGES[batch.status],
            state_in_words(batch),
        )

    @admin.display(description=_("Last day"))
    def last_day(self, batch: CodeBatch) -> str:
        return cells.last_day(batch.expires_at)

    @admin.display(description=_("Terms"))
    def terms_in_words(self, batch: CodeBatch) -> str:
        try:
            return describe(FrozenTerms.from_json(batch.terms), says_days=False)
        except UnreadableTerms:
            return gettext("Unreadable")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        levels = stock_levels(now=timezone.now())
        context = {
            "low_stocks": [
                (level.name, left_in_words(level.left)) for level in levels if level.is_low
            ],
            "may_make": self.has_generate_permission(request),
            "may_import": self.has_import_permission(request),
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        batch = context["original"]
        is_drawn = batch.kind == CodeBatch.Kind.DRAWN
        may_act = self._may_act(request, batch)
        context |= {
            "batch": batch,
            "progress_text": progress_in_words(batch),
            "state_badge": self.state(batch),
            "is_drawn": is_drawn,
            "may_continue": may_act and is_drawn and batch.status == CodeBatch.Status.RUNNING,
            "may_stop": may_act and batch.status == CodeBatch.Status.RUNNING,
            "may_resume": may_act and is_drawn and batch.status == CodeBatch.Status.STOPPED,
            "may_export": self.has_export_permission(request) and batch.made,
            "report": [(line, text, Problem(why).label) for line, text, why in batch.report],
            "longest_report": LONGEST_REPORT,
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def step_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make the next codes; the script gets JSON, a person without it the page again."""
        batch = self._batch(request, pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        is_script = not request.accepts("text/html")
        try:
            batch = continue_batch(batch_id=pk, now=timezone.now(), most=STEP)
        except TransactionConflict:
            text = gettext("The database is busy. Please try again.")
            if is_script:
                return JsonResponse({"text": text}, status=503)
            self.say(request, text, messages.WARNING)
        if not is_script:
            return self.to_batch(batch)
        return JsonResponse(
            {
                "made": batch.made,
                "text": progress_in_words(batch),
                "is_running": batch.status == CodeBatch.Status.RUNNING,
            }
        )

    def stop_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Stop the batch; what is made stays."""
        batch = self._batch(request, pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if stop_batch(batch_id=pk, now=timezone.now()):
            self.log_change(request, batch, gettext("Stopped."))
        return self.to_batch(batch)

    def resume_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let a stopped batch go on; its page then makes the codes."""
        batch = self._batch(request, pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            if resume_batch(batch_id=pk, now=timezone.now()):
                self.log_change(request, batch, gettext("Resumed."))
        except BatchRefused as refused:
            self.say(request, str(refused), messages.ERROR)
        return self.to_batch(batch)

    def export_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Stream the batch's codes as CSV."""
        if not (self.has_view_permission(request) and self.has_export_permission(request)):
            raise PermissionDenied
        batch = self._found(pk)
        rows = batch_rows(
            batch_id=pk, now=timezone.now(), with_addresses=may_see_addresses(request)
        )
        lines: Iterator[str] = map(csv.writer(Echo()).writerow, rows)
        pieces = iter(lambda: "".join(islice(lines, _LINES_PER_PIECE)), "")
        response = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
        name = slugify(batch.name) or f"batch-{pk}"
        response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
        response["Cache-Control"] = "private, no-store"
        return response

    def _batch(self, request: HttpRequest, pk: int) -> CodeBatch:
        batch = self._found(pk)
        if not self._may_act(request, batch):
            raise PermissionDenied
        return batch

    def _found(self, pk: int) -> CodeBatch:
        batch = CodeBatch.objects.filter(pk=pk).first()
        if batch is None:
            raise Http404
        return batch

    def _may_act(self, request: HttpRequest, batch: CodeBatch) -> bool:
        """Return whether the person may go on with the batch, or stop it."""
        if batch.kind == CodeBatch.Kind.DRAWN:
            return self.has_generate_permission(request)
        return self.has_import_permission(request)


def state_in_words(batch: CodeBatch) -> str:
    return str(batch.get_status_display())


def progress_in_words(batch: CodeBatch) -> str:
    """Return "5,000 of 10,000"; of an import, what became of its lines."""
    if batch.kind == CodeBatch.Kind.IMPORTED:
        return outcome_in_words(batch)
    return gettext("%(made)s of %(requested)s") % {
        "made": grouped_number(batch.made),
        "requested": grouped_number(batch.requested),
    }
