"""Switching one offer on and off, putting it away and copying it, for programs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django_ppx.core.retrying import run_retrying
from django_ppx.offers.activating import activate_offers, archive_offers, pause_offers
from django_ppx.offers.documents import Document, offer_document
from django_ppx.offers.duplicating import duplicate_offer
from django_ppx.offers.faults import Fault, WritingRefused
from django_ppx.offers.models import Offer
from django_ppx.offers.writing import kind_row, locked_offer

Reason = WritingRefused.Reason


def activate(*, slug: str) -> Document:
    """Activate an offer and return its document. Safe to run twice.

    :raises Offer.DoesNotExist: when there is none of this short name.
    :raises WritingRefused: when something is missing; its `errors` say what, a sentence each.
    :raises TransactionConflict: see `run_retrying`.
    """
    return run_retrying(partial(_switch, slug, _activate))


def pause(*, slug: str) -> Document:
    """Pause an active offer and return its document. Safe to run twice.

    :raises Offer.DoesNotExist: when there is none of this short name.
    :raises WritingRefused: when it is a draft or archived.
    :raises TransactionConflict: see `run_retrying`.
    """
    return run_retrying(partial(_switch, slug, _pause))


def archive(*, slug: str) -> Document:
    """Put an offer away and return its document. Safe to run twice.

    :raises Offer.DoesNotExist: when there is none of this short name.
    :raises TransactionConflict: see `run_retrying`.
    """
    return run_retrying(partial(_switch, slug, _archive))


def duplicate(*, slug: str) -> Document:
    """Return the document of a draft like the offer, with a short name of its own.

    :raises Offer.DoesNotExist: when there is none of this short name.
    :raises WritingRefused: when its kind is switched off.
    :raises TransactionConflict: see `run_retrying`.
    """
    return run_retrying(partial(_duplicate, slug))


def _switch(slug: str, change: Callable[[Offer], None]) -> Document:
    offer = locked_offer(slug)
    change(offer)
    return offer_document(offer)


def _activate(offer: Offer) -> None:
    _kind, row = kind_row(offer)
    refused = activate_offers(offers=[row]).refused
    if refused:
        faults = (
            Fault(pointer="", reason="activation_problem", detail=str(problem))
            for problem in refused[0].problems
        )
        raise WritingRefused(Reason.INCOMPLETE, errors=tuple(fault.as_dict() for fault in faults))


def _pause(offer: Offer) -> None:
    if offer.status not in (Offer.Status.ACTIVE, Offer.Status.PAUSED):
        raise WritingRefused(Reason.NOT_RUNNING)
    pause_offers(offers=[offer])


def _archive(offer: Offer) -> None:
    archive_offers(offers=[offer])


def _duplicate(slug: str) -> Document:
    _kind, row = kind_row(locked_offer(slug))
    return offer_document(duplicate_offer(offer=row))
