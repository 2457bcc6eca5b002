"""Endpoints of webhooks: who is told of what, whether it works, and a secret that is shown once. Never deleted."""

from __future__ import annotations

import hashlib
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

import django
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_ppx.core.admin import LedgerInline, ListLook, says_when_busy
from django_ppx.core.responses import private
from django_ppx.exceptions import Refusal
from django_ppx.outbox.admin.endpoint_forms import EndpointForm
from django_ppx.outbox.admin.webhook_cells import badge, chips, dots, status_badge
from django_ppx.outbox.endpoints import (
    change_endpoint,
    make_endpoint,
    post_test,
    rotate_secret,
    switch_endpoints,
)
from django_ppx.outbox.models import OutboxWebhook, WebhookEndpoint

_DOTS: Final = 6
"""How many deliveries the list shows of each endpoint."""
_SHOWN: Final = 10
_MADE: Final = "_ppx_made_endpoint"
"""Where a request holds the endpoint that it made, for its own answer alone."""


class LastDeliveriesInline(LedgerInline):
    """The last messages to the endpoint."""

    model = OutboxWebhook
    fields = ("what", "state", "attempts", "created_at", "last_error")
    readonly_fields = fields
    verbose_name_plural = _("last deliveries")

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxWebhook]:
        webhooks: QuerySet[OutboxWebhook] = super().get_queryset(request)
        match = request.resolver_match
        endpoint_id = None if match is None else match.kwargs.get("object_id")
        if not str(endpoint_id).isdecimal():
            return webhooks.none()
        # A formset filters by its parent, and a slice can't be filtered.
        last = OutboxWebhook.objects.filter(endpoint=endpoint_id).order_by("-pk")[:_SHOWN]
        ids = list(last.values_list("pk", flat=True))
        return webhooks.filter(pk__in=ids).defer("body").order_by("-pk")

    @admin.display(description=_("Event"))
    def what(self, webhook: OutboxWebhook) -> SafeString:
        url = reverse("admin:django_ppx_outboxwebhook_change", args=[webhook.pk])
        return format_html('<a href="{}">{}</a>', url, webhook.event)

    @admin.display(description=_("Status"))
    def state(self, webhook: OutboxWebhook) -> SafeString:
        return status_badge(webhook.status)


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ListLook):
    """Who is told of what happens."""

    form = EndpointForm
    change_form_template = "admin/django_ppx/webhookendpoint/change_form.html"
    list_display = ("name", "state", "last", "host", "told_of", "created_at")
    list_filter = ("is_active",)
    search_fields = ("name", "url")
    actions = ("switch_on", "switch_off")
    readonly_fields = ("renewed", "created_at", "maker")

    class Media:
        css: ClassVar[dict[str, list[str]]] = {
            "all": ["django_ppx/admin/keys.css", "django_ppx/admin/webhooks.css"]
        }

    def get_fieldsets(self, request: HttpRequest, obj: WebhookEndpoint | None = None) -> Any:
        main = (None, {"fields": ("name", "url", "events", "is_active")})
        record = {"fields": self.readonly_fields, "classes": ("collapse",)}
        return [main] if obj is None else [main, (_("Record"), record)]

    def get_inlines(self, request: HttpRequest, obj: WebhookEndpoint | None) -> Any:
        is_seen = request.user.has_perm("django_ppx.view_outboxwebhook")
        return [LastDeliveriesInline] if obj is not None and is_seen else []

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookEndpoint]:
        endpoints: QuerySet[WebhookEndpoint] = super().get_queryset(request)
        match = request.resolver_match
        if match is None or not str(match.url_name).endswith("changelist"):
            return endpoints
        last = OutboxWebhook.objects.filter(endpoint=OuterRef("pk")).order_by("-pk")
        statuses = last.values("status")
        return endpoints.annotate(
            **{f"ppx_last_{at}": Subquery(statuses[at : at + 1]) for at in range(_DOTS)}
        )

    def get_urls(self) -> list[URLPattern]:
        view, name = self.admin_site.admin_view, "django_ppx_webhookendpoint"
        return [
            path("<int:endpoint_id>/rotate/", view(self.rotate_view), name=f"{name}_rotate"),
            path("<int:endpoint_id>/test/", view(self.test_view), name=f"{name}_test"),
            *super().get_urls(),
        ]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_rotate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("django_ppx.rotate_webhookendpoint")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            change_endpoint(endpoint_id=obj.pk, facts=form.facts)
            return
        made = make_endpoint(facts=form.facts, by_id=request.user.pk, now=timezone.now())
        obj.pk = made.pk
        setattr(request, _MADE, made)

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self._show(request, getattr(request, _MADE))

    @says_when_busy
    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except Refusal as refused:  # what the form let pass has changed since
            self.message_user(request, str(refused), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    @says_when_busy
    def rotate_view(self, request: HttpRequest, endpoint_id: int) -> HttpResponse:
        """Ask, then give the endpoint a new secret and show it."""
        endpoint = self._endpoint(request, endpoint_id, self.has_rotate_permission(request))
        if request.method != "POST":
            context = {"endpoint": endpoint, "seen": _fingerprint(endpoint)}
            return self._page(request, "rotate.html", context)
        is_new = request.POST.get("seen") == _fingerprint(endpoint)
        try:
            renewed = rotate_secret(
                endpoint_id=endpoint.pk,
                seen=endpoint.secret if is_new else "",
                now=timezone.now(),
            )
        except Refusal as refused:
            self.message_user(request, str(refused), messages.ERROR)
            return HttpResponseRedirect(self._url("change", endpoint.pk))
        self.log_change(request, endpoint, gettext("Secret renewed."))
        return self._show(request, renewed)

    @says_when_busy
    def test_view(self, request: HttpRequest, endpoint_id: int) -> HttpResponse:
        """Post a message that tells of nothing, to see whether it arrives."""
        if request.method != "POST":
            raise Http404
        endpoint = self._endpoint(request, endpoint_id, self.has_change_permission(request))
        try:
            post_test(endpoint_id=endpoint.pk, now=timezone.now())
        except Refusal as refused:
            self.message_user(request, str(refused), messages.ERROR)
        else:
            sentence = gettext(
                "A test is on its way: it leaves with the next run of ppx_run_due, and what became of it stands below."
            )
            self.message_user(request, sentence, messages.SUCCESS)
        return HttpResponseRedirect(self._url("change", endpoint.pk))

    @admin.action(description=_("Switch on"), permissions=["change"])
    def switch_on(self, request: HttpRequest, queryset: QuerySet[WebhookEndpoint]) -> None:
        self._switch(request, queryset, is_active=True)

    @admin.action(description=_("Switch off"), permissions=["change"])
    def switch_off(self, request: HttpRequest, queryset: QuerySet[WebhookEndpoint]) -> None:
        self._switch(request, queryset, is_active=False)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        endpoint: WebhookEndpoint | None = context.get("original")
        if endpoint is None:  # its secret stands on the next page, wherever one would go on
            context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        else:
            context |= {"title": endpoint.name, "subtitle": ""}
            context["may_rotate"] = self.has_rotate_permission(request)
            context["may_test"] = endpoint.is_active and self.has_change_permission(request)
            context["deliveries_url"] = (
                self._list_of_deliveries(endpoint)
                if request.user.has_perm("django_ppx.view_outboxwebhook")
                else ""
            )
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=_("State"), ordering="is_active")
    def state(self, endpoint: WebhookEndpoint) -> SafeString:
        return (
            badge("running", gettext("On"))
            if endpoint.is_active
            else badge("ended", gettext("Off"))
        )

    @admin.display(description=_("Address"), ordering="url")
    def host(self, endpoint: WebhookEndpoint) -> SafeString:
        return format_html('<span class="ppx-url">{}</span>', urlsplit(endpoint.url).netloc)

    @admin.display(description=_("Told of"))
    def told_of(self, endpoint: WebhookEndpoint) -> SafeString:
        return chips(endpoint.events)

    @admin.display(description=_("Last deliveries"))
    def last(self, endpoint: WebhookEndpoint) -> SafeString:
        statuses = [getattr(endpoint, f"ppx_last_{at}", None) for at in range(_DOTS)]
        return dots([status for status in statuses if status])

    @admin.display(description=_("Previous secret"))
    def renewed(self, endpoint: WebhookEndpoint) -> str:
        if endpoint.previous_until is None or endpoint.previous_until <= timezone.now():
            return "–"
        when = date_format(timezone.localtime(endpoint.previous_until), "SHORT_DATETIME_FORMAT")
        return gettext("signs beside the new one until %(when)s") % {"when": when}

    @admin.display(description=_("Made by"))
    def maker(self, endpoint: WebhookEndpoint) -> str:
        return str(endpoint.created_by or "–")

    def _switch(
        self, request: HttpRequest, queryset: QuerySet[WebhookEndpoint], *, is_active: bool
    ) -> None:
        endpoints = list(queryset.exclude(is_active=is_active))
        switch_endpoints(endpoint_ids=[each.pk for each in endpoints], is_active=is_active)
        note = gettext("Switched on.") if is_active else gettext("Switched off.")
        for endpoint in endpoints:
            self.log_change(request, endpoint, note)
        text = ngettext(
            "%(count)d endpoint switched.", "%(count)d endpoints switched.", len(endpoints)
        )
        self.message_user(request, text % {"count": len(endpoints)}, messages.SUCCESS)

    def _endpoint(
        self, request: HttpRequest, endpoint_id: int, is_allowed: bool
    ) -> WebhookEndpoint:
        if not (is_allowed and self.has_view_permission(request)):
            raise PermissionDenied
        endpoint = WebhookEndpoint.objects.filter(pk=endpoint_id).first()
        if endpoint is None:
            raise Http404
        return endpoint

    def _show(self, request: HttpRequest, endpoint: WebhookEndpoint) -> HttpResponse:
        context = {"endpoint": endpoint, "title": gettext("The secret")}
        return private(self._page(request, "secret.html", context), has_form=True)

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        values = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": context["endpoint"].name,
            "crumbs_as_list": django.VERSION >= (6, 1),
            **context,
        }
        return TemplateResponse(request, f"admin/django_ppx/webhookendpoint/{name}", values)

    def _list_of_deliveries(self, endpoint: WebhookEndpoint) -> str:
        url = reverse("admin:django_ppx_outboxwebhook_changelist", current_app=self.admin_site.name)
        return f"{url}?endpoint__id__exact={endpoint.pk}"

    def _url(self, name: str, *args: Any) -> str:
        return reverse(
            f"admin:django_ppx_webhookendpoint_{name}",
            args=args,
            current_app=self.admin_site.name,
        )


def _fingerprint(endpoint: WebhookEndpoint) -> str:
    """Return which secret a page was made with, without saying it: sent twice, it is renewed once."""
    return hashlib.sha256(endpoint.secret.encode()).hexdigest()[:16]
