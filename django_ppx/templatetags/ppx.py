"""`{% load ppx %}`: thin wrappers around `offers.pages`.

A fault of ours renders nothing and is logged once per page: what follows it on the page stays silent. Under DEBUG it
is raised.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template import Context
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext

from django_ppx.core.containment import contain
from django_ppx.offers.building import icons_url
from django_ppx.offers.cards import Card
from django_ppx.offers.deferring import placeholder_context
from django_ppx.offers.pages import (
    has_failed,
    head_context,
    mark_failed,
    mark_personal,
    offers_for,
)
from django_ppx.offers.rendering import render_card, render_offers
from django_ppx.rewards.forms import CodeState, code_form_context
from django_ppx.rewards.notices import code_notice
from django_ppx.rewards.visitors import remembered
from django_ppx.shop.types import Basket
from django_ppx.ugc.qr import qr_svg
from django_ppx.ugc.reaching import page_url
from django_ppx.ugc.rendering import render_gallery

register = template.Library()

_OF_ALL: Final = object()
"""Not None: a product that the page's context lacks must not show the photos of all others."""

Rendered = TypeVar("Rendered")


@register.simple_tag(takes_context=True)
def ppx_head(context: Context) -> str:
    """Link our stylesheet, the shop's theme and the script. Once, in the page's head.

    {% ppx_head %}
    """

    def render(request: HttpRequest | None) -> str:
        return render_to_string("django_ppx/head.html", head_context(request))

    return _guarded(context, "ppx_head", render, otherwise="")


@register.simple_tag(takes_context=True)
def ppx_thank_you(
    context: Context, order: Any = None, heading: str = "", defer: bool = False
) -> str:
    """Show the offers of the thank-you page for an order of the shop.

    {% ppx_thank_you order %}
    {% ppx_thank_you order defer=True %}  a place for them: they are fetched afterwards, and the page may be cached
    {% ppx_thank_you defer=True %}  for a page that is the same for everybody: the order that the visitor just placed
    """

    def place(request: HttpRequest | None) -> str:
        fields = placeholder_context(
            order, placement="thank_you", heading=heading, now=timezone.now()
        )
        return render_to_string("django_ppx/deferred.html", fields)

    def render(request: HttpRequest | None) -> str:
        cards = offers_for(
            order, placement="thank_you", limit=None, request=request, now=timezone.now()
        )
        return render_offers(cards, heading=heading)

    return _guarded(context, "ppx_thank_you", place if defer else render, otherwise="")


@register.simple_tag(takes_context=True)
def ppx_offers(
    context: Context, order: Any, placement: str = "thank_you", limit: int | None = None
) -> tuple[Card, ...]:
    """Return the cards of a placement, for pages that arrange them on their own.

    {% ppx_offers order placement="order_status" limit=3 as offers %}
    {% for offer in offers %}{% ppx_offer offer %}{% endfor %}
    """

    def find(request: HttpRequest | None) -> tuple[Card, ...]:
        return offers_for(
            order, placement=placement, limit=limit, request=request, now=timezone.now()
        )

    return _guarded(context, "ppx_offers", find, otherwise=())


@register.simple_tag(takes_context=True)
def ppx_offer(context: Context, offer: Card) -> str:
    """Show one card of `{% ppx_offers %}`.

    {% ppx_offer offer %}
    """

    def render(request: HttpRequest | None) -> str:
        return render_card(offer)

    return _guarded(context, "ppx_offer", render, otherwise="")


@register.simple_tag(takes_context=True)
def ppx_code_form(
    context: Context,
    basket: Basket | None = None,
    message: str = "",
    is_applied: bool | None = None,
) -> str:
    """Show the field for a discount code. It remembers what was typed and works without JavaScript.

    {% ppx_code_form basket %}  says what the code takes off this `shop.types.Basket`, or why not
    {% ppx_code_form message=price.refusal is_applied=price.is_code_taken %}  where the page has asked already
    {% ppx_code_form %}  says whether the code is one at all
    """

    def render(request: HttpRequest | None) -> str:
        mark_personal(request)
        said = None if is_applied is None else CodeState(is_applied=is_applied, message=message)
        fields = code_form_context(request, basket=basket, said=said, now=timezone.now())
        return render_to_string(
            "django_ppx/code_form.html", {**fields, "icons_url": icons_url()}, request=request
        )

    return _guarded(context, "ppx_code_form", render, otherwise="")


@register.simple_tag(takes_context=True)
def ppx_code_notice(context: Context, basket: Basket | None = None) -> str:
    """Say in a slim banner what becomes of the remembered code; nothing where there is none.

    {% ppx_code_notice basket %}  "10% off is in your basket.", or why not yet, for this `shop.types.Basket`
    {% ppx_code_notice %}  what the code gives, and its conditions
    """

    def render(request: HttpRequest | None) -> str:
        mark_personal(request)
        notice = code_notice(request, basket=basket, now=timezone.now())
        if notice is None:
            return ""
        fields = {"notice": notice, "icons_url": icons_url()}
        return render_to_string("django_ppx/code_notice.html", fields, request=request)

    if not remembered(context.get("request")):
        return ""
    return _guarded(context, "ppx_code_notice", render, otherwise="")


@register.simple_tag(takes_context=True)
def ppx_ugc_url(context: Context, order: Any, offer: str) -> str:
    """Return the whole address of an active UGC reward's page for an order; "" where it takes nothing.

    {% ppx_ugc_url order offer="your-mornings" as url %}
    """

    def make(request: HttpRequest | None) -> str:
        mark_personal(request)
        return page_url(order, slug=offer, request=request, now=timezone.now())

    return _guarded(context, "ppx_ugc_url", make, otherwise="")


@register.simple_tag(takes_context=True)
def ppx_ugc_qr(context: Context, order: Any, offer: str, title: str = "") -> str:
    """Draw that address as a QR code, an inline SVG: for the packing slip. Nothing where there is no address.

    {% ppx_ugc_qr order offer="your-mornings" %}
    {% ppx_ugc_qr order offer="your-mornings" title="Show us your morning" %}
    """

    def make(request: HttpRequest | None) -> str:
        mark_personal(request)
        url = page_url(order, slug=offer, request=request, now=timezone.now())
        return qr_svg(url, title=title or gettext("Scan to take part")) if url else ""

    return _guarded(context, "ppx_ugc_qr", make, otherwise="")


@register.simple_tag(takes_context=True)
def ppx_gallery(
    context: Context, product: Any = _OF_ALL, limit: int = 12, heading: str = ""
) -> str:
    """Show what customers sent in of a product, or of all of them. Nothing in it is of the visitor: it may be cached.

    {% ppx_gallery product=product limit=12 %}  the shop's own product, by its `sku`, or a SKU
    {% ppx_gallery %}
    """

    def render(request: HttpRequest | None) -> str:
        wanted = None if product is _OF_ALL else product or ""
        return render_gallery(product=wanted, limit=int(limit), heading=heading, now=timezone.now())

    return _guarded(context, "ppx_gallery", render, otherwise="")


def _guarded(
    context: Context,
    tag: str,
    make: Callable[[HttpRequest | None], Rendered],
    *,
    otherwise: Rendered,
) -> Rendered:
    found = context.get("request")
    request = found if isinstance(found, HttpRequest) else None
    if has_failed(request):
        return otherwise
    rendered: list[Rendered] = []
    with contain(f"The tag {tag}", loud=settings.DEBUG) as containment:
        rendered.append(make(request))
    if not containment.failed:
        return rendered[0]
    mark_failed(request)
    return otherwise
