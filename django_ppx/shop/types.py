"""What the package knows of a shop: frozen values, built by the shop's adapter.

Nothing here touches the database or the host. Amounts are `Decimal` in major units of `currency`
(12.50 is twelve euros fifty); every other module relies on these shapes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class OrderStatus(StrEnum):
    """Where the order stands, as far as rewards and metrics care."""

    PLACED = "placed"
    PAID = "paid"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


@dataclass(frozen=True, kw_only=True, slots=True)
class Customer:
    """Who bought. A guest has no `account_id`; a phone order may have neither account nor e-mail.

    `country` is ISO 3166-1 alpha-2, `language` BCP 47, `phone` as the customer wrote it.
    """

    account_id: str = ""
    email: str = ""
    phone: str = ""
    first_name: str = ""
    last_name: str = ""
    language: str = ""
    country: str = ""
    birthday: date | None = None
    interests: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Campaign:
    """Where the visit came from: the utm_* parameters of the landing page."""

    source: str = ""
    medium: str = ""
    name: str = ""
    term: str = ""
    content: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderLine:
    """One line of an order.

    `quantity` may be fractional (0.5 kg); the product may be gone (empty `sku`).
    """

    title: str
    sku: str = ""
    category_path: str = ""
    """Categories from the root, joined with "/": "Kitchen/Bowls"."""
    quantity: Decimal = Decimal(1)
    unit_price: Decimal = Decimal(0)
    total: Decimal = Decimal(0)
    """What the customer pays for the line, after line discounts."""
    product_url: str = ""
    image_url: str = ""
    cost: Decimal | None = None
    """What the line's goods cost the shop, for the whole quantity, in the order's currency; None: not known."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """One order of the shop at one moment."""

    number: str
    """The shop's own order number, always a string. Unique in the shop."""
    placed_at: datetime
    """Aware."""
    currency: str
    """ISO 4217, upper case."""
    total: Decimal
    """What the customer pays, with shipping and tax, after discounts."""
    customer: Customer = field(default_factory=Customer)
    status: OrderStatus = OrderStatus.PLACED
    discount_total: Decimal = Decimal(0)
    shipping: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    """Tax contained in `total`, without the tax on shipping, which `shipping` contains; zero where not known."""
    base_rate: Decimal | None = None
    """Units of `PPX_BASE_CURRENCY` that one unit of the order's currency was worth when it was placed; frozen."""
    discount_codes: tuple[str, ...] = ()
    lines: tuple[OrderLine, ...] = ()
    campaign: Campaign = field(default_factory=Campaign)
    is_test: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class BasketLine:
    """One line of a basket.

    `total` is what the line costs now, after the shop's own line discounts.
    """

    total: Decimal
    sku: str = ""
    category_path: str = ""
    quantity: Decimal = Decimal(1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Basket:
    """What a discount code is weighed against, before the order exists.

    `total` is the goods after the shop's own discounts, without `shipping`.
    """

    currency: str
    total: Decimal
    shipping: Decimal = Decimal(0)
    lines: tuple[BasketLine, ...] = ()
    customer: Customer = field(default_factory=Customer)
    other_codes: tuple[str, ...] = ()
    """Codes of the shop's own, or of ours, that the basket already has."""
    order_ref: str = ""
    """The number that its order will have, if it has one: a use that is held for it is its own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Product:
    """A product as a page may show it."""

    sku: str
    title: str
    url: str = ""
    image_url: str = ""
    category_path: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
