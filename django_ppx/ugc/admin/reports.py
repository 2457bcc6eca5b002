"""Reports from the public: open ones first, and the decision with its reason."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, Case, IntegerField, QuerySet, Value, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from django_ppx.core.admin import LedgerAdmin, may_see_addresses, says_when_busy
from django_ppx.core.masking import mask_email
from django_ppx.rewards.admin import cells
from django_ppx.ugc.admin.licences import CSS
from django_ppx.ugc.admin.media import shown_media
from django_ppx.ugc.models import UGCReport
from django_ppx.ugc.refusals import DecisionRefused
from django_ppx.ugc.reporting import decide_report

OPEN_FIRST = Case(
    When(status=UGCReport.Status.OPEN, then=0), default=1, output_field=IntegerField()
)
_LOOKS = {"open": "scheduled", "upheld": "paused", "dismissed": "ended"}


class DecisionForm(forms.Form):
    """What is decided, and why."""

    upholds = forms.TypedChoiceField(
        choices=[("1", _("Take it down")), ("0", _("Leave it as it is"))],
        coerce=lambda value: value == "1",
    )
    decision = forms.CharField(
        label=_("Reason of the decision"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text=_("Whoever reported it reads this; if it is taken down, the customer too."),
    )


@admin.register(UGCReport)
class UGCReportAdmin(LedgerAdmin):
    """All reports: the open ones first, the longest waiting of them at the top."""

    change_form_template = "admin/django_ppx/ugcreport/change_form.html"
    list_display = ("receipt", "state", "why", "submission_link", "reporter", "reported_at")
    list_filter = ("status", "cause")
    search_fields = ("receipt__iexact",)
    search_help_text = _("The receipt number.")
    fieldsets = (
        (None, {"fields": ("state", "why", "text", "reporter", "reported_at")}),
        (_("Decision"), {"fields": ("decision", "decided_at", "decided_by")}),
    )

    class Media:
        css: ClassVar[dict[str, list[str]]] = CSS

    def get_queryset(self, request: HttpRequest) -> QuerySet[UGCReport]:
        may_see = Value(may_see_addresses(request), output_field=BooleanField())
        reports: QuerySet[UGCReport] = super().get_queryset(request)
        return reports.annotate(ppx_may_see=may_see)

    def get_ordering(self, request: HttpRequest) -> tuple[Any, ...]:
        return (OPEN_FIRST, "reported_at", "pk")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.decide_view)
        return [
            path("<int:pk>/decide/", view, name="django_ppx_ugcreport_decide"),
            *super().get_urls(),
        ]

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("django_ppx.decide_ugcreport")

    def has_view_permission(self, request: HttpRequest, obj: UGCReport | None = None) -> bool:
        return super().has_view_permission(request, obj) or self.has_decide_permission(request)

    @says_when_busy
    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Decide on a report, and go on to the next that is open."""
        if not self.has_decide_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        report = UGCReport.objects.filter(pk=pk).first()
        if report is None:
            raise Http404
        form = DecisionForm(request.POST)
        if not form.is_valid():
            sentence = gettext("Say why, in at most 1,000 characters: both sides read it.")
            self.message_user(request, sentence, messages.ERROR)
            return redirect(self._page(pk))
        now = timezone.now()
        try:
            decided = decide_report(
                report_id=pk, **form.cleaned_data, by_id=request.user.pk, now=now
            )
        except DecisionRefused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return redirect(self._page(pk))
        if (decided.decided_at, decided.decided_by_id) != (now, request.user.pk):
            sentence = str(DecisionRefused.Reason.NOT_WAITING.label)
            self.message_user(request, sentence, messages.WARNING)
        elif decided.status == UGCReport.Status.UPHELD:
            self.message_user(request, gettext("It is taken down."), messages.SUCCESS)
        else:
            self.message_user(request, gettext("It stays as it is."), messages.SUCCESS)
        following = UGCReport.objects.filter(status=UGCReport.Status.OPEN)
        next_one = following.order_by("reported_at", "pk").first()
        return redirect(self._page(next_one.pk if next_one is not None else pk))

    def _page(self, pk: int) -> str:
        return reverse(
            "admin:django_ppx_ugcreport_change", args=[pk], current_app=self.admin_site.name
        )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        report: UGCReport | None = context.get("original")
        if report is not None:
            media = report.submission.media.order_by("position", "pk")
            context["shown"] = [
                shown_media(each, site_name=self.admin_site.name)
                for each in media
                if not report.media_key or each.key == report.media_key
            ]
            context["may_decide"] = (
                report.status == UGCReport.Status.OPEN and self.has_decide_permission(request)
            )
            context["form"] = DecisionForm()
            context["link"] = self.submission_link(report)
            context["title"] = gettext("Report %(receipt)s") % {"receipt": report.receipt}
            context["subtitle"] = ""
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("Status"), ordering="status")
    def state(self, report: UGCReport) -> SafeString:
        status = UGCReport.Status(report.status)
        return cells.badge(_LOOKS[status], cells.sentence_case(status.label))

    @admin.display(description=_("What is wrong"), ordering="cause")
    def why(self, report: UGCReport) -> str:
        return str(report.get_cause_display())

    @admin.display(description=_("Submission"), ordering="submission")
    def submission_link(self, report: UGCReport) -> SafeString | str:
        pk = report.submission_id
        return cells.row_link("ugcsubmission", pk, f"#{pk}", site_name=self.admin_site.name)

    @admin.display(description=pgettext_lazy("report", "From"), empty_value="–")
    def reporter(self, report: UGCReport) -> str:
        may_see = bool(getattr(report, "ppx_may_see", False))
        return (report.email if may_see else mask_email(report.email)) or "–"
