"""The adapter for ordinary shops: settings instead of code.

`PPX_ORDER_FIELDS` says where the shop's order keeps what:

    PPX_ORDER_FIELDS = {
        "model": "shop.Order",
        "number": "number",
        "placed_at": "created_at",
        "currency": "=EUR",
        "total": "total",
        "customer.account_id": "user.pk",
        "customer.email": ["user.email", "guest_email"],
        "lines": "lines",
        "line.title": "product.title",
        …
    }

A path is dotted; several are tried in turn; "=…" is the value itself. `docs/adapter.md` lists the
keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from django_ppx.conf import ppx_settings
from django_ppx.exceptions import InvalidOrder
from django_ppx.shop import types
from django_ppx.shop.adapter import HostOrder, ShopAdapter
from django_ppx.shop.paths import CONSTANT_MARK, read_first, rows_of
from django_ppx.shop.values import as_date, as_decimal, as_instant, as_status, as_text, as_texts

REQUIRED: Final = ("number", "total")

_TEXTS_OF_CUSTOMER: Final = (
    "account_id",
    "email",
    "phone",
    "first_name",
    "last_name",
    "language",
    "country",
)
_CAMPAIGN: Final = ("source", "medium", "name", "term", "content")
_LINE: Final = (
    "sku",
    "title",
    "category_path",
    "quantity",
    "unit_price",
    "total",
    "product_url",
    "image_url",
    "cost",
)

KEYS: Final = frozenset(
    {
        "model",
        "statuses",
        "number",
        "placed_at",
        "status",
        "currency",
        "total",
        "discount_total",
        "shipping",
        "tax",
        "base_rate",
        "discount_codes",
        "is_test",
        "lines",
        "customer.birthday",
        "customer.interests",
        *(f"customer.{name}" for name in _TEXTS_OF_CUSTOMER),
        *(f"campaign.{name}" for name in _CAMPAIGN),
        *(f"line.{name}" for name in _LINE),
    }
)
"""What `PPX_ORDER_FIELDS` may contain. All but `model` and `statuses` are paths."""


class MappedShop(ShopAdapter):
    """Reads the shop's order along the paths of `PPX_ORDER_FIELDS`.

    Subclass it to compute one or two fields.
    """

    @property
    def fields(self) -> Mapping[str, Any]:
        return ppx_settings.PPX_ORDER_FIELDS

    def order(self, order: HostOrder, request: HttpRequest | None = None) -> types.Order:
        number = self.order_ref(order)
        total = self.read(order, "total")
        if total is None:
            raise InvalidOrder("The order has no total.")
        return types.Order(
            number=number,
            placed_at=self.placed_at(order),
            currency=self.currency(order),
            total=as_decimal(total, "total"),
            customer=self.customer(order),
            status=as_status(self.read(order, "status"), self.fields.get("statuses", {})),
            discount_total=self._amount(order, "discount_total"),
            shipping=self._amount(order, "shipping"),
            tax=self._amount(order, "tax"),
            base_rate=self._amount_or_none(order, "base_rate"),
            discount_codes=as_texts(self.read(order, "discount_codes")),
            lines=tuple(self.line(line) for line in self.lines(order)),
            campaign=types.Campaign(
                **{name: as_text(self.read(order, f"campaign.{name}")) for name in _CAMPAIGN}
            ),
            is_test=bool(self.read(order, "is_test")),
        )

    def order_ref(self, order: HostOrder) -> str:
        number = as_text(self.read(order, "number"))
        if not number:
            raise InvalidOrder("The order has no number.")
        return number

    def orders(self, since: datetime | None = None) -> Iterator[HostOrder]:
        rows = self._rows_since(since)
        if rows is not None:
            yield from rows.iterator()

    def count_orders(self, since: datetime | None = None) -> int | None:
        rows = self._rows_since(since)
        return None if rows is None else rows.count()

    def find_order(self, order_ref: str) -> HostOrder | None:
        model, number = self._model(), self._column("number")
        if model is None or number is None:
            return None
        try:
            found = list(model._default_manager.filter(**{number: order_ref})[:10])
        except (ValueError, ValidationError):  # "A-1" asked of an integer column
            return None
        return next((order for order in found if self.order_ref(order) == order_ref), None)

    def newest_order(self) -> HostOrder | None:
        model = self._model()
        if model is None:
            return None
        return model._default_manager.order_by(
            f"-{self._column('placed_at') or 'pk'}", "-pk"
        ).first()

    def placed_at(self, order: HostOrder) -> datetime:
        """Return when the order was placed; now, for an order that does not say."""
        value = self.read(order, "placed_at")
        if value is None:
            return timezone.now()
        return as_instant(value, "placed_at", ZoneInfo(ppx_settings.PPX_TIME_ZONE))

    def currency(self, order: HostOrder) -> str:
        """Return the order's currency, or `PPX_CURRENCY`.

        :raises InvalidOrder: when there is neither.
        """
        currency = as_text(self.read(order, "currency")).upper() or ppx_settings.PPX_CURRENCY
        if not currency:
            raise InvalidOrder("The order has no currency, and PPX_CURRENCY is not set.")
        return currency

    def customer(self, order: HostOrder) -> types.Customer:
        """Return who bought, as far as the order says."""
        texts = {name: as_text(self.read(order, f"customer.{name}")) for name in _TEXTS_OF_CUSTOMER}
        texts["country"] = texts["country"].upper()
        return types.Customer(
            **texts,
            birthday=as_date(self.read(order, "customer.birthday")),
            interests=as_texts(self.read(order, "customer.interests")),
        )

    def lines(self, order: HostOrder) -> Iterator[Any]:
        """Yield the order's lines as the shop has them, in one query with what their paths need."""
        if "lines" in self.fields:
            yield from rows_of(self.read(order, "lines"), self._line_paths())

    def line(self, line: Any) -> types.OrderLine:
        """Return one line.

        Of unit price and total, the one that is missing follows from the other.
        """
        quantity = self._amount(line, "line.quantity", Decimal(1))
        unit_price, total = self.read(line, "line.unit_price"), self.read(line, "line.total")
        if total is None:
            unit = Decimal(0) if unit_price is None else as_decimal(unit_price, "line.unit_price")
            sum_ = unit * quantity
        else:
            sum_ = as_decimal(total, "line.total")
            unit = sum_ / quantity if quantity else sum_
            unit = unit if unit_price is None else as_decimal(unit_price, "line.unit_price")
        return types.OrderLine(
            title=as_text(self.read(line, "line.title")),
            sku=as_text(self.read(line, "line.sku")),
            category_path="/".join(as_texts(self.read(line, "line.category_path"))),
            quantity=quantity,
            unit_price=unit,
            total=sum_,
            product_url=as_text(self.read(line, "line.product_url")),
            image_url=as_text(self.read(line, "line.image_url")),
            cost=self._amount_or_none(line, "line.cost"),
        )

    def read(self, start: Any, key: str) -> Any:
        """Return what the setting's `key` leads to from `start`; None where it has no such key.

        :raises InvalidOrder: when a path begins with a name that `start` does not have.
        """
        paths: str | Sequence[str] | None = self.fields.get(key)
        return None if not paths else read_first(start, paths)

    def _amount(self, start: Any, key: str, default: Decimal = Decimal(0)) -> Decimal:
        value = self.read(start, key)
        return default if value is None else as_decimal(value, key)

    def _amount_or_none(self, start: Any, key: str) -> Decimal | None:
        value = self.read(start, key)
        return None if value is None else as_decimal(value, key)

    def _model(self) -> type[Model] | None:
        name = self.fields.get("model")
        return apps.get_model(name) if name else None

    def _rows_since(self, since: datetime | None) -> QuerySet[Any] | None:
        model, placed_at = self._model(), self._column("placed_at")
        if model is None:
            return None
        rows = model._default_manager.order_by(placed_at or "pk", "pk")
        if since is not None and placed_at:
            rows = rows.filter(**{f"{placed_at}__gte": since})
        return rows

    def _column(self, key: str) -> str | None:
        """Return the lookup of a path that is a column, for filters and orderings."""
        path = self.fields.get(key)
        if not isinstance(path, str) or path.startswith(CONSTANT_MARK):
            return None
        return path.replace(".", "__")

    def _line_paths(self) -> Iterator[str]:
        for key, paths in self.fields.items():
            if key.startswith("line."):
                yield from [paths] if isinstance(paths, str) else paths
