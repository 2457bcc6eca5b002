"""What customers do with a card: reports of the script, followed links, a dismissal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial

from django.conf import settings

from django_ppx.core.containment import contain
from django_ppx.core.retrying import run_retrying
from django_ppx.core.tokens import InvalidToken
from django_ppx.events.bots import Visit, is_prefetch, score_beacon, score_link
from django_ppx.events.models import OfferEvent
from django_ppx.events.querysets import HUMAN_BELOW
from django_ppx.events.recording import EventRecord, EventSubject
from django_ppx.events.sinks import DatabaseSink, get_sink
from django_ppx.exceptions import PpxError
from django_ppx.offers.compiled import Snapshot
from django_ppx.offers.kinds import CardContext, Destination, load_kinds
from django_ppx.offers.models import OfferPresentation
from django_ppx.offers.shown_cards import (
    CardName,
    find_presentation,
    find_presentations,
    load_shown,
)

REPORTABLE = frozenset({"impression", "copy", "dismiss", "share"})
"""Events that a page's script may report. A click is recorded by the redirect, which can't be left out."""

SHARE_CHANNELS = frozenset({"", "device"})
"""Through what a page's script may report a share. The redirect knows the channel of a link by itself."""


class UnknownEvent(PpxError):
    """A report names an event, or a channel, that a page can't report."""


class Outcome(StrEnum):
    """What became of a report."""

    RECORDED = "recorded"
    KNOWN = "known"
    """The same fact was recorded before."""
    ACCEPTED = "accepted"
    """It will be recorded."""
    REFUSED = "refused"
    """There is no such card, or it is of another order."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """One event as a page reported it. With an order, its card must be one that this order was shown."""

    token: str
    event: str
    channel: str = ""
    source: str = OfferEvent.Source.BEACON.value
    order_ref: str | None = None

    @property
    def card(self) -> CardName:
        return CardName(token=self.token, order_ref=self.order_ref)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Fact:
    """An event of a card, ready to be recorded."""

    presentation: OfferPresentation
    record: EventRecord


def report_event(report: Report, *, visit: Visit, now: datetime) -> bool:
    """Record what a page reports of a card, and return whether it was news.

    A dismissal, and an event that fulfils the offer, are noted at the presentation too.

    :raises InvalidToken: when the token is unknown, changed or too old, or the card is of another order.
    :raises UnknownEvent: when the event is none of `REPORTABLE`, or a share's channel none of `SHARE_CHANNELS`.
    :raises TransactionConflict: see `run_retrying`.
    """
    [outcome] = report_events([report], visit=visit, now=now)
    if outcome is Outcome.REFUSED:
        raise InvalidToken
    return outcome is not Outcome.KNOWN


def report_events(reports: Sequence[Report], *, visit: Visit, now: datetime) -> list[Outcome]:
    """Record what a page reports of its cards, and return what became of each.

    A dismissal, and an event that fulfils its offer, change the next page: they are stored at once. All others go to
    the sink. The number of statements does not depend on the number of reports. What makes two of them the same fact
    is the card, the event and, of a share, the channel.

    :raises UnknownEvent: when an event is none of `REPORTABLE`, or a share's channel none of `SHARE_CHANNELS`.
    :raises TransactionConflict: see `run_retrying`.
    """
    reports = [
        report if report.event == "share" else replace(report, channel="") for report in reports
    ]
    for report in reports:
        if report.event not in REPORTABLE or report.channel not in SHARE_CHANNELS:
            raise UnknownEvent(report.event)
    cards = find_presentations((report.card for report in reports), now=now)
    score = score_beacon(visit)
    taken = [
        _fact(
            cards[report.card],
            name=report.event,
            channel=report.channel,
            source=report.source,
            score=score,
            now=now,
        )
        for report in reports
        if report.card in cards
    ]
    outcomes = iter(_take(taken, now=now))
    return [next(outcomes) if report.card in cards else Outcome.REFUSED for report in reports]


def follow_link(
    snapshot: Snapshot, *, card: CardName, key: str, visit: Visit, now: datetime
) -> str:
    """Return where the link `key` of a card leads, and record the click.

    HEAD requests and prefetches record nothing; machines are recorded with their score. A click that can't be recorded
    is logged, and the link leads on.

    :raises InvalidToken: when the token is unknown, changed or too old, the card is of another order, or has no such
        link any more.
    """
    presentation = find_presentation(card, now=now)
    destination = _destination(snapshot, presentation, key=key, now=now)
    if visit.method != "HEAD" and not is_prefetch(visit):
        click = _fact(
            presentation,
            name=destination.event,
            channel=destination.channel or key[:50],
            source=OfferEvent.Source.LINK.value,
            score=_score_click(visit, presentation, now=now),
            now=now,
        )
        with contain("Recording a click", loud=settings.DEBUG):
            run_retrying(partial(_record, [click], now=now))
    return destination.url


def _score_click(visit: Visit, presentation: OfferPresentation, *, now: datetime) -> int:
    """Return the bot score of a click: an app that asks where a link leads navigates nowhere."""
    if visit.method == "POST":
        return score_beacon(visit)
    seconds = (now - presentation.presented_at).total_seconds()
    return score_link(replace(visit, seconds_since_shown=seconds))


def _destination(
    snapshot: Snapshot, presentation: OfferPresentation, *, key: str, now: datetime
) -> Destination:
    """Return the stored destination: rebuilt from the offer as it stands, never taken from the address."""
    shown = load_shown(snapshot, presentation, language=presentation.language, now=now)
    text = shown.variant.text(presentation.language)
    context = CardContext(
        moment=shown.moment,
        language=text.language if text else presentation.language,
        button=text.button if text else "",
        code=shown.code,
    )
    for destination in shown.offer.kind.parts(shown.offer.config, context).destinations:
        if destination.key == key and destination.url.startswith(
            ("https://", "http://", "mailto:", "/")
        ):
            return destination
    raise InvalidToken


def _fact(
    presentation: OfferPresentation,
    *,
    name: str,
    channel: str,
    source: str,
    score: int,
    now: datetime,
) -> _Fact:
    subject = EventSubject(
        offer_id=presentation.offer_id,
        variant_id=presentation.variant_id,
        presentation_id=str(presentation.pk),
        customer_id=presentation.customer_id,
    )
    record = EventRecord(
        name=name,
        subject=subject,
        source=source,
        channel=channel,
        bot_score=score,
        occurred_at=now,
    )
    return _Fact(presentation=presentation, record=record)


def _take(facts: Sequence[_Fact], *, now: datetime) -> list[Outcome]:
    """Store at once what changes the next page, give the rest to the sink, and return what became of each."""
    sink = get_sink()
    waits = [not (sink.stores_at_once or _is_dismissal(each) or _is_done(each)) for each in facts]
    pairs = list(zip(facts, waits, strict=True))
    changing = [each for each, may_wait in pairs if not may_wait]
    waiting = [each.record for each, may_wait in pairs if may_wait]
    stored = iter(run_retrying(partial(_record, changing, now=now)) if changing else ())
    kept = iter(sink.record(waiting) if waiting else ())
    return [Outcome(next(kept)) if may_wait else next(stored) for may_wait in waits]


def _record(facts: Sequence[_Fact], *, now: datetime) -> list[Outcome]:
    """Store the events, and note at the presentations what they end. Call it in a transaction."""
    outcomes = _store([each.record for each in facts])
    news = [
        each for each, outcome in zip(facts, outcomes, strict=True) if outcome is not Outcome.KNOWN
    ]
    _note(news, now=now)
    return outcomes


def _store(records: Sequence[EventRecord]) -> list[Outcome]:
    sink = get_sink()
    database = sink if sink.stores_at_once else DatabaseSink()
    return [Outcome(taken) for taken in database.record(records)]


def _is_dismissal(fact: _Fact) -> bool:
    return fact.record.name == "dismiss"


def _is_done(fact: _Fact) -> bool:
    """Return whether a person has done what the offer asks."""
    kind = load_kinds().get(fact.presentation.offer.kind)
    return (
        kind is not None
        and fact.record.name in kind.done_events
        and fact.record.bot_score < HUMAN_BELOW
    )


def _note(news: Sequence[_Fact], *, now: datetime) -> None:
    """Note which presentations are dismissed, and of which the customer has done what the offer asks."""
    dismissed = {each.presentation.pk for each in news if _is_dismissal(each)}
    done = {each.presentation.pk for each in news if _is_done(each)}
    rows = OfferPresentation.objects
    if dismissed:
        rows.filter(pk__in=dismissed, dismissed_at__isnull=True).update(dismissed_at=now)
    if done:
        rows.filter(pk__in=done, done_at__isnull=True).update(done_at=now)
