"""The register of licences granted: who allowed what, when, with which text. Revoked, never changed."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

import django
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, Count, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from django_ppx.core.admin import LedgerAdmin, may_see_addresses, says_when_busy
from django_ppx.core.csv_cells import guard_cell
from django_ppx.rewards.admin import cells
from django_ppx.ugc.admin.licences import CSS, scopes_text
from django_ppx.ugc.admin.people import person_of
from django_ppx.ugc.admin.wording import WhyForm, reward_sentence
from django_ppx.ugc.ending import revoke_licence
from django_ppx.ugc.models import UGCLicenceGrant, UGCRewardOffer, UGCSubmission
from django_ppx.ugc.models.licences import Scope

STANDINGS = (
    ("valid", _("Valid")),
    ("ended", _("Ended")),
    ("revoked", pgettext_lazy("licence", "Revoked")),
)


class _Echo:
    """A file whose lines go where they are asked for."""

    def write(self, line: str) -> str:
        return line


class ScopeFilter(admin.SimpleListFilter):
    title = _("used for")
    parameter_name = "scope"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Scope.choices)

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[UGCLicenceGrant]
    ) -> QuerySet[UGCLicenceGrant]:
        if self.value() not in Scope.values:
            return queryset
        # As text: SQLite knows no `contains` for JSON.
        texts = queryset.annotate(ppx_scopes=Cast("scopes", TextField()))
        return texts.filter(ppx_scopes__contains=f'"{self.value()}"')


class StandingFilter(admin.SimpleListFilter):
    title = _("standing")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(STANDINGS)

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[UGCLicenceGrant]
    ) -> QuerySet[UGCLicenceGrant]:
        now = timezone.now()
        lasts = Q(ends_at__isnull=True) | Q(ends_at__gt=now)
        if self.value() == "valid":
            return queryset.filter(lasts, revoked_at__isnull=True)
        if self.value() == "ended":
            return queryset.filter(ends_at__lte=now, revoked_at__isnull=True)
        if self.value() == "revoked":
            return queryset.filter(revoked_at__isnull=False)
        return queryset


@admin.register(UGCLicenceGrant)
class UGCLicenceGrantAdmin(LedgerAdmin):
    """Every consent, newest first."""

    change_list_template = "admin/django_ppx/ugclicencegrant/change_list.html"
    change_form_template = "admin/django_ppx/ugclicencegrant/change_form.html"
    list_display = ("who", "granted_at", "used_for", "licence", "summary", "until", "state")
    list_filter = (ScopeFilter, StandingFilter, "licence")
    list_select_related = ("submission__customer", "licence")
    search_fields = ("submission__purchase__order_ref",)
    search_help_text = _("The number of an order.")
    ordering = ("-granted_at", "-pk")
    fieldsets = (
        (None, {"fields": ("who", "submission_link", "state", "granted_at", "until")}),
        (
            _("As it was shown"),
            {"fields": ("licence", "used_for", "language", "summary", "text", "page")},
        ),
        (_("Confirmed with it"), {"fields": ("minimum_age", "people_agreed")}),
        (
            pgettext_lazy("licence", "Revoked"),
            {"fields": ("revoked_at", "revoked_by", "revoked_why")},
        ),
    )

    class Media:
        css: ClassVar[dict[str, list[str]]] = CSS

    def get_queryset(self, request: HttpRequest) -> QuerySet[UGCLicenceGrant]:
        may_see = Value(may_see_addresses(request), output_field=BooleanField())
        grants: QuerySet[UGCLicenceGrant] = super().get_queryset(request)
        return grants.annotate(ppx_may_see=may_see)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("export.csv", view(self.csv_view), name="django_ppx_ugclicencegrant_csv"),
            path(
                "<int:pk>/revoke/", view(self.revoke_view), name="django_ppx_ugclicencegrant_revoke"
            ),
            *super().get_urls(),
        ]

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("django_ppx.revoke_ugclicencegrant")

    def csv_view(self, request: HttpRequest) -> HttpResponseBase:
        """Send the register as a file, by scope and standing as the list's filters say."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            grants = self.get_changelist_instance(request).get_queryset(request)
        except (
            IncorrectLookupParameters
        ):  # as the list itself answers an address that is none of its own
            name = "admin:django_ppx_ugclicencegrant_changelist"
            return redirect(reverse(name, current_app=self.admin_site.name) + "?e=1")
        grants = grants.select_related(
            "licence", "submission__customer", "submission__purchase", "submission__ugc_offer"
        )
        grants = grants.annotate(ppx_files=Count("submission__media")).order_by("pk")
        rows = csv.writer(_Echo())
        may_see = may_see_addresses(request)
        lines = (rows.writerow(row) for row in csv_rows(grants.iterator(500), may_see=may_see))
        response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="licences_granted.csv"'
        response["Cache-Control"] = "private, no-store"
        return response

    @says_when_busy
    def revoke_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say what a revocation does, ask why, and do it."""
        if not (self.has_view_permission(request) and self.has_revoke_permission(request)):
            raise PermissionDenied
        grant = UGCLicenceGrant.objects.select_related(
            "submission__customer", "submission__ugc_offer", "licence"
        ).filter(pk=pk)
        found = grant.first()
        if found is None:
            raise Http404
        form = WhyForm(request.POST or None)
        page = reverse(
            "admin:django_ppx_ugclicencegrant_change", args=[pk], current_app=self.admin_site.name
        )
        if request.method == "POST" and form.is_valid():
            ended = revoke_licence(
                submission_id=found.submission_id,
                why=form.cleaned_data["reason"],
                by_id=request.user.pk,
                now=timezone.now(),
            )
            if ended.is_new:
                text = gettext("The licence is revoked, and nothing of it is shown any more.")
                sentence = f"{text} {reward_sentence(ended.reward)}".strip()
                self.message_user(request, sentence, messages.SUCCESS)
            else:
                self.message_user(request, gettext("It was over already."), messages.INFO)
            return redirect(page)
        takes_back = UGCRewardOffer.AfterWithdrawal.TAKE_BACK
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "crumbs_as_list": django.VERSION >= (6, 1),
            "title": gettext("Revoke licence"),
            "grant": found,
            "person": person_of(found.submission.customer, may_see=may_see_addresses(request)),
            "is_over": found.submission.status
            in (UGCSubmission.Status.WITHDRAWN, UGCSubmission.Status.TAKEN_DOWN),
            "takes_back": found.submission.ugc_offer.after_withdrawal == takes_back,
            "has_reward": found.submission.reward_id is not None,
            "form": form,
            "page_url": page,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/django_ppx/ugclicencegrant/revoke.html", context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        grant: UGCLicenceGrant | None = context.get("original")
        if grant is not None:
            context["may_revoke"] = grant.revoked_at is None and self.has_revoke_permission(request)
            context["title"] = gettext("Licence of submission #%(number)d") % {
                "number": grant.submission_id
            }
            context["subtitle"] = ""
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("Customer"))
    def who(self, grant: UGCLicenceGrant) -> str:
        may_see = bool(getattr(grant, "ppx_may_see", False))
        return person_of(grant.submission.customer, may_see=may_see).name

    @admin.display(description=_("Submission"))
    def submission_link(self, grant: UGCLicenceGrant) -> SafeString | str:
        pk = grant.submission_id
        return cells.row_link("ugcsubmission", pk, f"#{pk}", site_name=self.admin_site.name)

    @admin.display(description=_("Used for"))
    def used_for(self, grant: UGCLicenceGrant) -> str:
        return scopes_text(grant.scopes)

    @admin.display(description=_("Until"), ordering="ends_at")
    def until(self, grant: UGCLicenceGrant) -> str:
        return cells.last_day(grant.ends_at) if grant.ends_at else gettext("until it is revoked")

    @admin.display(description=_("Standing"))
    def state(self, grant: UGCLicenceGrant) -> SafeString:
        standing = standing_of(grant)
        look = {"valid": "running", "ended": "ended", "revoked": "paused"}[standing]
        return cells.badge(look, dict(STANDINGS)[standing])


def standing_of(grant: UGCLicenceGrant) -> str:
    """Return "valid", "ended" or "revoked"."""
    if grant.revoked_at is not None:
        return "revoked"
    return "ended" if grant.ends_at and grant.ends_at <= timezone.now() else "valid"


def csv_rows(grants: Iterable[UGCLicenceGrant], *, may_see: bool) -> Iterator[list[str]]:
    """Yield the heading, then a row per grant: names of columns and stored values, in no language."""
    yield [
        "submission", "customer", "email", "order", "product_sku", "product", "offer", "files",
        "licence", "scopes", "language", "sentence", "text", "people_agreed", "minimum_age",
        "granted_at", "ends_at", "standing", "revoked_at", "revoked_why",
    ]  # fmt: skip
    for grant in grants:
        submission = grant.submission
        person = person_of(submission.customer, may_see=may_see)
        row = (
            submission.pk, person.name, person.email, submission.purchase.order_ref,
            submission.product_sku, submission.product_title, submission.ugc_offer.name,
            getattr(grant, "ppx_files", 0), grant.licence, " ".join(grant.scopes), grant.language,
            grant.summary, grant.text, int(grant.people_agreed), grant.minimum_age or "",
            _iso(grant.granted_at), _iso(grant.ends_at), standing_of(grant),
            _iso(grant.revoked_at), grant.revoked_why,
        )  # fmt: skip
        yield [guard_cell(str(cell)) for cell in row]


def _iso(instant: Any) -> str:
    return instant.isoformat() if instant is not None else ""
