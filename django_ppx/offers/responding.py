"""What customers do with a card: reports of the script, followed links, a dismissal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from django_ppx.core.containment import contain
from django_ppx.core.recording import load_purchase
from django_ppx.core.tokens import InvalidToken
from django_ppx.events.bots import Visit, is_prefetch, score_beacon, score_link
from django_ppx.events.models import OfferEvent
from django_ppx.events.querysets import HUMAN_BELOW
from django_ppx.events.recording import EventSubject, record_event
from django_ppx.exceptions import PpxError
from django_ppx.offers.compiled import CompiledOffer, Snapshot
from django_ppx.offers.facts import moment_of
from django_ppx.offers.histories import HISTORY_COLUMNS, presented_from
from django_ppx.offers.kinds import CardContext, Destination, load_kinds
from django_ppx.offers.links import read_card_token
from django_ppx.offers.models import OfferPresentation

REPORTABLE = frozenset({"impression", "copy", "dismiss", "share"})
"""Events that a page's script may report. A click is recorded by the redirect, which can't be left out."""

SHARE_CHANNELS = frozenset({"", "device"})
"""Through what a page's script may report a share. The redirect knows the channel of a link by itself."""


class UnknownEvent(PpxError):
    """A report names an event, or a channel, that a page can't report."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """One event as a page reported it."""

    token: str
    event: str
    channel: str = ""
    source: str = OfferEvent.Source.BEACON.value


def report_event(report: Report, *, visit: Visit, now: datetime) -> bool:
    """Record what a page reports of a card, and return whether it was news.

    A dismissal, and an event that fulfils the offer, are noted at the presentation too.

    :raises InvalidToken: when the token is unknown, changed or too old.
    :raises UnknownEvent: when the event is none of `REPORTABLE`, or a share's channel none of `SHARE_CHANNELS`.
    """
    channel = report.channel if report.event == "share" else ""
    if report.event not in REPORTABLE or channel not in SHARE_CHANNELS:
        raise UnknownEvent(report.event)
    presentation = _presentation(report.token, now=now)
    return _record(
        presentation,
        name=report.event,
        channel=channel,
        source=report.source,
        score=score_beacon(visit),
        now=now,
    )


def follow_link(snapshot: Snapshot, *, token: str, key: str, visit: Visit, now: datetime) -> str:
    """Return where the link `key` of a card leads, and record the click.

    HEAD requests and prefetches record nothing; machines are recorded with their score. A click that can't be recorded
    is logged, and the link leads on.

    :raises InvalidToken: when the token is unknown, changed or too old, or the card has no such link any more.
    """
    presentation = _presentation(token, now=now)
    destination = _destination(snapshot, presentation, key=key, now=now)
    if visit.method == "GET" and not is_prefetch(visit):
        seconds = (now - presentation.presented_at).total_seconds()
        with contain("Recording a click", loud=settings.DEBUG):
            _record(
                presentation,
                name=destination.event,
                channel=destination.channel or key[:50],
                source=OfferEvent.Source.LINK.value,
                score=score_link(replace(visit, seconds_since_shown=seconds)),
                now=now,
            )
    return destination.url


def _presentation(token: str, *, now: datetime) -> OfferPresentation:
    try:
        return OfferPresentation.objects.select_related("purchase", "offer").get(
            pk=read_card_token(token, now=now)
        )
    except (OfferPresentation.DoesNotExist, ValidationError) as error:
        raise InvalidToken from error


def _destination(
    snapshot: Snapshot, presentation: OfferPresentation, *, key: str, now: datetime
) -> Destination:
    """Return the stored destination: rebuilt from the offer as it stands, never taken from the address."""
    offer: CompiledOffer | None = snapshot.by_id.get(presentation.offer_id)
    record = load_purchase(order_ref=presentation.purchase.order_ref)
    variant = (
        next((v for v in offer.variants if v.id == presentation.variant_id), None)
        if offer
        else None
    )
    if offer is None or record is None or variant is None:
        raise InvalidToken
    moment = moment_of(
        record,
        placement=presentation.placement,
        language=presentation.language,
        now=now,
    )
    row = OfferPresentation.objects.filter(pk=presentation.pk).values_list(*HISTORY_COLUMNS).get()
    text = variant.text(presentation.language)
    context = CardContext(
        moment=moment,
        language=text.language if text else presentation.language,
        button=text.button if text else "",
        code=presented_from(row).code,
    )
    for destination in offer.kind.parts(offer.config, context).destinations:
        if destination.key == key and destination.url.startswith(
            ("https://", "http://", "mailto:", "/")
        ):
            return destination
    raise InvalidToken


def _record(
    presentation: OfferPresentation,
    *,
    name: str,
    channel: str,
    source: str,
    score: int,
    now: datetime,
) -> bool:
    subject = EventSubject(
        offer_id=presentation.offer_id,
        variant_id=presentation.variant_id,
        presentation_id=str(presentation.pk),
        customer_id=presentation.customer_id,
    )
    with transaction.atomic():
        event = record_event(
            name=name, subject=subject, source=source, channel=channel, bot_score=score, now=now
        )
        if event is None:
            return False
        mine = OfferPresentation.objects.filter(pk=presentation.pk)
        if name == "dismiss":
            mine.filter(dismissed_at__isnull=True).update(dismissed_at=now)
        kind = load_kinds().get(presentation.offer.kind)
        if kind is not None and name in kind.done_events and score < HUMAN_BELOW:
            mine.filter(done_at__isnull=True).update(done_at=now)
    return True
