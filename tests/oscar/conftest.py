"""A shop with two products, a country to ship to, and an offer that gives a code for the next purchase."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import translation
from oscar.apps.catalogue.categories import create_from_breadcrumbs
from oscar.test.factories import CountryFactory, create_product

from django_ppx.testing import make_benefit, make_offer
from tests.oscar.shopper import Shopper


@pytest.fixture(autouse=True)
def fresh_process_state() -> Iterator[None]:
    cache.clear()

    yield

    cache.clear()
    translation.activate("en-gb")


@pytest.fixture(params=[True, False], ids=["atomic requests", "autocommit"])
def transactions(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the shop run each request in a transaction, or not."""
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", request.param)


@pytest.fixture
def shop(db: None) -> None:
    """Make a country and the catalogue: a book in Books/Novels for 40, a pen in Pens for 10."""
    CountryFactory(iso_3166_1_a2="GB", printable_name="United Kingdom", is_shipping_country=True)
    novels = create_from_breadcrumbs("Books > Novels")
    pens = create_from_breadcrumbs("Pens")
    for title, sku, price, where in (
        ("A novel", "NOVEL-1", "40.00", novels),
        ("A pen", "PEN-1", "10.00", pens),
    ):
        product = create_product(
            title=title, price=Decimal(price), num_in_stock=100, partner_sku=sku, upc=sku
        )
        product.categories.add(where)


@pytest.fixture
def offer(shop: None) -> Any:
    """Activate the offer of 10 % off the next purchase."""
    return make_offer(
        "next_purchase_discount", benefit=make_benefit(percent=Decimal(10), code_prefix="THANKS")
    )


@pytest.fixture
def guest(shop: None) -> Shopper:
    return Shopper(email="ada@example.com")
