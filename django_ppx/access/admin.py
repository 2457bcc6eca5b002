"""API keys: made for one program, shown once, renewed, revoked. Never deleted: what a key did can be looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import django
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_ppx.access.keys import (
    PREFIX,
    KeyRefused,
    NewKey,
    make_key,
    new_prefix,
    revoke_key,
    rotate_key,
)
from django_ppx.access.models import ApiKey
from django_ppx.access.scopes import Scope
from django_ppx.core.admin import ListLook, says_when_busy
from django_ppx.core.responses import private

if TYPE_CHECKING:
    _FormBase = forms.ModelForm[ApiKey]
else:
    _FormBase = forms.ModelForm


_MADE = "_ppx_made_key"
"""Where a request holds the key that it made, for its own answer alone."""


class ApiKeyForm(_FormBase):
    """What a key is for. `prefix` makes a form that is sent twice make one key."""

    scopes = forms.MultipleChoiceField(
        label=_("Allowed"),
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("As little as the program needs."),
    )
    prefix = forms.RegexField(  # type: ignore[assignment] # a field, which is no attribute of the form
        regex=rf"^{PREFIX.pattern}\Z", widget=forms.HiddenInput, required=False
    )

    class Meta:
        model = ApiKey
        fields = ("name", "scopes", "expires_at", "prefix")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if ApiKey.objects.filter(prefix=cleaned.get("prefix", "")).exists():
            raise forms.ValidationError(str(KeyRefused.Reason.MADE.label))
        return cleaned

    def clean_expires_at(self) -> Any:
        expires_at = self.cleaned_data["expires_at"]
        if "expires_at" in self.changed_data and expires_at and expires_at <= timezone.now():
            raise forms.ValidationError(gettext("Choose a time to come."))
        return expires_at


class UsableFilter(admin.SimpleListFilter):
    """Keys that work, or not any more."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("usable", _("Works")), ("over", _("Over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> QuerySet[ApiKey]:
        usable = ApiKey.objects.usable(now=timezone.now()).values("pk")
        if self.value() == "usable":
            return queryset.filter(pk__in=usable)
        return queryset.exclude(pk__in=usable) if self.value() == "over" else queryset


@admin.register(ApiKey)
class ApiKeyAdmin(ListLook):
    """The keys of the shop's programs."""

    form = ApiKeyForm
    change_form_template = "admin/django_ppx/apikey/change_form.html"
    list_display = ("name", "state", "beginning", "allowed", "last_used_at", "expires_at")
    list_filter = (UsableFilter,)
    search_fields = ("name", "prefix")
    actions = ("revoke",)

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["django_ppx/admin/keys.css"]}

    def get_fieldsets(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        main = {"fields": ("name", "scopes", "expires_at", "prefix")}
        if obj is None:
            return [(None, main)]
        seen = {"fields": ("state", "beginning", "last_used_at", "renewed", "created_at", "maker")}
        return [
            (None, {"fields": ("name", "scopes", "expires_at")}),
            (_("State"), seen),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        return (
            ()
            if obj is None
            else ("state", "beginning", "last_used_at", "renewed", "created_at", "maker")
        )

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {**super().get_changeform_initial_data(request), "prefix": new_prefix()}

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("django_ppx.revoke_apikey")

    def has_rotate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("django_ppx.rotate_apikey")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:key_id>/rotate/", view(self.rotate_view), name="django_ppx_apikey_rotate"),
            path("<int:key_id>/revoke/", view(self.revoke_view), name="django_ppx_apikey_revoke"),
            *super().get_urls(),
        ]

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        if change:
            # What the form asks alone: the rest may be renewed or revoked since the row was read.
            obj.save(update_fields=("name", "scopes", "expires_at"))
            return
        made = make_key(
            name=obj.name,
            scopes=obj.scopes,
            expires_at=obj.expires_at,
            prefix=obj.prefix,
            by_id=request.user.pk,
            now=timezone.now(),
        )
        obj.pk = made.key.pk
        setattr(request, _MADE, made)

    def response_add(
        self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None
    ) -> HttpResponse:
        made: NewKey = getattr(request, _MADE)
        return self._show(request, made)

    @says_when_busy
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except KeyRefused as refused:
            self.message_user(request, str(refused), messages.ERROR)
            return HttpResponseRedirect(self._url("changelist"))

    @says_when_busy
    def rotate_view(self, request: HttpRequest, key_id: int) -> HttpResponse:
        """Ask, then give the key a new secret and show it."""
        key = self._key(request, key_id, is_allowed=self.has_rotate_permission(request))
        if request.method != "POST":
            return self._ask(request, key, "rotate")
        try:
            made = rotate_key(key_id=key.pk, now=timezone.now())
        except KeyRefused as refused:
            self.message_user(request, str(refused), messages.ERROR)
            return HttpResponseRedirect(self._url("change", key.pk))
        self.log_change(request, key, gettext("Secret renewed."))
        return self._show(request, made)

    @says_when_busy
    def revoke_view(self, request: HttpRequest, key_id: int) -> HttpResponse:
        """Ask, then end the key."""
        key = self._key(request, key_id, is_allowed=self.has_revoke_permission(request))
        if request.method != "POST":
            return self._ask(request, key, "revoke")
        self._revoke(request, [key])
        return HttpResponseRedirect(self._url("change", key.pk))

    @admin.action(description=_("Revoke"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        """End the ticked keys at once, for good."""
        self._revoke(request, list(queryset))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        key: ApiKey | None = context.get("original")
        if key is None:  # its text stands on the next page, wherever one would go on
            context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        if key is not None and key.revoked_at is None:
            context["may_rotate"] = self.has_rotate_permission(request)
            context["may_revoke"] = self.has_revoke_permission(request)
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("State"))
    def state(self, key: ApiKey) -> SafeString:
        if key.revoked_at is not None:
            badge, label = "ended", gettext("Revoked")
        elif not key.is_usable(now=timezone.now()):
            badge, label = "paused", gettext("Expired")
        else:
            badge, label = "running", gettext("Works")
        return format_html('<span class="ppx-badge ppx-badge--{}">{}</span>', badge, label)

    @admin.display(description=_("Begins with"))
    def beginning(self, key: ApiKey) -> SafeString:
        return format_html('<code class="ppx-key">ppx_{}_…</code>', key.prefix)

    @admin.display(description=_("Allowed"))
    def allowed(self, key: ApiKey) -> SafeString:
        return format_html_join(
            " ", '<span class="ppx-chip">{}</span>', ((scope,) for scope in key.scopes)
        )

    @admin.display(description=_("Previous secret"))
    def renewed(self, key: ApiKey) -> str:
        if key.previous_until is None or key.previous_until <= timezone.now():
            return "–"
        when = date_format(timezone.localtime(key.previous_until), "SHORT_DATETIME_FORMAT")
        return gettext("works until %(when)s") % {"when": when}

    @admin.display(description=_("Made by"))
    def maker(self, key: ApiKey) -> str:
        return str(key.created_by or "–")

    def _revoke(self, request: HttpRequest, keys: list[ApiKey]) -> None:
        revoked = [key for key in keys if revoke_key(key_id=key.pk, now=timezone.now())]
        for key in revoked:
            self.log_change(request, key, gettext("Revoked."))
        text = ngettext("%(count)d key revoked.", "%(count)d keys revoked.", len(revoked))
        self.message_user(request, text % {"count": len(revoked)}, messages.SUCCESS)

    def _key(self, request: HttpRequest, key_id: int, *, is_allowed: bool) -> ApiKey:
        if not (is_allowed and self.has_view_permission(request)):
            raise PermissionDenied
        key = ApiKey.objects.filter(pk=key_id).first()
        if key is None:
            raise Http404
        return key

    def _ask(self, request: HttpRequest, key: ApiKey, action: str) -> HttpResponse:
        return self._page(request, "ask.html", {"key": key, "action": action})

    def _show(self, request: HttpRequest, made: NewKey) -> HttpResponse:
        context = {"key": made.key, "text": made.text, "title": gettext("The key")}
        return private(self._page(request, "made.html", context), has_form=True)

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        values = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": context["key"].name,
            "crumbs_as_list": django.VERSION >= (6, 1),
            **context,
        }
        return TemplateResponse(request, f"admin/django_ppx/apikey/{name}", values)

    def _url(self, name: str, *args: Any) -> str:
        return reverse(
            f"admin:django_ppx_apikey_{name}", args=args, current_app=self.admin_site.name
        )
