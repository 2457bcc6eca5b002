"""Facts told in any order and any number of times come to the same sums; so do refunds told at the same moment."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from django_ppx.core.following import cancel_purchase, refund_purchase
from django_ppx.core.ledger import note_adjustment, note_chargeback
from django_ppx.core.models import Purchase, PurchaseEntry
from django_ppx.testing import make_purchase
from tests.racing import run_together

NOW = datetime(2026, 3, 9, 9, tzinfo=UTC)


def tell(purchase: Purchase, fact: tuple[str, int]) -> None:
    kind, cents = fact
    amount = Decimal(cents) / 100
    if kind == "refund":
        refund_purchase(purchase=purchase, now=NOW, amount=amount)
    elif kind == "cancel":
        cancel_purchase(purchase=purchase, now=NOW)
    elif kind == "chargeback":
        note_chargeback(purchase=purchase, amount=amount, reference=str(cents), now=NOW)
    else:
        note_adjustment(purchase=purchase, amount=amount, reference=str(cents), now=NOW)


def left(purchase: Purchase) -> tuple[int, int, int]:
    sums = purchase.entries.aggregate(
        gross=Sum("gross_minor"), net=Sum("net_minor"), base=Sum("base_net_minor")
    )
    return sums["gross"], sums["net"], sums["base"]


def entries(purchase: Purchase, type_: str) -> int:
    """Return what the entries of this type took back of gross."""
    taken = purchase.entries.filter(type=type_).aggregate(taken=Sum("gross_minor"))["taken"]
    return -(taken or 0)


CENTS = st.integers(min_value=0, max_value=3000)
FACTS = st.lists(
    st.one_of(
        st.tuples(st.just("refund"), CENTS),
        st.tuples(st.just("chargeback"), CENTS),
        st.tuples(st.just("cancel"), st.just(0)),
    ),
    max_size=6,
)


class ReplayTests(TestCase):
    """Hypothesis rolls each example back in a test case of its own kind."""

    @settings(max_examples=60, deadline=None)
    @given(facts=FACTS, data=st.data(), total=CENTS, shipping=CENTS, tax=CENTS)
    def test_replays_in_any_order_come_to_the_same_sums(
        self, facts, data, total, shipping, tax
    ) -> None:
        amounts = {
            "total": Decimal(total) / 100,
            "shipping": Decimal(shipping) / 100,
            "tax": Decimal(tax) / 100,
        }
        first, second = make_purchase(**amounts), make_purchase(**amounts)
        replayed = data.draw(st.permutations([*facts, *facts]))

        for fact in facts:
            tell(first, fact)
        for fact in replayed:
            tell(second, fact)

        assert left(first) == left(second)
        assert min(left(first)) >= 0

    @settings(max_examples=40, deadline=None)
    @given(
        facts=st.lists(
            st.tuples(
                st.sampled_from(["refund", "chargeback", "adjust"]),
                st.integers(min_value=-900, max_value=900),
            ),
            max_size=8,
        ),
        shipping=CENTS,
    )
    def test_net_is_always_the_same_part_of_gross(self, facts, shipping) -> None:
        purchase = make_purchase(total=Decimal("10.01"), shipping=Decimal(shipping) / 100)
        opening = PurchaseEntry.objects.get(purchase=purchase)

        for kind, cents in facts:
            tell(purchase, (kind, cents if kind == "adjust" else abs(cents)))

            gross, net, base = left(purchase)
            assert gross >= 0
            assert net == base == round(opening.net_minor * gross / Decimal(1001))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_eight_refunds_at_once_come_to_what_the_purchase_says() -> None:
    purchase = make_purchase(total=Decimal("50.00"), shipping=Decimal("4.90"))

    run_together(
        lambda number: refund_purchase(
            purchase=Purchase.objects.get(pk=purchase.pk), now=NOW, amount=Decimal(number + 1) * 3
        )
    )

    purchase.refresh_from_db()
    assert purchase.refunded_minor == 2400
    assert entries(purchase, "refund") == 2400
    assert left(purchase)[:2] == (2600, 2345)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_cancellation_and_refunds_at_once_take_back_the_order_once() -> None:
    purchase = make_purchase(total=Decimal("50.00"))

    def end(number: int) -> None:
        mine = Purchase.objects.get(pk=purchase.pk)
        if number == 3:
            cancel_purchase(purchase=mine, now=NOW)
        elif number % 2:
            note_chargeback(purchase=mine, amount=Decimal(20), reference=str(number), now=NOW)
        else:
            refund_purchase(purchase=mine, now=NOW, amount=Decimal(number + 1) * 5)

    run_together(end)

    assert left(purchase) == (0, 0, 0)
    assert purchase.entries.filter(type="cancellation").count() == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_one_chargeback_told_by_eight_workers_is_noted_once() -> None:
    purchase = make_purchase(total=Decimal("50.00"))

    answers = run_together(
        lambda number: note_chargeback(
            purchase=purchase, amount=Decimal(5), reference="CB-1", now=NOW
        )
    )

    assert sorted(answers) == [False] * 7 + [True]
    assert entries(purchase, "chargeback") == 500


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_control_refunds_that_read_before_they_lock_take_back_too_much() -> None:
    if connection.vendor == "sqlite":
        pytest.skip("one writer at a time: nothing can be read in between")
    purchase = make_purchase(total=Decimal("50.00"))
    read = Barrier(2, timeout=20)

    def naive(number: int) -> None:
        before = Purchase.objects.get(pk=purchase.pk).refunded_minor
        read.wait()
        minor = (number + 1) * 1000
        opening = PurchaseEntry.objects.get(purchase=purchase, type="purchase")
        with transaction.atomic():
            Purchase.objects.filter(pk=purchase.pk, refunded_minor__lt=minor).update(
                refunded_minor=minor
            )
            opening.pk, opening.type, opening.key = None, "refund", f"refund:{minor}"
            opening.gross_minor = before - minor
            opening.save(force_insert=True)

    run_together(naive, times=2)

    purchase.refresh_from_db()
    assert purchase.refunded_minor == 2000
    assert entries(purchase, "refund") == 3000
