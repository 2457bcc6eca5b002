"""What Oscar's products, baskets and sites say in ways that no path leads to. Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

from django.contrib.sites.models import Site
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest
from oscar.core.loading import get_model


def category_path(product: Any) -> str:
    """Return the product's first category from the root on, "Kitchen/Bowls"; "" without one or without a product."""
    category = product.get_categories().first() if product is not None else None
    if category is None:
        return ""
    return "/".join(step.name for step in category.get_ancestors_and_self())


def image_path(product: Any) -> str:
    """Return the address of the product's first picture; "" where there is none."""
    # Not `primary_image`: without a picture it writes a stand-in to the disk.
    image = (
        product.get_all_images().order_by("display_order", "pk").first()
        if product is not None
        else None
    )
    return str(image.original.url) if image is not None and image.original else ""


def lines_of_basket(order: Any) -> Iterator[Any]:
    """Yield unsaved order lines for an order that Oscar is placing: it uses vouchers before it stores lines.

    Prices are those before discounts. An order read from the database has no basket with prices, and yields none.
    """
    basket = order.basket
    if basket is None or not basket.has_strategy:
        return
    for line in basket.all_lines():
        yield get_model("order", "Line")(
            order=order,
            product=line.product,
            title=line.product.get_title(),
            partner_sku=line.stockrecord.partner_sku if line.stockrecord else "",
            quantity=line.quantity,
            unit_price_incl_tax=line.unit_price_incl_tax,
            line_price_incl_tax=line.line_price_incl_tax,
        )


def shop_url(order: Any, request: HttpRequest | None) -> str:
    """Return where the shop's addresses begin, "" when nothing says it.

    Without a request it is the order's site, or the current one, under https.
    """
    if request is not None:
        return request.build_absolute_uri("/")
    try:
        site = getattr(order, "site", None) or Site.objects.get_current()
    except ObjectDoesNotExist:
        return ""
    return f"https://{site.domain}/"


def absolute(start: str, path: str) -> str:
    return urljoin(start, path) if path else ""
