"""What happens to a recorded purchase later: cancelled, refunded in part or wholly, in the ledger too."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import partial

from django.db import transaction
from django.db.models import F

from django_ppx.core.committing import after_commit
from django_ppx.core.ledger import note_cancellation, note_refund, open_ledger
from django_ppx.core.models import Purchase
from django_ppx.core.money import to_major, to_minor
from django_ppx.signals import purchase_cancelled, purchase_refunded


def cancel_purchase(*, purchase: Purchase, now: datetime) -> bool:
    """Mark the purchase as cancelled and return whether it was not before.

    Two at once: one is told True.
    """
    with transaction.atomic():
        # The row is locked, and a purchase without entries gets those of before.
        ledger = open_ledger(purchase=purchase, now=now)
        cancelled = Purchase.objects.filter(pk=purchase.pk, cancelled_at__isnull=True).update(
            status=Purchase.Status.CANCELLED, cancelled_at=now
        )
        if not cancelled:
            return False
        if ledger is not None:
            note_cancellation(ledger=ledger, now=now)
        purchase.status, purchase.cancelled_at = Purchase.Status.CANCELLED, now
        after_commit(partial(purchase_cancelled.send_robust, sender=Purchase, purchase=purchase))
    return True


def refund_purchase(*, purchase: Purchase, now: datetime, amount: Decimal | None = None) -> bool:
    """Raise what was refunded so far to `amount` (None: all) and return whether that changed anything.

    `amount` is the sum of all refunds of the order in major units, so that telling it twice changes
    nothing. It never falls, and more than the order's total counts as the total. Refunded wholly, a
    placed purchase turns refunded. The ledger gets what the sum has risen by.

    :raises ValueError: for a negative amount, or one that is no number.
    """
    minor = (
        purchase.total_minor if amount is None else to_minor(_checked(amount), purchase.currency)
    )
    minor = min(minor, purchase.total_minor)
    with transaction.atomic():
        ledger = open_ledger(purchase=purchase, now=now)
        raised = Purchase.objects.filter(pk=purchase.pk, refunded_minor__lt=minor).update(
            refunded_minor=minor
        )
        ended = (minor == purchase.total_minor or amount is None) and Purchase.objects.filter(
            pk=purchase.pk, status=Purchase.Status.PLACED, refunded_minor=F("total_minor")
        ).update(status=Purchase.Status.REFUNDED)
        if not raised and not ended:
            return False
        if ledger is not None:
            note_refund(ledger=ledger, refunded_minor=minor, now=now)
        purchase.refresh_from_db(fields=["refunded_minor", "status"])
        refunded = to_major(purchase.refunded_minor, purchase.currency)
        after_commit(
            partial(
                purchase_refunded.send_robust, sender=Purchase, purchase=purchase, amount=refunded
            )
        )
    return True


def _checked(amount: Decimal) -> Decimal:
    if not amount.is_finite() or amount < 0:
        raise ValueError("A refund is a number of zero or more.")
    return amount
