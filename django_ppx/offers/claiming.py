"""Taking the code of a card: where a front end shows it only once the customer wants it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.events.bots import Visit
from django_ppx.exceptions import Refusal
from django_ppx.offers.cards import Card
from django_ppx.offers.compiled import Snapshot
from django_ppx.offers.responding import Report, report_event
from django_ppx.offers.shown_cards import CardName, find_presentation, load_shown, shown_card


class ClaimRefused(Refusal):
    """The card has nothing to take."""

    class Reason(models.TextChoices):
        NOTHING = "nothing_to_claim", _("There is no code to take here.")


@dataclass(frozen=True, kw_only=True, slots=True)
class CardView:
    """A card and how it is to be drawn: in which language, and with which origin before its addresses."""

    name: CardName
    language: str
    base: str = ""


def look_at_card(snapshot: Snapshot, view: CardView, *, now: datetime) -> Card:
    """Return the card as it would be shown now. Three queries; changes nothing.

    :raises InvalidToken: when there is no such card, it is of another order, or its offer is gone.
    """
    presentation = find_presentation(view.name, now=now)
    shown = load_shown(snapshot, presentation, language=view.language, now=now)
    return shown_card(shown, base=view.base)


def claim_card(snapshot: Snapshot, view: CardView, *, visit: Visit, now: datetime) -> Card:
    """Return the card with its code, and record that the customer took it: once, however often it is asked.

    :raises InvalidToken: when there is no such card, it is of another order, or its offer is gone.
    :raises ClaimRefused: when the card has no code, or the code can't be used any more; then nothing is recorded.
    :raises TransactionConflict: see `run_retrying`.
    """
    card = look_at_card(snapshot, view, now=now)
    if card.code is None:
        raise ClaimRefused(ClaimRefused.Reason.NOTHING)
    taken = Report(token=view.name.token, event="copy", order_ref=view.name.order_ref)
    report_event(taken, visit=visit, now=now)
    return card
