"""All offers of all kinds in the order in which they compete, and the choice of a kind for a new one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import django
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_ppx.offers.admin.addresses import kind_url, may
from django_ppx.offers.admin.lists import (
    FILTER_TEMPLATE,
    OfferColumns,
    StateFilter,
)
from django_ppx.offers.admin.offer_pages import OfferPages
from django_ppx.offers.admin.trying import TryIt
from django_ppx.offers.building import icons_url
from django_ppx.offers.first_steps import first_steps
from django_ppx.offers.kinds import kind_choices, load_kinds
from django_ppx.offers.models import Offer
from django_ppx.offers.ordering import move_offer, reorder_offers

if TYPE_CHECKING:
    _Base = admin.ModelAdmin[Offer]
else:
    _Base = admin.ModelAdmin


@dataclass(frozen=True, kw_only=True, slots=True)
class KindChoice:
    """One kind that the person may make an offer of."""

    label: str | Promise
    description: str | Promise
    icon: str
    url: str


class KindFilter(admin.SimpleListFilter):
    """By kind, with the names that staff know."""

    title = _("kind")
    parameter_name = "kind"
    template = FILTER_TEMPLATE

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(kind_choices())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Offer]) -> QuerySet[Offer]:
        return queryset.filter(kind=self.value()) if self.value() in load_kinds() else queryset


@admin.register(Offer)
class OfferAdmin(OfferPages, TryIt, OfferColumns, _Base):
    """The list over all kinds. Offers are written on the pages of their kinds; here they are put in order."""

    list_display: Any = (
        "place",
        "link",
        "state",
        "who_and_where",
        "shown",
        "clicked",
        "redeemed",
        "trend",
    )
    list_display_links = None
    list_filter: ClassVar[Any] = (StateFilter, KindFilter, *OfferColumns.list_filter[1:])
    ordering = ("priority", "pk")
    sortable_by = ()
    list_per_page = 200
    actions = None
    change_list_template = "admin/django_ppx/offer/overview.html"

    class Media:
        css = {"all": ["django_ppx/admin/admin.css"]}
        js = [
            forms.Script("django_ppx/admin/reorder.js", type="module"),
            forms.Script("django_ppx/admin/preview.js", type="module"),
        ]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.reorder_view)
        return [path("reorder/", view, name="django_ppx_offer_reorder"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Offer]:
        return super().get_queryset(request).filter(kind__in=list(load_kinds()))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(self.kind_choices(request))

    def has_delete_permission(self, request: HttpRequest, obj: Offer | None = None) -> bool:
        return False

    def kind_choices(self, request: HttpRequest) -> list[KindChoice]:
        """Return the kinds of which the person may add offers."""
        return [
            KindChoice(label=kind.label, description=kind.description, icon=kind.icon, url=url)
            for kind in load_kinds().values()
            if may(request, kind, "add") and (url := self._kind_url(kind, "add"))
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Let staff choose what kind of offer to make."""
        choices = self.kind_choices(request)
        if not choices:
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "crumbs_as_list": django.VERSION >= (6, 1),
            "title": gettext("What would you like to offer?"),
            "choices": choices,
            "icons_url": icons_url(),
            "media": self.media,
        }
        return TemplateResponse(request, "admin/django_ppx/offer/choose_kind.html", context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """Lead to the offer's page among those of its kind."""
        offer = self.get_object(request, object_id)
        if offer is None:
            raise Http404
        if not self.has_view_or_change_permission(request, offer):
            raise PermissionDenied
        url = self._kind_url(load_kinds()[offer.kind], "change", offer.pk)
        if not url:
            raise Http404
        return HttpResponseRedirect(url)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        steps = first_steps()
        context = {
            "title": gettext("All offers"),
            "steps": steps if any(not step.is_done for step in steps) else (),
            "choices": self.kind_choices(request),
            "icons_url": icons_url(),
            "can_reorder": self.has_change_permission(request),
            "can_try": self.has_try_permission(request),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Return the columns; the handles to move offers only where the whole list is shown."""
        can_move = self.has_change_permission(request) and not request.GET
        return [name for name in self.list_display if can_move or name != "place"]

    @admin.display(description=_("Order"))
    def place(self, offer: Offer) -> SafeString:
        return format_html(
            '<span class="ppx-move"><span class="ppx-move__grip" data-ppx-grip="{0}" title="{3}"></span>'
            '<button class="ppx-move__button" type="submit" form="changelist-form" formaction="{4}" name="move" '
            'value="{0}:up" aria-label="{1}">↑</button>'
            '<button class="ppx-move__button" type="submit" form="changelist-form" formaction="{4}" name="move" '
            'value="{0}:down" aria-label="{2}">↓</button></span>',
            offer.pk,
            gettext("Move “%(name)s” up") % {"name": offer.name},
            gettext("Move “%(name)s” down") % {"name": offer.name},
            gettext("Drag to move"),
            reverse("admin:django_ppx_offer_reorder", current_app=self.admin_site.name),
        )

    @admin.display(description=_("Offer"))
    def link(self, offer: Offer) -> SafeString:
        kind = load_kinds()[offer.kind]
        url = self._kind_url(kind, "change", offer.pk)
        name = format_html('<a href="{}">{}</a>', url, offer.name) if url else offer.name
        return format_html(
            '<b class="ppx-offer" id="offer-{}">{}</b><span class="ppx-quiet ppx-kind">'
            '<svg class="ppx-icon" aria-hidden="true" width="14" height="14">'
            '<use href="{}#ppx-icon-{}"></use></svg>{}</span>',
            offer.pk,
            name,
            icons_url(),
            kind.icon,
            kind.label,
        )

    def _kind_url(self, kind: Any, page: str, *args: object) -> str:
        return kind_url(kind, page, *args, site_name=self.admin_site.name)

    def reorder_view(self, request: HttpRequest) -> HttpResponse:
        """Move one offer (`move=12:up`) or put many in order (`order=3,1,2`). For who may change offers."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        back = reverse("admin:django_ppx_offer_changelist", current_app=self.admin_site.name)
        if "order" in request.POST:
            ids = [int(part) for part in request.POST["order"].split(",") if part.isdecimal()]
            reorder_offers(offer_ids=ids[:1000])
            return HttpResponse(status=204)
        offer_id, _colon, direction = request.POST.get("move", "").partition(":")
        if offer_id.isdecimal() and direction == "up":
            move_offer(offer_id=int(offer_id), direction="up")
        elif offer_id.isdecimal() and direction == "down":
            move_offer(offer_id=int(offer_id), direction="down")
        else:
            messages.error(request, gettext("Nothing was moved: the page was out of date."))
        return HttpResponseRedirect(f"{back}#offer-{offer_id}" if offer_id.isdecimal() else back)
