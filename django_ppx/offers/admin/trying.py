"""“Try it”: what one order's customer would be shown, and why not the rest. The same words as `ppx_explain`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import django
from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_ppx.conf import ppx_settings
from django_ppx.core.containment import contain
from django_ppx.offers.admin.addresses import kind_url, may_see
from django_ppx.offers.admin.previews import draw
from django_ppx.offers.explaining import ExplainedOffer, Explanation, UnknownOrder, explain
from django_ppx.offers.forms import form_languages
from django_ppx.offers.models import Offer, Placement
from django_ppx.offers.pages import head_context
from django_ppx.offers.previewing import preview_card
from django_ppx.offers.snapshot import current_snapshot

if TYPE_CHECKING:
    _Base = admin.ModelAdmin[Offer]
else:
    _Base = object


class TryItForm(forms.Form):
    """Which order, where on the shop, in which language."""

    order = forms.CharField(
        label=_("Order number"),
        max_length=100,
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )
    placement = forms.ChoiceField(label=_("Where"), choices=Placement.choices)
    language = forms.ChoiceField(label=_("Language"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["language"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = [(code, str(name)) for code, name in form_languages()]


@dataclass(frozen=True, kw_only=True, slots=True)
class TriedOffer:
    """One line of the answer."""

    explained: ExplainedOffer
    url: str
    card: SafeString | None


class TryIt(_Base):
    """Adds the page `try/` to the list of all offers."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.try_view)
        return [path("try/", view, name="django_ppx_offer_try"), *super().get_urls()]

    def has_try_permission(self, request: HttpRequest) -> bool:
        """Return whether the person may see offers and orders, for the answer shows both."""
        return self.has_view_or_change_permission(request) and request.user.has_perm(
            "django_ppx.view_purchase"
        )

    def try_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for an order, and explain what it would be shown. Posted, so that no order number is in a log."""
        if not self.has_try_permission(request):
            raise PermissionDenied
        form = TryItForm(request.POST or None)
        explanation: Explanation | None = None
        if request.method == "POST" and form.is_valid():
            explanation = self._explain(form)
        tried = self._tried(request, explanation) if explanation else []
        shown = [item for item in tried if item.card is not None]
        page = {**head_context(request), "cards": shown, "title": gettext("Shown")}
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "crumbs_as_list": django.VERSION >= (6, 1),
            "title": gettext("Try it"),
            "form": form,
            "explanation": explanation,
            "shown": shown,
            "hidden": [item for item in tried if item.card is None],
            "page": render_to_string("admin/django_ppx/offer/tried.html", page) if shown else "",
            "media": self.media,
        }
        response = TemplateResponse(request, "admin/django_ppx/offer/try.html", context)
        patch_cache_control(response, private=True, no_store=True)
        return response

    def _explain(self, form: TryItForm) -> Explanation | None:
        """Return the explanation; where there is none, the form says why."""
        explanation: Explanation | None = None
        with contain("Try it") as containment:
            try:
                explanation = explain(
                    current_snapshot(),
                    order_ref=form.cleaned_data["order"].strip(),
                    placement=form.cleaned_data["placement"],
                    language=form.cleaned_data["language"],
                    limit=ppx_settings.PPX_PAGE_LIMIT,
                    now=timezone.now(),
                )
            except UnknownOrder:
                form.add_error("order", gettext("There is no order of this number."))
        if containment.failed:
            form.add_error(
                "order",
                gettext(
                    "The shop could not tell about this order. The log says why; so does ppx_doctor."
                ),
            )
        return explanation

    def _tried(self, request: HttpRequest, explanation: Explanation) -> list[TriedOffer]:
        found = []
        for number, explained in enumerate(explanation.offers):
            kind = explained.offer.kind
            url = ""
            if may_see(request, kind):
                url = kind_url(kind, "change", explained.offer.id, site_name=self.admin_site.name)
            found.append(
                TriedOffer(explained=explained, url=url, card=_card(explained, explanation, number))
            )
        return found


def _card(explained: ExplainedOffer, explanation: Explanation, number: int) -> SafeString | None:
    if explained.variant is None:
        return None
    card = preview_card(
        explained.offer, explained.variant, explanation.moment, prefix=f"try-{number}"
    )
    return draw(card, language=explanation.moment.language)
