"""Licences: written by staff, and as they are for good once a customer agreed to one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_ppx.core.admin import ListLook, says_when_busy
from django_ppx.ugc.admin.languages import LanguageTextInline, LanguageTexts
from django_ppx.ugc.language_forms import LanguageTextForm
from django_ppx.ugc.models import UGCLicence, UGCLicenceText
from django_ppx.ugc.models.licences import Scope, default_scopes
from django_ppx.ugc.versions import make_new_version

if TYPE_CHECKING:
    _FormBase = forms.ModelForm[UGCLicence]
else:
    _FormBase = forms.ModelForm

CSS: Final = {"all": ["django_ppx/admin/rewards.css", "django_ppx/admin/ugc.css"]}


def scopes_text(scopes: Any) -> str:
    """Return what a licence is good for, in words."""
    known = dict(Scope.choices)
    return ", ".join(str(known.get(scope, scope)) for scope in scopes)


class UGCLicenceForm(_FormBase):
    """The uses are ticked."""

    scopes = forms.MultipleChoiceField(
        label=_("Used for"),
        choices=Scope.choices,
        initial=default_scopes,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one use.")},
    )

    class Meta:
        model = UGCLicence
        fields = ("name", "scopes", "term_months")


class UGCLicenceTextForm(LanguageTextForm):
    class Meta:
        model = UGCLicenceText
        fields = ("language", "summary", "text")
        widgets = {"text": forms.Textarea(attrs={"rows": 8, "class": "vLargeTextField"})}


class UGCLicenceTextInline(LanguageTextInline):
    """The words. They may be changed as long as the licence may."""

    model = UGCLicenceText
    form = UGCLicenceTextForm
    verbose_name_plural = _("what customers agree to")

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return super().get_extra(request, obj) if self.has_add_permission(request, obj) else 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("django_ppx.view_ugclicence") or self._may_change(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return request.user.has_perm("django_ppx.add_ugclicence")
        return self._may_change(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_add_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_add_permission(request, obj)

    def _may_change(self, request: HttpRequest, obj: Any) -> bool:
        may = request.user.has_perm("django_ppx.change_ugclicence")
        return may and (obj is None or not is_agreed_to(obj))


@admin.register(UGCLicence)
class UGCLicenceAdmin(LanguageTexts, ListLook):
    """Every version of every licence."""

    change_form_template = "admin/django_ppx/ugclicence/change_form.html"
    form = UGCLicenceForm
    list_display = ("__str__", "used_for", "term", "agreed", "created_at")
    ordering = ("name", "-version", "pk")
    search_fields = ("name",)
    fields = ("name", "version", "scopes", "term_months")
    inlines = (UGCLicenceTextInline,)

    class Media:
        css: ClassVar[dict[str, list[str]]] = CSS

    def get_queryset(self, request: HttpRequest) -> QuerySet[UGCLicence]:
        licences: QuerySet[UGCLicence] = super().get_queryset(request)
        return licences.annotate(ppx_grants=Count("grants"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.new_version_view)
        return [
            path("<int:pk>/new-version/", view, name="django_ppx_ugclicence_new_version"),
            *super().get_urls(),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: UGCLicence | None = None) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            return ("version", "used_for")
        return ("version",)

    def get_fields(self, request: HttpRequest, obj: UGCLicence | None = None) -> Any:
        is_fixed = obj is not None and not self.has_change_permission(request, obj)
        return ("name", "version", "used_for" if is_fixed else "scopes", "term_months")

    def has_change_permission(self, request: HttpRequest, obj: UGCLicence | None = None) -> bool:
        may = super().has_change_permission(request, obj)
        return may and (obj is None or not is_agreed_to(obj))

    def has_delete_permission(self, request: HttpRequest, obj: UGCLicence | None = None) -> bool:
        may = super().has_delete_permission(request, obj)
        return may and (obj is None or not is_agreed_to(obj))

    def has_view_permission(self, request: HttpRequest, obj: UGCLicence | None = None) -> bool:
        # What can't be changed any more can still be looked at by who could have changed it.
        return super().has_view_permission(request, obj) or request.user.has_perm(
            "django_ppx.change_ugclicence"
        )

    @says_when_busy
    def new_version_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Copy a licence as its next version, and open that."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not UGCLicence.objects.filter(pk=pk).exists():
            raise Http404
        made = make_new_version(licence_id=pk)
        sentence = gettext(
            "This is %(licence)s. Change its words, then choose it in the offers that shall ask for it."
        )
        self.message_user(request, sentence % {"licence": made}, messages.SUCCESS)
        url = reverse(
            "admin:django_ppx_ugclicence_change", args=[made.pk], current_app=self.admin_site.name
        )
        return redirect(url)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        licence: UGCLicence | None = context.get("original")
        if licence is not None:
            context["grants"] = licence.grants.count()
            context["may_renew"] = self.has_add_permission(request)
            context["register_url"] = _register_url(request, licence, self.admin_site.name)
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("Used for"))
    def used_for(self, licence: UGCLicence) -> str:
        return scopes_text(licence.scopes)

    @admin.display(description=_("Term"), ordering="term_months")
    def term(self, licence: UGCLicence) -> str:
        if licence.term_months is None:
            return gettext("until it is revoked")
        return ngettext("%(count)d month", "%(count)d months", licence.term_months) % {
            "count": licence.term_months
        }

    @admin.display(description=_("Agreed to"))
    def agreed(self, licence: UGCLicence) -> int:
        return int(getattr(licence, "ppx_grants", 0))


def is_agreed_to(licence: UGCLicence) -> bool:
    """Return whether a customer has agreed to it: from then on it stays as it is."""
    known = getattr(licence, "ppx_grants", None)
    return bool(known) if known is not None else licence.grants.exists()


def _register_url(request: HttpRequest, licence: UGCLicence, site_name: str) -> str:
    if not request.user.has_perm("django_ppx.view_ugclicencegrant"):
        return ""
    url = reverse("admin:django_ppx_ugclicencegrant_changelist", current_app=site_name)
    return f"{url}?licence__id__exact={licence.pk}"
