"""The example shop inside the test host: its pages, its middleware, its adapter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from example_project import settings as shop_settings
from example_project.shop.catalogue import load_catalogue
from example_project.shop.models import Order

DETAILS = {
    "email": "guest@example.com",
    "first_name": "Guest",
    "last_name": "Customer",
    "street": "Harbour Road 1",
    "postcode": "20095",
    "city": "Hamburg",
    "country": "DE",
    "phone": "",
}

Buy = Callable[..., Order]


@pytest.fixture(autouse=True)
def shop(settings: Any) -> None:
    """Run the shop as its own settings do, on the database of the suite."""
    for name in (
        "ROOT_URLCONF",
        "MIDDLEWARE",
        "SHOP_URL",
        "SHOP_CURRENCY",
        "PPX_SHOP",
        "PPX_SHOP_NAME",
        "PPX_PAGE_LIMIT",
        "PPX_BASKET_URL",
    ):
        setattr(settings, name, getattr(shop_settings, name))


@pytest.fixture
def catalogue(db: None) -> None:
    load_catalogue()


@pytest.fixture
def buy(catalogue: None, django_capture_on_commit_callbacks: Any) -> Buy:
    """Buy one tide mug (26.00, and 4.90 shipping) as a guest, and return the order."""

    def place(client: Client, *, sku: str = "KT-101", quantity: int = 1, **details: str) -> Order:
        client.post("/basket/add/", {"sku": sku, "quantity": quantity})
        with django_capture_on_commit_callbacks(execute=True):
            response = client.post("/checkout/", {**DETAILS, **details})
        assert response.status_code == 302, response.content.decode()
        return Order.objects.get(token=response["Location"].split("/")[2])

    return place
