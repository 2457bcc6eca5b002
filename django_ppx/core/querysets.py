"""How to ask for customers and purchases."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from django.apps import apps
from django.db import models
from django.db.models import Count, F, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce

if TYPE_CHECKING:
    from django_ppx.core.models import (  # noqa: F401 - named in quotes below
        CustomerKey,
        Purchase,
        PurchaseComplaint,
        PurchaseEntry,
    )


def customers_with(keys: Iterable[str]) -> models.QuerySet[Any, Any]:
    """Return the ids of the customers who have one of these `customer_keys`, as a subquery."""
    stored = apps.get_model("django_ppx", "CustomerKey")._default_manager.filter(key__in=list(keys))
    return stored.values("customer")


class CustomerKeyQuerySet(models.QuerySet["CustomerKey"]):
    def of(self, keys: Iterable[str]) -> Self:
        """Return the stored keys among `keys`, with their customers."""
        return self.filter(key__in=list(keys)).select_related("customer")

    def with_customer_history(self) -> Self:
        """Annotate the customer's `orders` (valid purchases) and `last_placed_at`."""
        purchases = (
            apps.get_model("django_ppx", "Purchase")
            ._default_manager.filter(customer=OuterRef("customer"), status="placed", is_test=False)
            .order_by()
            .values("customer")
        )
        return self.annotate(
            orders=Coalesce(Subquery(purchases.annotate(n=Count("pk")).values("n")), 0),
            last_placed_at=Subquery(purchases.annotate(last=Max("placed_at")).values("last")),
        )


class PurchaseQuerySet(models.QuerySet["Purchase"]):
    def valid(self) -> Self:
        """Return purchases that count: neither cancelled nor wholly refunded nor a test."""
        return self.filter(status="placed", is_test=False)

    def of_customer(self, keys: Iterable[str]) -> Self:
        """Return the purchases of whoever has one of these `customer_keys`; of nobody without any."""
        return self.filter(customer__in=customers_with(keys))

    def with_customer_orders(self) -> Self:
        """Annotate `customer_orders`: the customer's valid purchases, this one included."""
        mine = (
            self.model._default_manager.filter(
                customer=OuterRef("customer"), status="placed", is_test=False
            )
            .order_by()
            .values("customer")
            .annotate(n=Count("pk"))
            .values("n")
        )
        return self.annotate(customer_orders=Coalesce(Subquery(mine), 0))

    def with_lines(self) -> Self:
        """Return one row per line (at least one per purchase), the line's columns as `line_…`.

        One query.
        """
        return self.annotate(
            line_sku=F("lines__sku"),
            line_title=F("lines__title"),
            line_category_path=F("lines__category_path"),
            line_quantity=F("lines__quantity"),
            line_unit_price_minor=F("lines__unit_price_minor"),
            line_total_minor=F("lines__total_minor"),
            line_product_url=F("lines__product_url"),
            line_image_url=F("lines__image_url"),
        ).order_by("lines__position")


class PurchaseEntryQuerySet(models.QuerySet["PurchaseEntry"]):
    def known_on(self, day_no: int) -> Self:
        """Return what we had learned by the end of this local day: what a metric taken `as_of` it may use."""
        return self.filter(recorded_day_no__lte=day_no)

    def of_orders_in(self, first_day: int, end_day: int) -> Self:
        """Return the entries of orders of these days, end excluded. A refund counts on the day of its order."""
        return self.filter(order_day_no__gte=first_day, order_day_no__lt=end_day)

    def happened_in(self, first_day: int, end_day: int) -> Self:
        """Return the entries that happened on these days, end excluded. A refund counts on its own day."""
        return self.filter(day_no__gte=first_day, day_no__lt=end_day)


class PurchaseComplaintQuerySet(models.QuerySet["PurchaseComplaint"]):
    def known_on(self, day_no: int) -> Self:
        """Return what we had learned by the end of this local day."""
        return self.filter(recorded_day_no__lte=day_no)
