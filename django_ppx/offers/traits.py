"""Traits: the typed facts that audience rules ask about, and the registry that a host extends (`PPX_TRAITS`).

A trait reads one value from a moment, purely; an operator compares it. What a rule stores is checked by the trait's
type before it is saved, and compiled once into a function when the snapshot is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from django_ppx.conf import ppx_settings
from django_ppx.exceptions import Misconfigured
from django_ppx.offers.moments import Moment
from django_ppx.offers.trait_types import (
    BOOLEAN,
    COUNTRY,
    DATE,
    LIST,
    MONEY,
    NUMBER,
    TEXT,
    TraitType,
)

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


@dataclass(frozen=True, kw_only=True, slots=True)
class Trait:
    """One fact about the moment. `read` is pure and returns None where the fact is not known."""

    name: str
    label: _StrOrPromise
    type: TraitType
    read: Callable[[Moment], Any]
    group: _StrOrPromise = "Shop"


def _purchase(attribute: str) -> Callable[[Moment], Any]:
    return lambda moment: getattr(moment.purchase, attribute) if moment.purchase else None


def _customer(attribute: str) -> Callable[[Moment], Any]:
    return lambda moment: getattr(moment.customer, attribute) if moment.customer else None


def _country(moment: Moment) -> str | None:
    for facts in (moment.purchase, moment.customer):
        if facts is not None and facts.country:
            return facts.country
    return None


def _lines(attribute: str) -> Callable[[Moment], Any]:
    return lambda moment: (
        None
        if moment.purchase is None
        else tuple(value for line in moment.purchase.lines if (value := getattr(line, attribute)))
    )


def _categories(moment: Moment) -> tuple[str, ...] | None:
    """Return every category of the order with all its ancestors: "Kitchen/Bowls" also counts as "Kitchen"."""
    if moment.purchase is None:
        return None
    found: dict[str, None] = {}
    for line in moment.purchase.lines:
        parts = [part for part in line.category_path.split("/") if part]
        for end in range(1, len(parts) + 1):
            found["/".join(parts[:end])] = None
    return tuple(found)


def _items(moment: Moment) -> Any:
    return None if moment.purchase is None else sum(line.quantity for line in moment.purchase.lines)


def _used_code(moment: Moment) -> bool | None:
    return None if moment.purchase is None else bool(moment.purchase.discount_codes)


_ORDER, _CUSTOMER, _CAMPAIGN = pgettext_lazy("traits of", "Order"), _("Customer"), _("Campaign")

BUILT_IN = (
    Trait(
        name="order_total",
        label=_("Order total"),
        type=MONEY,
        read=_purchase("total"),
        group=_ORDER,
    ),
    Trait(
        name="order_discount",
        label=_("Discount in the order"),
        type=MONEY,
        read=_purchase("discount"),
        group=_ORDER,
    ),
    Trait(
        name="order_items", label=_("Items in the order"), type=NUMBER, read=_items, group=_ORDER
    ),
    Trait(
        name="order_skus", label=_("Products (SKU)"), type=LIST, read=_lines("sku"), group=_ORDER
    ),
    Trait(
        name="order_categories", label=_("Categories"), type=LIST, read=_categories, group=_ORDER
    ),
    Trait(
        name="order_used_code",
        label=_("A discount code was used"),
        type=BOOLEAN,
        read=_used_code,
        group=_ORDER,
    ),
    Trait(
        name="orders_so_far",
        label=_("Orders so far"),
        type=NUMBER,
        read=_customer("orders"),
        group=_CUSTOMER,
    ),
    Trait(
        name="is_guest",
        label=_("Is a guest"),
        type=BOOLEAN,
        read=_customer("is_guest"),
        group=_CUSTOMER,
    ),
    Trait(name="country", label=_("Country"), type=COUNTRY, read=_country, group=_CUSTOMER),
    Trait(
        name="language",
        label=_("Language"),
        type=TEXT,
        read=lambda moment: moment.language,
        group=_CUSTOMER,
    ),
    Trait(
        name="interests",
        label=_("Interests"),
        type=LIST,
        read=_customer("interests"),
        group=_CUSTOMER,
    ),
    Trait(
        name="birthday", label=_("Birthday"), type=DATE, read=_customer("birthday"), group=_CUSTOMER
    ),
    Trait(
        name="utm_source",
        label=_("Campaign source"),
        type=TEXT,
        read=_purchase("utm_source"),
        group=_CAMPAIGN,
    ),
    Trait(
        name="utm_medium",
        label=_("Campaign medium"),
        type=TEXT,
        read=_purchase("utm_medium"),
        group=_CAMPAIGN,
    ),
    Trait(
        name="utm_campaign",
        label=_("Campaign name"),
        type=TEXT,
        read=_purchase("utm_campaign"),
        group=_CAMPAIGN,
    ),
    Trait(
        name="utm_content",
        label=_("Campaign content"),
        type=TEXT,
        read=_purchase("utm_content"),
        group=_CAMPAIGN,
    ),
    Trait(
        name="utm_term",
        label=_("Campaign term"),
        type=TEXT,
        read=_purchase("utm_term"),
        group=_CAMPAIGN,
    ),
)


def load_trait(path: str) -> Trait:
    """Return the trait at a dotted path.

    :raises Misconfigured: when it can't be imported or is no `Trait`.
    """
    try:
        found = import_string(path)
    except ImportError as error:
        raise Misconfigured(f"The trait {path!r} can't be imported: {error}") from error
    if not isinstance(found, Trait):
        raise Misconfigured(f"{path!r} is not a django_ppx.offers.traits.Trait.")
    return found


@lru_cache(maxsize=8)
def _load(paths: tuple[str, ...]) -> Mapping[str, Trait]:
    traits = {trait.name: trait for trait in BUILT_IN}
    for path in paths:
        trait = load_trait(path)
        if trait.name in traits:
            raise Misconfigured(f"Two traits are called {trait.name!r}.")
        traits[trait.name] = trait
    return traits


def load_traits() -> Mapping[str, Trait]:
    """Return the built-in traits and the host's, by name. Loaded once per value of `PPX_TRAITS`.

    :raises Misconfigured: when one of the host's can't be loaded, or two share a name.
    """
    return _load(tuple(ppx_settings.PPX_TRAITS))
