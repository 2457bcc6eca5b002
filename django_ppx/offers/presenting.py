"""Putting offers on the page of one purchase: decide, fix variant and code for good, build the cards.

Safe to repeat: the same purchase, offer and placement give the same row, variant and code, in a reload as in a second
tab that runs at the same moment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import uuid4

from django.db import IntegrityError, transaction

from django_ppx.core.models import Purchase
from django_ppx.core.recording import PurchaseRecord
from django_ppx.core.retrying import run_retrying
from django_ppx.experiments.assignment import Exposure
from django_ppx.experiments.exposing import ExposedPage, record_exposures
from django_ppx.offers.building import CardSource, CardUrls, build_card
from django_ppx.offers.cards import Card
from django_ppx.offers.compiled import CompiledOffer, CompiledVariant, Snapshot
from django_ppx.offers.engine import Reason, Verdict, choose
from django_ppx.offers.facts import moment_of
from django_ppx.offers.histories import HISTORY_COLUMNS, load_history, presented_from
from django_ppx.offers.holdouts import assign_quarter
from django_ppx.offers.kinds import Grant, GrantedCode
from django_ppx.offers.models import OfferPresentation
from django_ppx.offers.moments import Moment, Presented, StoredCode
from django_ppx.offers.telling import ShownOffer, post_shown


@dataclass(frozen=True, kw_only=True, slots=True)
class PageRequest:
    """One placement on one page. `limit` is the greatest number of offers.

    `is_for_customer` says whether a person looks who may take part in an experiment: not a machine, not the staff. It
    is asked only where somebody would take part for the first time. `base` is our origin, for a page on another one.
    """

    placement: str
    language: str
    limit: int
    now: datetime
    is_for_customer: Callable[[], bool] = lambda: True
    base: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Chosen:
    offer: CompiledOffer
    variant: CompiledVariant


def present(snapshot: Snapshot, record: PurchaseRecord, page: PageRequest) -> tuple[Card, ...]:
    """Return the cards of one purchase at one placement, in order.

    One query when all of it was shown before; otherwise the codes and the presentations are written, each in one
    statement, however many offers there are. Who takes part in an experiment for the first time costs one statement
    more; which arm they are in, none.

    :raises TransactionConflict: see `run_retrying`.
    """
    history = load_history(record, now=page.now, cap_horizon_days=snapshot.cap_horizon_days)
    moment = moment_of(
        record, placement=page.placement, language=page.language, now=page.now, history=history
    )
    verdicts = choose(snapshot, moment, limit=page.limit)
    chosen = [
        _Chosen(offer=verdict.offer, variant=verdict.assignment.variant)
        for verdict in verdicts
        if verdict.assignment is not None and verdict.assignment.variant is not None
    ]
    presented = _presented(chosen, moment, record.purchase)
    exposures = _exposures(snapshot, verdicts, presented, moment)
    if exposures and not record.purchase.is_test and page.is_for_customer():
        _expose(exposures, moment)
    urls = CardUrls.resolve(page.base)
    return tuple(
        build_card(
            CardSource(
                offer=item.offer,
                variant=_stored_variant(item, row),
                moment=moment,
                code=row.code,
                presentation_id=row.id,
                urls=urls,
            )
        )
        for item in chosen
        if (row := presented.get(item.offer.id)) is not None
    )


def _exposures(
    snapshot: Snapshot,
    verdicts: Sequence[Verdict],
    presented: Mapping[int, Presented],
    moment: Moment,
) -> list[Exposure]:
    """Return who is exposed to what by this page: where the offer is shown, or would have been."""
    quarter = assign_quarter(snapshot, moment) if snapshot.holdouts and verdicts else None
    found = [quarter.exposure] if quarter is not None and quarter.exposure is not None else []
    return found + [
        verdict.assignment.exposure
        for verdict in verdicts
        if verdict.reason is not Reason.HELD_OUT_OF_ALL
        and verdict.assignment is not None
        and verdict.assignment.exposure is not None
        # An offer whose code could not be made is on nobody's page.
        and (verdict.assignment.is_held_out or verdict.offer.id in presented)
    ]


def _expose(exposures: Sequence[Exposure], moment: Moment) -> None:
    if moment.purchase is None or moment.customer is None:
        return
    page = ExposedPage(
        customer_id=moment.customer.id,
        purchase_id=moment.purchase.id,
        placement=moment.placement,
        now=moment.now,
    )
    record_exposures(exposures=exposures, page=page)


def _stored_variant(item: _Chosen, row: Presented) -> CompiledVariant:
    return next(
        (variant for variant in item.offer.variants if variant.id == row.variant_id), item.variant
    )


def _presented(
    chosen: Sequence[_Chosen], moment: Moment, purchase: Purchase
) -> Mapping[int, Presented]:
    found = {item.offer.id: row for item in chosen if (row := moment.presented_here(item.offer.id))}
    new = [item for item in chosen if item.offer.id not in found]
    return {**found, **_store(new, moment, purchase)} if new else found


def _store(new: Sequence[_Chosen], moment: Moment, purchase: Purchase) -> Mapping[int, Presented]:
    """Write the presentations of offers that this page shows for the first time, with their codes and webhooks."""
    if moment.purchase is None or moment.customer is None:
        return {}
    return run_retrying(
        partial(_write, new, moment, purchase=purchase, customer_id=moment.customer.id)
    )


def _write(
    new: Sequence[_Chosen], moment: Moment, *, purchase: Purchase, customer_id: int
) -> Mapping[int, Presented]:
    codes = _grant_codes(new, moment, purchase_id=purchase.pk, customer_id=customer_id)
    # Without the code it is about (an imported pool may be empty) an offer would promise nothing.
    new = [item for item in new if not item.offer.kind.gives_code or item.offer.id in codes]
    rows = [
        OfferPresentation(
            id=uuid4(),
            offer_id=item.offer.id,
            variant_id=item.variant.id,
            purchase_id=purchase.pk,
            customer_id=customer_id,
            placement=moment.placement,
            language=moment.language[:15],
            code_id=codes[item.offer.id].id if item.offer.id in codes else None,
            presented_at=moment.now,
        )
        for item in new
    ]
    try:
        with transaction.atomic():
            OfferPresentation.objects.bulk_create(rows)
    except IntegrityError:
        # A second tab was faster with some of them: add what is missing and take what stands.
        OfferPresentation.objects.bulk_create(rows, ignore_conflicts=True)
        stored = _reread(new, moment, purchase_id=purchase.pk)
    else:
        stored = {row.offer_id: _as_presented(row, codes.get(row.offer_id)) for row in rows}
    post_shown(shown=_shown(new, rows, stored), purchase=purchase, now=moment.now)
    return stored


def _shown(
    new: Sequence[_Chosen], rows: Sequence[OfferPresentation], stored: Mapping[int, Presented]
) -> list[ShownOffer]:
    """Return those of the rows that stand: for the others, a second tab was faster and tells of its own."""
    return [
        ShownOffer(
            row=row,
            offer=item.offer,
            variant=item.variant,
            code=None if presented.code is None else presented.code.value,
        )
        for item, row in zip(new, rows, strict=True)
        if (presented := stored.get(row.offer_id)) is not None and presented.id == str(row.pk)
    ]


def _grant_codes(
    new: Sequence[_Chosen], moment: Moment, *, purchase_id: int, customer_id: int
) -> Mapping[int, GrantedCode]:
    by_kind: dict[str, list[_Chosen]] = defaultdict(list)
    for item in new:
        if item.offer.kind.gives_code:
            by_kind[item.offer.kind.name].append(item)
    codes: dict[int, GrantedCode] = {}
    for items in by_kind.values():
        grants = [
            Grant(
                offer_id=item.offer.id,
                offer_name=item.offer.name,
                config=item.offer.config,
                purchase_id=purchase_id,
                customer_id=customer_id,
            )
            for item in items
        ]
        codes.update(items[0].offer.kind.grant(grants, now=moment.now))
    return codes


def _reread(new: Sequence[_Chosen], moment: Moment, *, purchase_id: int) -> Mapping[int, Presented]:
    rows = OfferPresentation.objects.filter(
        purchase=purchase_id, placement=moment.placement, offer__in=[item.offer.id for item in new]
    ).values_list(*HISTORY_COLUMNS)
    return {presented.offer_id: presented for presented in map(presented_from, rows)}


def _as_presented(row: OfferPresentation, code: GrantedCode | None) -> Presented:
    stored: StoredCode | None = code.stored if code else None
    return Presented(
        id=str(row.pk),
        offer_id=row.offer_id,
        variant_id=row.variant_id,
        purchase_id=row.purchase_id,
        placement=row.placement,
        presented_at=row.presented_at,
        is_dismissed=False,
        is_done=False,
        code=stored,
    )
