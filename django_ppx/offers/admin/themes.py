"""Themes: colours that are measured, shapes, a live preview, and the one that offers wear."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_bidi, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_sameorigin

from django_ppx.offers.admin.previews import SCHEMES, DrawnCard, draw
from django_ppx.offers.models import Theme
from django_ppx.offers.pages import head_context
from django_ppx.offers.sample_cards import sample_cards
from django_ppx.offers.theme_forms import ThemeForm, theme_faults, typed_theme
from django_ppx.offers.themes import stop_using_theme, stylesheet, use_theme

if TYPE_CHECKING:
    _Base = admin.ModelAdmin[Theme]
else:
    _Base = admin.ModelAdmin


@admin.register(Theme)
class ThemeAdmin(_Base):
    """What offers look like in this shop."""

    form = ThemeForm
    list_display = ("name", "in_use", "swatches", "spacing", "font")
    actions = ("use", "stop_using")
    change_form_template = "admin/django_ppx/theme/change_form.html"
    change_list_template = "admin/django_ppx/theme/change_list.html"
    fieldsets = (
        (None, {"fields": ("name",)}),
        (_("Light"), {"fields": (("accent", "surface", "text"),)}),
        (_("Dark"), {"fields": ("has_dark_scheme", ("dark_accent", "dark_surface", "dark_text"))}),
        (_("Shapes and letters"), {"fields": ("radius", "spacing", "font")}),
    )

    class Media:
        css = {"all": ["django_ppx/admin/admin.css"]}
        js = [forms.Script("django_ppx/admin/preview.js", type="module")]

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(xframe_options_sameorigin(self.preview_view))
        css = self.admin_site.admin_view(self.preview_css_view)
        return [
            path("preview/", page, name="django_ppx_theme_preview"),
            path("preview.css", css, name="django_ppx_theme_preview_css"),
            *super().get_urls(),
        ]

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """Show sample offers in the colours that were sent, saved or not. Changes nothing."""
        self._require_view(request)
        typed = request.POST if request.method == "POST" else request.GET
        theme = typed_theme(typed)
        query = request.GET.copy()
        query.clear()
        for name in ThemeForm.Meta.fields:
            value = getattr(theme, name)
            query[name] = ("on" if value else "") if isinstance(value, bool) else str(value)
        scheme = typed.get("preview_scheme", "")
        address = reverse("admin:django_ppx_theme_preview_css", current_app=self.admin_site.name)
        context = {
            **head_context(request),
            "theme_url": f"{address}?{query.urlencode()}",
            "title": gettext("Preview"),
            "scheme": scheme if scheme in SCHEMES else "auto",
            "widths": ["desktop"],
            "notes": [f"{label}: {sentence}" for label, sentence in theme_faults(theme)],
            "cards": _drawn_samples(),
        }
        response = TemplateResponse(request, "admin/django_ppx/offer/preview.html", context)
        patch_cache_control(response, private=True, no_store=True)
        return response.render()

    def preview_css_view(self, request: HttpRequest) -> HttpResponse:
        """Return the stylesheet of the theme that the query describes."""
        self._require_view(request)
        css = stylesheet(typed_theme(request.GET))
        response = HttpResponse(css, content_type="text/css; charset=utf-8")
        patch_cache_control(response, private=True, no_store=True)
        return response

    @admin.display(description=_("In use"), boolean=True)
    def in_use(self, theme: Theme) -> bool:
        return bool(theme.is_active)

    @admin.display(description=_("Colours"))
    def swatches(self, theme: Theme) -> SafeString:
        colors = [theme.accent, theme.surface, theme.text]
        if theme.has_dark_scheme:
            colors += [theme.dark_accent, theme.dark_surface, theme.dark_text]
        return format_html(
            '<svg class="ppx-swatches" width="{}" height="20" role="img" aria-label="{}">{}</svg>',
            len(colors) * 22,
            ", ".join(colors),
            format_html_join(
                "",
                '<circle cx="{}" cy="10" r="9" fill="{}"></circle>',
                ((11 + 22 * index, color) for index, color in enumerate(colors)),
            ),
        )

    @admin.action(description=_("Use this theme"), permissions=["change"])
    def use(self, request: HttpRequest, queryset: QuerySet[Theme]) -> None:
        themes = list(queryset[:2])
        if len(themes) != 1:
            self.message_user(request, gettext("Choose exactly one theme."), messages.ERROR)
            return
        use_theme(theme=themes[0])
        self.log_change(request, themes[0], gettext("Taken into use."))
        text = gettext("Offers now wear “%(name)s”.") % {"name": themes[0].name}
        self.message_user(request, text, messages.SUCCESS)

    @admin.action(description=_("Stop using this theme"), permissions=["change"])
    def stop_using(self, request: HttpRequest, queryset: QuerySet[Theme]) -> None:
        for theme in queryset:
            stop_using_theme(theme=theme)
        self.message_user(
            request, gettext("Without a theme, offers take the default look."), messages.SUCCESS
        )

    def save_model(self, request: HttpRequest, obj: Theme, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "_use" in request.POST:
            use_theme(theme=obj)
            text = gettext("Offers now wear “%(name)s”.") % {"name": obj.name}
            self.message_user(request, text, messages.SUCCESS)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["preview_url"] = reverse(
            "admin:django_ppx_theme_preview", current_app=self.admin_site.name
        )
        return super().render_change_form(request, context, *args, **kwargs)

    def _require_view(self, request: HttpRequest) -> None:
        if not (self.has_view_or_change_permission(request) or self.has_add_permission(request)):
            raise PermissionDenied


def _drawn_samples() -> list[DrawnCard]:
    now = timezone.now()
    language = get_language() or "en"
    last_day = date_format(timezone.localtime(now + timedelta(days=30)), "DATE_FORMAT")
    cards = sample_cards(
        language=language,
        direction="rtl" if get_language_bidi() else "ltr",
        last_day=last_day,
        now=now + timedelta(days=30),
    )
    return [DrawnCard(label="", language="", html=draw(card, language=language)) for card in cards]
