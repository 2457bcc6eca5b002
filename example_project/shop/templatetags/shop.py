"""What every page of the shop needs: its frame, and money as the reader writes it."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_currency
from django import template
from django.conf import settings
from django.utils.translation import get_language

from django_ppx import codes
from django_ppx.shop import types

from ..basket import FREE_SHIPPING_FROM, Basket
from ..models import Category
from ..pricing import known_customer

register = template.Library()

# The switch in the footer. Arabic is for looking at pages from right to left, and stays out of it.
SWITCH = (("en", "English"), ("de", "Deutsch"))


@register.simple_tag(takes_context=True)
def shop_frame(context: template.Context) -> dict[str, object]:
    """Return what header and footer show: `{% shop_frame as frame %}`."""
    return {
        "categories": list(Category.objects.all()),
        "basket_count": Basket(context["request"]).count,
        "languages": SWITCH,
        "free_shipping_from": FREE_SHIPPING_FROM,
    }


@register.simple_tag(takes_context=True)
def offered_basket(context: template.Context) -> types.Basket | None:
    """Return the basket for `{% ppx_code_notice %}`; None, and no query, while no code is remembered."""
    request = context["request"]
    if not codes.remembered(request):
        return None
    return Basket(request).for_ppx(known_customer(request))


@register.filter
def money(amount: Decimal, currency: str = "") -> str:
    """Format an amount: `{{ product.price|money }}`, `{{ order.total|money:order.currency }}`."""
    locale = (get_language() or "en").replace("-", "_")
    return format_currency(amount, currency or settings.SHOP_CURRENCY, locale=locale)
