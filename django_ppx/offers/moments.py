"""The frozen facts that one decision is made from. Pure: no Django, no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django_ppx.core.money import Money


@dataclass(frozen=True, kw_only=True, slots=True)
class LineFacts:
    """One line of the purchase."""

    title: str
    sku: str = ""
    category_path: str = ""
    quantity: Decimal = Decimal(1)
    total: Money | None = None
    product_url: str = ""
    image_url: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PurchaseFacts:
    """The purchase the page is about."""

    id: int
    order_ref: str
    placed_at: datetime
    total: Money
    discount: Money
    shipping: Money
    status: str = "placed"
    country: str = ""
    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    utm_term: str = ""
    utm_content: str = ""
    discount_codes: tuple[str, ...] = ()
    lines: tuple[LineFacts, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerFacts:
    """Who looks at the page. `orders` counts valid purchases, this one included."""

    id: int
    is_guest: bool
    orders: int
    first_name: str = ""
    last_name: str = ""
    language: str = ""
    country: str = ""
    birthday: date | None = None
    interests: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredCode:
    """A code as it stands in the ledger; `terms` is the frozen copy it carries."""

    value: str
    terms: Mapping[str, object]
    expires_at: datetime | None
    is_used_up: bool
    is_revoked: bool = False
    is_expired: bool = False
    """Marked as expired, whatever the clock says now."""
    starts_at: datetime | None = None
    """When it can first be used; None: at once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Presented:
    """An offer that was put on a page before."""

    id: str
    offer_id: int
    variant_id: int
    purchase_id: int
    placement: str
    presented_at: datetime
    is_dismissed: bool
    is_done: bool
    code: StoredCode | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """One customer at one placement at one instant. `history` maps an offer's id to what was shown before."""

    placement: str
    now: datetime
    language: str
    purchase: PurchaseFacts | None = None
    customer: CustomerFacts | None = None
    history: Mapping[int, tuple[Presented, ...]] = field(default_factory=dict)
    exposures: Mapping[int, int] = field(default_factory=dict)
    """Which arm of which running experiment the customer was exposed to: arm ids by experiment id."""

    @property
    def unit(self) -> str:
        """What the customer is hashed by."""
        return str(self.customer.id) if self.customer else ""

    def presented_here(self, offer_id: int) -> Presented | None:
        """Return the presentation of this purchase at this placement, if there is one."""
        if self.purchase is None:
            return None
        for row in self.history.get(offer_id, ()):
            if row.purchase_id == self.purchase.id and row.placement == self.placement:
                return row
        return None
