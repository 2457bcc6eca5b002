"""Pages of one offer that folders above this one add: `<id>/<name>/` among the offers, whatever their kind.

An offer's form is among those of its kind; what is said of every offer has its address here, `…_offer_<name>`. Who may
see the offer, here or among those of its kind, may open them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import NoReverseMatch, URLPattern, path, reverse

from django_ppx.offers.admin.addresses import may_see
from django_ppx.offers.kinds import load_kinds
from django_ppx.offers.models import Offer

if TYPE_CHECKING:
    _Base = admin.ModelAdmin[Offer]
else:
    _Base = object


@dataclass(frozen=True, kw_only=True, slots=True)
class OfferPage:
    """`view` is called with the admin, the request and the offer, once it is clear that the person may see it.

    `file` is how the address ends, where it does not end with the name: "numbers.csv".
    """

    name: str
    view: Callable[[Any, HttpRequest, Offer], HttpResponse]
    file: str = ""


_pages: dict[str, OfferPage] = {}


def add_offer_page(page: OfferPage) -> None:
    """Add a page to every offer. To be called while the admin is loaded; a second of a name replaces the first."""
    _pages[page.name] = page


def offer_page_url(name: str, offer_id: int, *, site_name: str = "admin") -> str:
    """Return the address of a page of an offer, "" where nobody added it."""
    try:
        return reverse(f"admin:django_ppx_offer_{name}", args=[offer_id], current_app=site_name)
    except NoReverseMatch:
        return ""


class OfferPages(_Base):
    """Adds the pages to the admin of offers."""

    def get_urls(self) -> list[URLPattern]:
        pages = [
            path(
                f"<int:offer_id>/{page.file or f'{page.name}/'}",
                self.admin_site.admin_view(partial(self.offer_page_view, page)),
                name=f"django_ppx_offer_{page.name}",
            )
            for page in _pages.values()
        ]
        return [*pages, *super().get_urls()]

    def offer_page_view(self, page: OfferPage, request: HttpRequest, offer_id: int) -> HttpResponse:
        """Show a page of an offer to who may see the offer."""
        offer = self.get_object(request, str(offer_id))
        if offer is None:
            raise Http404
        sees_all = self.has_view_or_change_permission(request, offer)
        if not (sees_all or may_see(request, load_kinds()[offer.kind])):
            raise PermissionDenied
        return page.view(self, request, offer)
