"""A customer in a browser, who walks through Oscar's real checkout."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from oscar.core.loading import get_model

CODE = re.compile(r'data-ppx-code="([^"]+)"|>(THANKS(?:-[A-Z0-9]{4}){3})<')


class Shopper:
    def __init__(self, email: str, password: str = "") -> None:
        self.email = email
        self.browser = Client()
        if password:
            user = get_user_model().objects.create_user("ada", email, password)
            assert self.browser.login(username=email, password=password)
            self.user = user

    def put_in_basket(self, sku: str = "NOVEL-1", quantity: int = 1) -> None:
        product = get_model("catalogue", "Product").objects.get(upc=sku)
        answer = self.browser.post(
            reverse("basket:add", kwargs={"pk": product.pk}), {"quantity": quantity}
        )
        assert answer.status_code == 302, answer.content

    def type_code(self, code: str) -> str:
        """Enter the code in the basket and return the page that follows."""
        page = self.browser.post(reverse("basket:vouchers-add"), {"code": code}, follow=True)
        return page.content.decode()

    def see_basket(self) -> str:
        return self.browser.get(reverse("basket:summary")).content.decode()

    def go_to_preview(self) -> str:
        """Leave address and, as a guest, e-mail; return the preview of the order."""
        if not hasattr(self, "user"):
            self.browser.post(
                reverse("checkout:index"), {"username": self.email, "options": "anonymous"}
            )
        address = {
            "first_name": "Ada",
            "last_name": "Lovelace",
            "line1": "12 St James's Square",
            "line4": "London",
            "postcode": "SW1Y 4JH",
            "country": "GB",
        }
        self.browser.post(reverse("checkout:shipping-address"), address)
        self.browser.get(reverse("checkout:shipping-method"))
        page = self.browser.get(reverse("checkout:preview"))
        assert page.status_code == 200, page.headers.get("Location")
        return page.content.decode()

    def place_order(self) -> Any:
        """Press the button of the preview, and return what follows."""
        return self.browser.post(
            reverse("checkout:preview"), {"action": "place_order"}, follow=True
        )

    def buy(self, code: str = "", **basket: Any) -> str:
        """Buy something, with the code if there is one, and return the last page."""
        self.put_in_basket(**basket)
        if code:
            self.type_code(code)
        self.go_to_preview()
        return self.place_order().content.decode()


def code_on(page: str) -> str:
    """Return the code on the card of a thank-you page."""
    found = CODE.search(page)
    assert found, page
    return next(filter(None, found.groups()))


def orders() -> list[Any]:
    return list(get_model("order", "Order").objects.order_by("pk"))
