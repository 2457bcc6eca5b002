"""What every page of the shop keeps: the policy, the languages, no inline code."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.contrib.staticfiles import finders
from django.test import Client

import example_project.shop
from example_project.shop.catalogue import CATEGORIES, PIECES
from tests.example.conftest import Buy

pytestmark = pytest.mark.django_db

SHOP = Path(example_project.shop.__file__).parent
PAGES = (
    "/",
    "/shop/cups/",
    "/product/tide-mug/",
    "/basket/",
    "/account/log-in/",
    "/account/sign-up/",
    "/order/find/",
)


class InlineCode(HTMLParser):
    """Collects what a strict Content-Security-Policy forbids."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        self.found += [name for name in names if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and "src" not in names):
            self.found.append(tag)


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_strict_and_has_no_inline_code(client: Client, path: str) -> None:
    response = client.get(path)
    parser = InlineCode()
    parser.feed(response.content.decode())

    assert response.status_code == 200
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert "unsafe" not in response["Content-Security-Policy"]
    assert parser.found == []


def test_the_pages_after_the_order_have_no_inline_code(client: Client, buy: Buy) -> None:
    order = buy(client)

    for path in (f"/thank-you/{order.token}/", f"/order/{order.token}/"):
        parser = InlineCode()
        parser.feed(client.get(path).content.decode())
        assert parser.found == []


@pytest.mark.usefixtures("catalogue")
def test_the_switch_in_the_footer_changes_the_language(client: Client) -> None:
    client.post("/i18n/setlang/", {"language": "de", "next": "/product/tide-mug/"})

    page = client.get("/product/tide-mug/").content.decode()

    assert '<html lang="de" dir="ltr">' in page
    assert "Becher Tide" in page
    assert "26,00\xa0€" in page
    assert "In den Warenkorb" in page


@pytest.mark.usefixtures("catalogue")
def test_a_language_from_right_to_left_turns_the_page(client: Client) -> None:
    page = client.get("/", headers={"accept-language": "ar"}).content.decode()

    assert '<html lang="ar" dir="rtl">' in page


def test_every_text_of_the_shop_is_translated() -> None:
    with (SHOP / "locale/de/LC_MESSAGES/django.po").open("rb") as file:
        messages = [message for message in read_po(file) if message.id]

    def texts(value: object) -> tuple[str, ...]:
        return (value,) if isinstance(value, str) else tuple(value)  # type: ignore[arg-type]

    missing = [m.id for m in messages if m.fuzzy or not all(texts(m.string))]
    assert len(messages) > 100
    assert missing == []


def test_the_range_is_large_enough_and_every_piece_has_a_picture() -> None:
    assert len(PIECES) == 16
    assert len(CATEGORIES) == 4
    for piece in PIECES:
        found = finders.find(f"shop/products/{piece.slug}.svg")
        assert found, piece.slug
        assert len(piece.en) == len(piece.de) == 4


def test_the_stylesheet_asks_for_nothing_from_outside() -> None:
    css = (SHOP / "static/shop/shop.css").read_text(encoding="utf-8")

    for url in re.findall(r"url\(\"?([^\")]+)", css):
        assert (SHOP / "static/shop" / url).exists(), url
