"""From cards to HTML.

The HTML of a card follows from the card, the language and time zone of the page, and the template. So each
process remembers what it drew last: a reload costs a look-up, and a card without a code is drawn once for all
customers. The token differs from page to page and is put in afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final

from django.template.loader import get_template, render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import get_language

from django_ppx.offers.building import icons_url
from django_ppx.offers.cards import Card, CardLink

_REMEMBERED: Final = 256
"""Cards per process, at about 4 kB each."""
_PLACE: Final = "ppx.card.token"
"""Stands for the token while a card is drawn."""

_same_for_all = attrgetter(
    *(each.name for each in fields(Card) if each.name not in {"token", "links", "details"})
)
_link_values = attrgetter(*(each.name for each in fields(CardLink) if each.name != "url"))


def render_card(card: Card) -> SafeString:
    """Return the HTML of one card."""
    return _render(card, icons=icons_url(), language=get_language())


def render_offers(cards: Sequence[Card], *, heading: str = "", base: str = "") -> SafeString:
    """Return the HTML of a placement: the cards one below the other under a heading, "" without cards.

    For a page on another origin `base` is ours, as the cards were made with.
    """
    if not cards:
        return SafeString()
    icons, language = icons_url(base), get_language()
    drawn = [_render(card, icons=icons, language=language) for card in cards]
    context = {"cards": cards, "drawn_cards": drawn, "heading": heading}
    return render_to_string("django_ppx/offers.html", context)


class _Drawing:
    """One card to draw, equal to another where the HTML is bound to be the same but for the token."""

    __slots__ = ("card", "icons", "key", "template")

    def __init__(self, card: Card, *, icons: str, language: str | None) -> None:
        # The template is compared by identity: loaded anew, it draws anew.
        self.template: Any = get_template(card.design_template).template  # type: ignore[attr-defined]
        self.card = card
        self.icons = icons
        self.key = (
            self.template,
            icons,
            language,
            get_current_timezone_name(),
            _same_for_all(card),
            tuple((_link_values(link), self.url(link)) for link in card.links),
            tuple(card.details.items()),
        )

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Drawing) and self.key == other.key

    def url(self, link: CardLink) -> str:
        return link.url.replace(self.card.token, _PLACE) if self.card.token else link.url

    def html(self) -> str:
        card = self.card
        if card.token:
            links = tuple(replace(link, url=self.url(link)) for link in card.links)
            card = replace(card, token=_PLACE, links=links)
        return render_to_string(card.design_template, {"card": card, "icons_url": self.icons})


@lru_cache(maxsize=_REMEMBERED)
def _drawn(drawing: _Drawing) -> str:
    return drawing.html()


def _render(card: Card, *, icons: str, language: str | None) -> SafeString:
    drawing = _Drawing(card, icons=icons, language=language)
    try:
        hash(drawing)
    except TypeError:
        html = drawing.html()  # a kind of the host whose details have no hash
    else:
        html = _drawn(drawing)
    return mark_safe(html.replace(_PLACE, escape(card.token)))  # noqa: S308
