"""What the gallery's templates get beside the items."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode

from django_ppx.offers.building import icons_url
from django_ppx.ugc.gallery import GalleryItem, GallerySlice, gallery_slice, sku_of


def render_gallery(*, product: Any, limit: int, heading: str, now: datetime) -> str:
    """Return the gallery of a product or (None) of the shop, as it stands on any page; "" where it is empty."""
    found = gallery_slice(
        product=product,
        limit=limit,
        now=now,
        language=page_language(),
    )
    if not found.items:
        return ""
    more = reverse("ppx:gallery")
    if product is not None:
        more += "?" + urlencode({"product": sku_of(product)})
    context = list_context(found) | {"heading": heading, "more_url": more if found.has_more else ""}
    return render_to_string("django_ppx/ugc/gallery.html", context)


def list_context(found: GallerySlice) -> dict[str, Any]:
    """Return what the list of items is rendered from."""
    return {"items": found.items} | _assets()


def item_context(found: GalleryItem) -> dict[str, Any]:
    """Return what the page of one item is rendered from."""
    return {"item": found, "gallery_url": reverse("ppx:gallery")} | _assets()


def page_language() -> str:
    """Return the language that the page is made in."""
    return translation.get_language() or settings.LANGUAGE_CODE


def _assets() -> dict[str, str]:
    return {
        "css_url": static("django_ppx/gallery.css"),
        "js_url": static("django_ppx/gallery.js"),
        "icons_url": icons_url(),
    }
