"""Back from a card's token to what was shown, and to the card as it would be shown now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django_ppx.core.recording import load_purchase
from django_ppx.core.texts import clean_text
from django_ppx.core.tokens import InvalidToken
from django_ppx.offers.building import CardSource, CardUrls, build_card
from django_ppx.offers.cards import Card
from django_ppx.offers.compiled import CompiledOffer, CompiledVariant, Snapshot
from django_ppx.offers.facts import moment_of
from django_ppx.offers.histories import HISTORY_COLUMNS, presented_from
from django_ppx.offers.links import read_card_token
from django_ppx.offers.models import OfferPresentation
from django_ppx.offers.moments import Moment, StoredCode


@dataclass(frozen=True, kw_only=True, slots=True)
class CardName:
    """A card as somebody names it. With an order, only a card that this order was shown; None: the token is enough."""

    token: str
    order_ref: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """What a card was made from, as it stands now."""

    presentation: OfferPresentation
    offer: CompiledOffer
    variant: CompiledVariant
    moment: Moment
    code: StoredCode | None


def find_presentation(name: CardName, *, now: datetime) -> OfferPresentation:
    """Return the presentation that a card's token names. One query.

    :raises InvalidToken: when the token is unknown, changed or too old, or the card is of another order.
    """
    found = find_presentations([name], now=now).get(name)
    if found is None:
        raise InvalidToken
    return found


def find_presentations(
    names: Iterable[CardName], *, now: datetime
) -> Mapping[CardName, OfferPresentation]:
    """Return the presentations of those cards that there are. One query."""
    ids: dict[CardName, str] = {}
    for name in names:
        try:
            ids[name] = read_card_token(name.token, now=now)
        except InvalidToken:
            continue
    if not ids:
        return {}
    rows = OfferPresentation.objects.select_related("purchase", "offer")
    stored = {str(row.pk): row for row in rows.filter(pk__in=set(ids.values()))}
    return {
        name: row
        for name, presentation_id in ids.items()
        if (row := stored.get(presentation_id)) is not None and _is_of(row, name.order_ref)
    }


def load_shown(
    snapshot: Snapshot, presentation: OfferPresentation, *, language: str, now: datetime
) -> Shown:
    """Return what the card is made from: the offer as it stands, the variant and the code that were fixed.

    Two queries.

    :raises InvalidToken: when the offer is not there any more.
    """
    offer: CompiledOffer | None = snapshot.by_id.get(presentation.offer_id)
    record = load_purchase(order_ref=presentation.purchase.order_ref)
    variant = (
        next((v for v in offer.variants if v.id == presentation.variant_id), None)
        if offer
        else None
    )
    if offer is None or record is None or variant is None:
        raise InvalidToken
    row = OfferPresentation.objects.filter(pk=presentation.pk).values_list(*HISTORY_COLUMNS).get()
    return Shown(
        presentation=presentation,
        offer=offer,
        variant=variant,
        moment=moment_of(record, placement=presentation.placement, language=language, now=now),
        code=presented_from(row).code,
    )


def shown_card(shown: Shown, *, base: str = "") -> Card:
    """Return the card in the language of `shown`; for a page on another origin, `base` is ours. No query."""
    return build_card(
        CardSource(
            offer=shown.offer,
            variant=shown.variant,
            moment=shown.moment,
            code=shown.code,
            presentation_id=str(shown.presentation.pk),
            urls=CardUrls.resolve(base),
        )
    )


def _is_of(presentation: OfferPresentation, order_ref: str | None) -> bool:
    return order_ref is None or presentation.purchase.order_ref == clean_text(order_ref)
