from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from django_ppx.core.following import cancel_purchase, refund_purchase
from django_ppx.core.models import Purchase
from django_ppx.signals import purchase_cancelled, purchase_refunded
from django_ppx.testing import make_purchase

NOW = datetime(2026, 3, 3, 9, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard() -> Any:
    """What the two signals said, in order."""
    heard: list[tuple[str, Any]] = []

    def on_cancelled(purchase: Purchase, **kwargs: Any) -> None:
        heard.append(("cancelled", purchase.pk))

    def on_refunded(purchase: Purchase, amount: Decimal, **kwargs: Any) -> None:
        heard.append(("refunded", amount))

    purchase_cancelled.connect(on_cancelled)
    purchase_refunded.connect(on_refunded)
    yield heard
    purchase_cancelled.disconnect(on_cancelled)
    purchase_refunded.disconnect(on_refunded)


def test_cancelling_twice_is_cancelling_once(heard, django_capture_on_commit_callbacks) -> None:
    purchase = make_purchase()

    with django_capture_on_commit_callbacks(execute=True):
        first = cancel_purchase(purchase=purchase, now=NOW)
        second = cancel_purchase(purchase=purchase, now=NOW + timedelta(days=1))

    purchase.refresh_from_db()
    assert (first, second) == (True, False)
    assert purchase.status == Purchase.Status.CANCELLED
    assert purchase.cancelled_at == NOW
    assert heard == [("cancelled", purchase.pk)]


def test_refunds_add_up_because_the_sum_is_told(heard, django_capture_on_commit_callbacks) -> None:
    purchase = make_purchase(total=Decimal("50.00"))

    with django_capture_on_commit_callbacks(execute=True):
        results = [
            refund_purchase(purchase=purchase, now=NOW, amount=Decimal(amount))
            for amount in ("10.00", "10.00", "9.99", "25.50")
        ]

    purchase.refresh_from_db()
    assert results == [True, False, False, True]
    assert purchase.refunded_minor == 2550
    assert purchase.status == Purchase.Status.PLACED
    assert heard == [("refunded", Decimal("10.00")), ("refunded", Decimal("25.50"))]


@pytest.mark.parametrize("amount", [None, Decimal("50.00"), Decimal("50.01"), Decimal("9999")])
def test_everything_refunded_is_a_refunded_purchase(
    amount: Decimal | None, heard, django_capture_on_commit_callbacks
) -> None:
    purchase = make_purchase(total=Decimal("50.00"))

    with django_capture_on_commit_callbacks(execute=True):
        first = refund_purchase(purchase=purchase, now=NOW, amount=amount)
        second = refund_purchase(purchase=purchase, now=NOW, amount=amount)

    purchase.refresh_from_db()
    assert (first, second) == (True, False)
    assert purchase.refunded_minor == 5000
    assert purchase.status == Purchase.Status.REFUNDED
    assert heard == [("refunded", Decimal("50.00"))]


def test_a_cancelled_purchase_stays_cancelled_when_refunded() -> None:
    purchase = make_purchase()
    cancel_purchase(purchase=purchase, now=NOW)

    refund_purchase(purchase=purchase, now=NOW)

    purchase.refresh_from_db()
    assert purchase.status == Purchase.Status.CANCELLED
    assert purchase.refunded_minor == 5000


def test_a_free_order_can_be_refunded() -> None:
    purchase = make_purchase(total=Decimal(0))

    assert refund_purchase(purchase=purchase, now=NOW)
    assert not refund_purchase(purchase=purchase, now=NOW)
    assert purchase.status == Purchase.Status.REFUNDED


def test_no_refund_leaves_a_free_order_alone() -> None:
    purchase = make_purchase(total=Decimal("10.00"))

    assert not refund_purchase(purchase=purchase, now=NOW, amount=Decimal(0))
    assert purchase.status == Purchase.Status.PLACED


@pytest.mark.parametrize("amount", ["-0.01", "NaN", "Infinity", "-Infinity"])
def test_a_refund_that_is_no_amount_is_refused(amount: str) -> None:
    purchase = make_purchase()

    with pytest.raises(ValueError, match="zero or more"):
        refund_purchase(purchase=purchase, now=NOW, amount=Decimal(amount))

    purchase.refresh_from_db()
    assert purchase.refunded_minor == 0
