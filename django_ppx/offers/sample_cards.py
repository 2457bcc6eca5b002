"""Made-up cards, one in each design, in which staff see a theme at work."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Final

from django.utils.translation import gettext

from django_ppx.offers.cards import Card, CardCode, CardLink
from django_ppx.rewards.terms import CurrencyTerms, FrozenTerms
from django_ppx.rewards.wording import conditions, summarize

_TERMS: Final = FrozenTerms(
    type="percent",
    percent=Decimal(10),
    amounts=(CurrencyTerms(currency="EUR", minimum_total=4000),),
    is_combinable=True,
)


def sample_cards(
    *, language: str, direction: str, last_day: str, now: datetime
) -> tuple[Card, ...]:
    """Return a ticket with a code, a card with a button and a slim banner. Nothing in them leads anywhere."""
    code = CardCode(
        text="ABCD-EFGH-JKMN",
        value="ABCDEFGHJKMN",
        summary=summarize(_TERMS),
        conditions=conditions(_TERMS),
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
