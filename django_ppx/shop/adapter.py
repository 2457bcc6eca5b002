"""The boundary to the shop: the one class through which the package reads the host.

`PPX_SHOP` names a subclass of `ShopAdapter`. A shop overrides `order`, and whatever else it wants
to be better than the default. Nothing here touches our own tables.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, TypeAlias

from django.http import HttpRequest
from django.utils.module_loading import import_string

from django_ppx.conf import ppx_settings
from django_ppx.exceptions import Misconfigured
from django_ppx.shop.types import Order, Product

HostOrder: TypeAlias = Any
"""The shop's own order object, of whatever class."""

Notify: TypeAlias = Callable[[HostOrder], None]


class ShopAdapter(ABC):
    """Reads one shop. Override `order`, and for guests, imports and staff tools what is listed here.

    - `can_view`, when others than the order's account may see an order (guests with a session or a
      link);
    - `current_order`, when a thank-you page has one address for all and its offers are fetched afterwards;
    - `connect`, when the shop sends signals of its own;
    - `find_order`, `newest_order` and `orders`, so that staff can try any order and the history can
      be imported;
    - `product`, when a share text should name what a product page says today.

    Every method may run without a request: orders by phone have none. An exception in any of them
    is logged, and the shop's page goes on without us.
    """

    @abstractmethod
    def order(self, order: HostOrder, request: HttpRequest | None = None) -> Order:
        """Return the shop's order as ours. The one method that every shop overrides.

        :raises InvalidOrder: when the order can't be read.
        """

    def order_ref(self, order: HostOrder) -> str:
        """Return the order's number as a string, without a query: it runs at every view of a page.

        The default takes the attribute `number` and falls back to the whole of `order(…)`.
        """
        number = getattr(order, "number", None)
        return str(number) if number not in (None, "") else self.order(order).number

    def can_view(self, request: HttpRequest, order: HostOrder) -> bool:
        """Return whether the person behind `request` may see the order.

        By default: the account that placed it, and staff who may view purchases.
        """
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated:
            return False
        if user.is_staff and user.has_perm("django_ppx.view_purchase"):
            return True
        return str(user.pk) == self.order(order).customer.account_id

    def current_order(self, request: HttpRequest) -> HostOrder | None:
        """Return the order that this visitor has just placed, or None.

        A thank-you page that is the same for everybody does not say which; the session may. `can_view` is asked too.
        """
        return None

    def connect(self, placed: Notify, changed: Notify) -> None:  # noqa: B027 - a default
        """Connect the shop's own signals, once, at start-up.

        `placed(order)` is for a new order, `changed(order)` for one whose status changed.

        Both return at once and do their work after the shop's commit; neither ever raises. Connect
        with `weak=False`, or keep a reference to the receiver.
        """

    def orders(self, since: datetime | None = None) -> Iterator[HostOrder]:
        """Yield the orders placed at `since` or later, oldest first, for the import of the history."""
        return iter(())

    def count_orders(self, since: datetime | None = None) -> int | None:
        """Return how many `orders(since)` yields, for a progress bar; None: nobody knows."""
        return None

    def find_order(self, order_ref: str) -> HostOrder | None:
        """Return the order of this number, or None.

        Staff tools use it for orders that we have not seen yet.
        """
        return None

    def newest_order(self) -> HostOrder | None:
        """Return the shop's newest order, or None. `ppx_doctor` and the previews use it."""
        return None

    def product(self, sku: str) -> Product | None:
        """Return the product as the shop shows it today, or None."""
        return None


def get_shop() -> ShopAdapter:
    """Return an instance of the adapter that `PPX_SHOP` names.

    :raises Misconfigured: when it can't be imported, is no `ShopAdapter` or lacks `order`.
    """
    path = ppx_settings.PPX_SHOP
    try:
        adapter = import_string(path)
    except Exception as error:  # a module of the host may raise anything while it is imported
        raise Misconfigured(f"PPX_SHOP {path!r} can't be imported: {error}") from error
    if not (isinstance(adapter, type) and issubclass(adapter, ShopAdapter)):
        raise Misconfigured(f"PPX_SHOP {path!r} is not a subclass of ShopAdapter.")
    if adapter.__abstractmethods__:
        missing = ", ".join(sorted(adapter.__abstractmethods__))
        raise Misconfigured(f"PPX_SHOP {path!r} does not define {missing}().")
    return adapter()
