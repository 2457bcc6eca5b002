"""Whose order is it? A link alone opens nothing: the session or the account must own the order."""

from __future__ import annotations

from django.http import HttpRequest

from .models import Order

SESSION_KEY = "orders"
KEPT = 20


def grant(request: HttpRequest, order: Order) -> None:
    """Let this visitor see the order from now on: they placed it, or proved to know its address."""
    known = [pk for pk in request.session.get(SESSION_KEY, []) if pk != order.pk]
    request.session[SESSION_KEY] = [*known, order.pk][-KEPT:]


def last_order(request: HttpRequest) -> Order | None:
    """Return the newest order that this session may see: it tells who the guest is."""
    known = request.session.get(SESSION_KEY, [])
    return Order.objects.filter(pk__in=known).first() if known else None


def may_see(request: HttpRequest, order: Order) -> bool:
    if order.pk in request.session.get(SESSION_KEY, []):
        return True
    return request.user.is_authenticated and order.user_id == request.user.pk
