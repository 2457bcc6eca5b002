"""How a caller says who they are.

Shoppers: `PPX-Order-Token: <token>` (no cookie, no CSRF), or the session together with `PPX-Order: <number>`. The
shop's backend: `Authorization: Bearer ppx_…`, or whatever `DEFAULT_AUTHENTICATION_CLASSES` of Django REST framework
says. What is given and wrong is refused, even where something else that is right stands beside it.
"""

from __future__ import annotations

from typing import Any, Final

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, SessionAuthentication

from django_ppx.access.keys import is_key, read_key
from django_ppx.api.callers import KeyAccess, OrderAccess
from django_ppx.api.problems import Problem, Reason
from django_ppx.core.order_tokens import read_order_token
from django_ppx.core.tokens import InvalidToken
from django_ppx.shop.adapter import get_shop

TOKEN_HEADER: Final = "PPX-Order-Token"  # noqa: S105 - the name of a header
ORDER_HEADER: Final = "PPX-Order"
_LONGEST: Final = 1000


class OrderTokenAuthentication(BaseAuthentication):
    """The customer of the order that the token names."""

    def authenticate(self, request: Any) -> tuple[Any, OrderAccess] | None:
        token = request.headers.get(TOKEN_HEADER)
        if token is None:
            return None
        try:
            order_ref = read_order_token(token[:_LONGEST], now=timezone.now())
        except InvalidToken:
            raise Problem(Reason.NOT_AUTHENTICATED) from None
        return AnonymousUser(), OrderAccess(order_ref=order_ref)

    def authenticate_header(self, request: Any) -> str:
        return TOKEN_HEADER


class _WithoutForm:
    """A request of which nothing is read but its headers."""

    POST = QueryDict()

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    def __getattr__(self, name: str) -> Any:
        return getattr(self._request, name)


class SessionOrderAuthentication(SessionAuthentication):
    """Whoever may see the order, says the shop's adapter. Writes need the CSRF token, in its header."""

    def authenticate(self, request: Any) -> tuple[Any, OrderAccess] | None:
        order_ref = request.headers.get(ORDER_HEADER)
        if order_ref is None:
            return None
        self.enforce_csrf(request)
        shop = get_shop()
        order = shop.find_order(order_ref[:_LONGEST]) if order_ref.isprintable() else None
        if order is None or not shop.can_view(request._request, order):
            raise Problem(Reason.NOT_FOUND)
        user = getattr(request._request, "user", None) or AnonymousUser()
        return user, OrderAccess(order_ref=shop.order_ref(order))

    def enforce_csrf(self, request: Any) -> None:
        """Ask for the token in the header alone: looked for in a form, it would be read before anything caps it."""
        super().enforce_csrf(_WithoutForm(request._request))


class ApiKeyAuthentication(BaseAuthentication):
    """A program of the shop's."""

    def authenticate(self, request: Any) -> tuple[Any, KeyAccess] | None:
        scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not is_key(text):
            return None
        key = read_key(text[:_LONGEST], now=timezone.now())
        if key is None:
            raise Problem(Reason.NOT_AUTHENTICATED)
        return AnonymousUser(), KeyAccess(prefix=key.prefix, scopes=frozenset(key.scopes))

    def authenticate_header(self, request: Any) -> str:
        return 'Bearer realm="django-ppx"'
