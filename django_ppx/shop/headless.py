"""The shop that is no Django project: its orders arrive through the API, and there is no order object to read."""

from __future__ import annotations

from django.http import HttpRequest

from django_ppx.exceptions import InvalidOrder
from django_ppx.shop.adapter import HostOrder, ShopAdapter
from django_ppx.shop.types import Order


class HeadlessShop(ShopAdapter):
    """`PPX_SHOP = "django_ppx.shop.headless.HeadlessShop"`: for a shop in any language that sends `POST orders/`."""

    def order(self, order: HostOrder, request: HttpRequest | None = None) -> Order:
        """Return the order as it is: the API has made it already.

        :raises InvalidOrder: for anything that is no `shop.types.Order`.
        """
        if not isinstance(order, Order):
            raise InvalidOrder("Orders of this shop arrive through the API.")
        return order
