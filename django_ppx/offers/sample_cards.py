"""Made-up cards, one in each design, in which staff see a theme at work."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django.utils.translation import gettext

from django_ppx.offers.cards import Card, CardCode, CardLink


def sample_cards(
    *, language: str, direction: str, last_day: str, now: datetime
) -> tuple[Card, ...]:
    """Return a ticket with a code, a card with a button and a slim banner. Nothing in them leads anywhere."""
    code = CardCode(
        text="ABCD-EFGH-JKMN",
        value="ABCDEFGHJKMN",
        summary=gettext("10% off"),
        conditions=(gettext("From 40 EUR"),),
        expires_at=now,
        last_day=last_day,
    )
    link = CardLink(label=gettext("See what is new"), url="#", key="link", is_external=False)
    card = partial(Card, language=language, direction=direction, button="")
    return (
        card(
            kind="next_purchase_discount",
            design="ticket",
            template="django_ppx/kinds/next_purchase_discount.html",
            design_template="django_ppx/designs/ticket.html",
            element_id="sample-ticket",
            headline=gettext("A thank-you for your next order"),
            text=gettext("Because you came to us: use this code whenever you like."),
            code=code,
        ),
        card(
            kind="message",
            design="card",
            template="django_ppx/kinds/message.html",
            design_template="django_ppx/designs/card.html",
            element_id="sample-card",
            icon="message",
            headline=gettext("Fresh from the workshop"),
            text=gettext("New colours arrive every month."),
            links=(link,),
        ),
        card(
            kind="message",
            design="banner",
            template="django_ppx/kinds/message.html",
            design_template="django_ppx/designs/banner.html",
            element_id="sample-banner",
            icon="gift",
            headline=gettext("Free gift wrap this week"),
            text="",
            links=(link,),
        ),
    )
