"""Why a customer sees an offer, or does not: the engine's verdicts, in words, for staff and `manage.py ppx_explain`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_ppx.core.recording import PurchaseRecord, load_purchase, record_purchase
from django_ppx.exceptions import PpxError
from django_ppx.offers.compiled import CompiledOffer, CompiledVariant, Snapshot
from django_ppx.offers.engine import Reason, decide
from django_ppx.offers.facts import moment_of
from django_ppx.offers.histories import load_history
from django_ppx.offers.models import Offer
from django_ppx.offers.moments import Moment
from django_ppx.shop.adapter import get_shop

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

REASON_LABELS: dict[Reason, _StrOrPromise] = {
    Reason.SHOWN: _("Shown"),
    Reason.NOT_ACTIVE: _("Not active"),
    Reason.NOT_STARTED: _("Not started yet"),
    Reason.ENDED: _("Ended"),
    Reason.PLACEMENT: _("Not for this place"),
    Reason.AUDIENCE: _("Outside the audience"),
    Reason.UNAVAILABLE: _("Nothing to show"),
    Reason.DONE: _("Already done"),
    Reason.DISMISSED: _("Dismissed"),
    Reason.CAPPED: _("Shown often enough"),
    Reason.HELD_OUT_OF_ALL: _("Held out of everything"),
    Reason.HELD_OUT: _("Held out"),
    Reason.NO_VARIANT: _("No wording"),
    Reason.DISPLACED: _("Displaced"),
    Reason.PAGE_LIMIT: _("No room left"),
}


class UnknownOrder(PpxError):
    """Neither we nor the shop know an order of this number."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ExplainedOffer:
    """One offer's verdict in words. `variant` is set where it would be shown."""

    offer: CompiledOffer
    reason: Reason
    label: str
    detail: str
    variant: CompiledVariant | None = None

    @property
    def is_shown(self) -> bool:
        return self.reason is Reason.SHOWN


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """The verdict on every offer for one order at one placement, in order."""

    moment: Moment
    offers: tuple[ExplainedOffer, ...]


def explain(
    snapshot: Snapshot, *, order_ref: str, placement: str, language: str, limit: int, now: datetime
) -> Explanation:
    """Return why each offer would, or would not, be shown to this order's customer. Records no showing.

    :raises UnknownOrder: when the order is neither recorded nor found by the shop's adapter.
    """
    record = find_record(order_ref=order_ref, now=now)
    return explain_record(
        snapshot, record=record, placement=placement, language=language, limit=limit, now=now
    )


def explain_record(
    snapshot: Snapshot,
    *,
    record: PurchaseRecord,
    placement: str,
    language: str,
    limit: int,
    now: datetime,
) -> Explanation:
    """Return the same for an order that is recorded. Reads only."""
    history = load_history(record, now=now, cap_horizon_days=snapshot.cap_horizon_days)
    moment = moment_of(record, placement=placement, language=language, now=now, history=history)
    decision = decide(snapshot, moment, limit=limit)
    return Explanation(
        moment=moment,
        offers=tuple(
            ExplainedOffer(
                offer=verdict.offer,
                reason=verdict.reason,
                label=str(REASON_LABELS[verdict.reason]),
                detail=reason_detail(verdict.offer, verdict.reason, moment),
                variant=verdict.assignment.variant if verdict.assignment else None,
            )
            for verdict in decision.verdicts
        ),
    )


def find_record(*, order_ref: str, now: datetime) -> PurchaseRecord:
    """Return the record of an order, taking it from the shop when we have not met it.

    :raises UnknownOrder: when nobody knows it.
    """
    record = load_purchase(order_ref=order_ref)
    if record is not None:
        return record
    shop = get_shop()
    found = shop.find_order(order_ref)
    if found is None:
        raise UnknownOrder(order_ref)
    return record_purchase(order=shop.order(found), now=now)


def reason_detail(offer: CompiledOffer, reason: Reason, moment: Moment) -> str:
    """Return the sentence that says what exactly stood in the way."""
    if reason is Reason.NOT_ACTIVE:
        return gettext("Its status is “%(status)s”.") % {"status": _status_label(offer.status)}
    if reason is Reason.NOT_STARTED and offer.starts_at is not None:
        return gettext("It starts on %(when)s.") % {"when": _when(offer.starts_at)}
    if reason is Reason.ENDED and offer.ends_at is not None:
        return gettext("It ended on %(when)s.") % {"when": _when(offer.ends_at)}
    if reason is Reason.AUDIENCE and offer.audience is not None:
        unmet = "; ".join(offer.audience.unmet(moment))
        return gettext("Audience “%(name)s”, not met: %(rules)s.") % {
            "name": offer.audience.name,
            "rules": unmet,
        }
    if reason is Reason.CAPPED and offer.cap_count is not None:
        return _cap_sentence(offer.cap_count, offer.cap_days)
    return str(_DETAILS.get(reason, ""))


_DETAILS: dict[Reason, _StrOrPromise] = {
    Reason.PLACEMENT: _("It is meant for other places."),
    Reason.UNAVAILABLE: _("Its kind has nothing to offer for this order."),
    Reason.DONE: _("The customer did what it asks with an earlier order."),
    Reason.DISMISSED: _("The customer hid it."),
    Reason.HELD_OUT_OF_ALL: _(
        "The customer belongs to the few who see no offer of ours this quarter."
    ),
    Reason.HELD_OUT: _(
        "An experiment compares the offer with showing nothing, and this customer is shown nothing."
    ),
    Reason.NO_VARIANT: _("It has no variant with a text."),
    Reason.DISPLACED: _(
        "Another offer keeps the page to itself, or this one shows only when nothing else does."
    ),
    Reason.PAGE_LIMIT: _("Offers of higher priority fill the page."),
}


def _cap_sentence(count: int, days: int | None) -> str:
    if days is None:
        return ngettext(
            "It was shown with %(count)d earlier order, as often as it may.",
            "It was shown with %(count)d earlier orders, as often as it may.",
            count,
        ) % {"count": count}
    return gettext("It was shown %(count)d times within %(days)d days, as often as it may.") % {
        "count": count,
        "days": days,
    }


def _status_label(status: str) -> str:
    return str(Offer.Status(status).label)


def _when(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")
