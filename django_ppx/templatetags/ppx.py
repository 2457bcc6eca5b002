"""`{% load ppx %}`: thin wrappers around `offers.pages`. A fault of ours renders nothing; under DEBUG it is raised."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template import Context
from django.template.loader import render_to_string
from django.utils import timezone

from django_ppx.core.containment import contain
from django_ppx.offers.building import icons_url
from django_ppx.offers.cards import Card
from django_ppx.offers.pages import head_context, offers_for

register = template.Library()


@register.simple_tag(takes_context=True)
def ppx_head(context: Context) -> str:
    """Link our stylesheet, the shop's theme and the script. Once, in the page's head.

    {% ppx_head %}
    """
    with contain("The tag ppx_head", loud=settings.DEBUG):
        return render_to_string("django_ppx/head.html", head_context(_request(context)))
    return ""


@register.simple_tag(takes_context=True)
def ppx_thank_you(context: Context, order: Any, heading: str = "") -> str:
    """Show the offers of the thank-you page for an order of the shop.

    {% ppx_thank_you order %}
    """
    with contain("The tag ppx_thank_you", loud=settings.DEBUG):
        cards = offers_for(
            order, placement="thank_you", limit=None, request=_request(context), now=timezone.now()
        )
        return render_to_string(
            "django_ppx/offers.html", {"cards": cards, "heading": heading, "icons_url": icons_url()}
        )
    return ""


@register.simple_tag(takes_context=True)
def ppx_offers(
    context: Context, order: Any, placement: str = "thank_you", limit: int | None = None
) -> Any:
    """Return the cards of a placement, for pages that arrange them on their own.

    {% ppx_offers order placement="order_status" limit=3 as offers %}
    {% for offer in offers %}{% ppx_offer offer %}{% endfor %}
    """
    with contain("The tag ppx_offers", loud=settings.DEBUG):
        return offers_for(
            order, placement=placement, limit=limit, request=_request(context), now=timezone.now()
        )
    return ()


@register.simple_tag
def ppx_offer(offer: Card) -> str:
    """Show one card of `{% ppx_offers %}`.

    {% ppx_offer offer %}
    """
    with contain("The tag ppx_offer", loud=settings.DEBUG):
        return render_to_string(offer.template, {"card": offer, "icons_url": icons_url()})
    return ""


def _request(context: Context) -> HttpRequest | None:
    found = context.get("request")
    return found if isinstance(found, HttpRequest) else None
