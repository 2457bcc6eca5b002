from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.template import Template
from django.test import Client, override_settings
from django.utils import timezone, translation
from django.utils.safestring import SafeString

from django_ppx.offers.rendering import render_card, render_offers
from tests.look.cards import DESIGNS, KINDS, make_card, make_code, make_image, make_link

HOSTILE = "<img src=x onerror=alert(1)> & \"'"


@pytest.fixture
def drawings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The designs that are drawn during the test."""
    drawn: list[str] = []
    render = Template.render

    def render_and_note(self: Template, context: object) -> SafeString:
        drawn.append(str(self.name))
        return render(self, context)

    monkeypatch.setattr(Template, "render", render_and_note)
    return drawn


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_shown_in_every_design(kind: str, design: str) -> None:
    html = render_card(make_card(kind, design))

    assert f"ppx-card--{design}" in html
    assert f"ppx-card--{kind}" in html
    assert '<h3 class="ppx-card__title">Thank you</h3>' in html
    assert 'data-ppx-token="tok-1"' in html


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("kind", KINDS)
def test_everything_that_staff_wrote_is_escaped(kind: str, design: str) -> None:
    card = make_card(
        kind,
        design,
        headline=HOSTILE,
        text=HOSTILE,
        image=make_image(url=HOSTILE, alt=HOSTILE),
        links=(make_link(label=HOSTILE, url=HOSTILE, icon=HOSTILE),),
        details=dict.fromkeys(("share_text", "share_url", "share_title", "copy_text"), HOSTILE),
        code=make_code(summary=HOSTILE, conditions=(HOSTILE,), text=HOSTILE, last_day=HOSTILE),
    )

    html = render_card(card)

    assert "<img src=x" not in html
    assert "\"'" not in html
    assert "&lt;img src=x onerror=alert(1)&gt; &amp; &quot;&#x27;" in html


def test_a_card_is_drawn_once_and_each_customer_gets_their_own_token(drawings: list[str]) -> None:
    first = make_card(headline="Drawn once", token="tok-1", links=(make_link(url="/go/tok-1/a/"),))
    second = replace(first, token="tok-2", links=(make_link(url="/go/tok-2/a/"),))

    html = [render_card(first), render_card(second)]

    assert drawings.count("django_ppx/designs/card.html") == 1
    assert 'href="/go/tok-1/a/"' in html[0]
    assert 'value="tok-1"' in html[0]
    assert "tok-2" not in html[0]
    assert html[1] == html[0].replace("tok-1", "tok-2")


def test_a_code_is_never_shown_to_someone_else() -> None:
    first = make_card("next_purchase_discount", code=make_code(text="AAAA", value="AAAA"))
    second = replace(first, code=make_code(text="BBBB", value="BBBB"))

    html = [render_card(first), render_card(second)]

    assert "AAAA" in html[0]
    assert "AAAA" not in html[1]
    assert "BBBB" in html[1]


def test_the_words_around_a_card_are_drawn_in_each_language(drawings: list[str]) -> None:
    card = make_card(headline="Drawn in two languages")

    for language in ("en", "de", "en", "de"):
        with translation.override(language):
            render_card(card)

    assert drawings.count("django_ppx/designs/card.html") == 2


def templates_of_a_host(settings: Any, card: str) -> None:
    """Let the host override the design "card"."""
    loader = ("django.template.loaders.locmem.Loader", {"django_ppx/designs/card.html": card})
    settings.TEMPLATES = [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {"loaders": [("django.template.loaders.cached.Loader", [loader])]},
        }
    ]


def test_a_host_may_write_times_in_the_zone_of_the_page(settings: Any) -> None:
    templates_of_a_host(settings, '{{ card.code.expires_at|date:"H:i" }}')
    card = make_card(code=make_code(expires_at=datetime(2026, 12, 31, 23, 0, tzinfo=UTC)))

    drawn = []
    for zone in ("UTC", "Asia/Tokyo"):
        with timezone.override(zone):
            drawn.append(render_card(card))

    assert drawn == ["23:00", "08:00"]


def test_details_without_a_hash_are_drawn_too() -> None:
    card = make_card("message", details={"steps": ["one", "two"]})

    html = render_card(card)

    assert "Thank you" in html


def test_a_preview_has_no_token_and_nothing_stands_in_for_it() -> None:
    card = make_card(token="", is_dismissible=False, links=(make_link(url="https://example.com/"),))

    html = render_card(card)

    assert 'data-ppx-token=""' in html
    assert "ppx.card.token" not in html
    assert 'href="https://example.com/"' in html


def test_a_list_without_cards_is_nothing() -> None:
    assert render_offers([]) == ""


def test_a_list_names_itself_even_without_a_heading() -> None:
    html = render_offers([make_card()])

    assert 'aria-labelledby="ppx-offers-heading"' in html
    assert "ppx-offers__heading--hidden" in html
    assert "For you" in html


def test_a_list_shows_its_heading_and_its_cards_in_order() -> None:
    html = render_offers(
        [make_card(headline="First"), make_card(headline="Second")], heading="A & B"
    )

    assert "A &amp; B" in html
    assert "ppx-offers__heading--hidden" not in html
    assert html.index("First") < html.index("Second")


@override_settings(USE_THOUSAND_SEPARATOR=True)
def test_the_size_of_a_picture_is_written_for_browsers_not_for_readers() -> None:
    html = render_card(make_card(image=make_image(width=1200, height=1800)))

    assert 'width="1200" height="1800"' in html


def test_a_card_can_be_hidden_without_javascript() -> None:
    html = render_card(make_card(headline="Care"))

    assert '<form class="ppx-dismiss" method="post" action="/ppx/dismiss/"' in html
    assert '<input type="hidden" name="token" value="tok-1">' in html
    assert "Hide this offer: Care" in html


def test_a_card_that_can_not_be_hidden_has_no_form() -> None:
    html = render_card(make_card(is_dismissible=False))

    assert "<form" not in html


def test_buttons_that_need_javascript_are_hidden_without_it() -> None:
    html = render_card(make_card("next_purchase_discount")) + render_card(make_card("share_prompt"))

    assert html.count('type="button" hidden data-ppx-copy=') == 2
    assert html.count('type="button" hidden data-ppx-share ') == 1


def test_a_code_says_until_when_and_under_which_conditions() -> None:
    html = render_card(make_card("next_purchase_discount"))

    assert (
        'Valid until the end of <time datetime="2026-12-31T23:00:00+00:00" data-ppx-countdown>'
        "31 December 2026</time>"
    ) in html
    assert "<li>Orders of €30 or more</li>" in html


def test_a_code_without_an_expiry_counts_nothing_down() -> None:
    code = make_code(expires_at=None, last_day="", conditions=())

    html = render_card(make_card("next_purchase_discount", code=code))

    assert "data-ppx-countdown" not in html
    assert "<ul" not in html


def test_the_icons_come_from_the_static_files() -> None:
    html = render_card(make_card("social_invite"))

    assert 'href="/static/django_ppx/icons.svg#ppx-icon-instagram"' in html


@override_settings(STATIC_URL="https://static.example.com/")
def test_the_icons_come_from_the_shop_itself_where_the_static_files_are_elsewhere(
    client: Client,
) -> None:
    html = render_card(make_card("social_invite"))
    response = client.get("/ppx/icons.svg")

    assert 'href="/ppx/icons.svg#ppx-icon-instagram"' in html
    assert response.headers["Content-Type"] == "image/svg+xml"
    assert b'id="ppx-icon-instagram"' in response.content


def test_a_card_says_its_language_and_direction() -> None:
    html = render_card(make_card(language="ar", direction="rtl"))

    assert 'lang="ar" dir="rtl"' in html


def test_review_platforms_are_all_alike() -> None:
    links = (make_link(label="One", url="/a/", icon=""), make_link(label="Two", url="/b/", icon=""))

    html = render_card(make_card("review_request", links=links))

    assert html.count('<li><a class="ppx-button" href="') == 2
