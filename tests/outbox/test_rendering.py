"""A mail reads in its own language and time zone, whoever renders it, and its frame keeps what it promises."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils import timezone, translation

from django_ppx.outbox.rendering import render_mail

CONTEXT = {
    "name": "Ada & <Co>",
    "url": "https://shop.example.com/?a=1&b=2",
    "code": "THANKS-ABCD",
    "reason": "You get this mail because you sent us a photo.",
    "at": datetime(2026, 7, 1, 22, 30, tzinfo=UTC),
}


def test_a_mail_is_rendered_in_three_parts(settings) -> None:
    settings.PPX_SHOP_NAME = "Ash & Clay"

    mail = render_mail("sample", CONTEXT, language="en")

    assert mail.subject == "Order for Ada & <Co>"
    assert mail.text == (
        "Order for Ada & <Co>\n\n"
        "Hello Ada & <Co>, see https://shop.example.com/?a=1&b=2\n"
        "It was 2 July 2026, 00:30.\n\n"
        "-- \n"
        "You get this mail because you sent us a photo.\n"
        "Ash & Clay\n"
    )
    assert mail.html.startswith('<!doctype html>\n<html lang="en" dir="ltr"')
    assert "Hello Ada &amp; &lt;Co&gt;, thank you" in mail.html
    assert 'href="https://shop.example.com/?a=1&amp;b=2"' in mail.html
    assert "It was 2 July 2026, 00:30." in mail.html
    assert "Ash &amp; Clay" in mail.html
    assert "THANKS-ABCD" in mail.html
    assert "You get this mail because you sent us a photo." in mail.html


def test_language_and_zone_of_the_caller_come_back() -> None:
    with translation.override("de"), timezone.override("Asia/Tokyo"):
        mail = render_mail("sample", CONTEXT, language="en")

        assert translation.get_language() == "de"
        assert timezone.get_current_timezone_name() == "Asia/Tokyo"
    assert "It was 2 July 2026, 00:30." in mail.text


def test_they_come_back_after_a_fault_too() -> None:
    with translation.override("de"), pytest.raises(TemplateDoesNotExist):
        render_mail("no_such_mail", {}, language="ar")

    with translation.override("de"):
        assert translation.get_language() == "de"


def test_the_zone_is_the_shops(settings) -> None:
    settings.PPX_TIME_ZONE = "America/New_York"

    assert "It was 1 July 2026, 18:30." in render_mail("sample", CONTEXT, language="en").text


@pytest.mark.parametrize(
    ("asked", "tag", "direction"),
    [
        ("ar", "ar", "rtl"),
        ("de", "de", "ltr"),
        ("de-at", "de", "ltr"),
        ("xx", "en", "ltr"),
        ("", "en", "ltr"),
    ],
)
def test_a_mail_says_its_language_and_direction(asked: str, tag: str, direction: str) -> None:
    html = render_mail("sample", CONTEXT, language=asked).html

    assert f'<html lang="{tag}" dir="{direction}"' in html


def test_a_mail_is_in_its_language() -> None:
    with translation.override("en"):
        assert "2 Juli 2026" in render_mail("sample", CONTEXT, language="de").text


def test_the_frame_loads_nothing_and_runs_nothing() -> None:
    html = render_mail("sample", CONTEXT, language="en").html

    assert not re.search(r"<(img|script|link|iframe|form|object)\b|url\(|@import|\son\w+=", html)
    assert re.findall(r'https?://[^"\s<]+', html) == ["https://shop.example.com/?a=1&amp;b=2"]


def test_the_frame_is_readable_in_the_dark_and_on_a_phone() -> None:
    html = render_mail("sample", CONTEXT, language="en").html

    assert '<meta name="color-scheme" content="light dark">' in html
    assert "@media (prefers-color-scheme: dark)" in html
    assert "max-width:600px" in html
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in html


def test_every_table_is_for_looks_alone() -> None:
    html = render_mail("sample", CONTEXT, language="en").html

    assert html.count("<table ") == html.count('<table role="presentation"')


@pytest.mark.parametrize("element", ["button", "code"])
def test_an_element_escapes_what_it_is_given(element: str) -> None:
    given = {"url": '"><b>', "label": "<b>", "code": "<b>"}

    html = render_to_string(f"django_ppx/mail/elements/{element}.html", given)

    assert "<b>" not in html
    assert "&lt;b&gt;" in html
