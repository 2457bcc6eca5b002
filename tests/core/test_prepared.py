"""A prepared query answers exactly as its queryset does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_ppx.core import recording
from django_ppx.core.models import Purchase
from django_ppx.core.prepared import PreparedQuery
from django_ppx.offers import facts, snapshot
from django_ppx.offers.models import OfferPresentation
from django_ppx.testing import make_offer
from tests.hosts import host_order

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 10, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def purchase():
    return recording.record_purchase(order=host_order("1001"), now=NOW).purchase


def test_the_purchase_of_the_page_equals_its_queryset(purchase):
    rows = recording._by_ref.rows(using="default", order_ref="1001")

    assert rows == list(recording._by_ref.queryset(order_ref="1001"))
    assert len(rows) == 1


def test_the_history_of_the_page_equals_its_queryset(purchase):
    offer = make_offer("message")
    for placement, age in (("thank_you", 0), ("account", 40)):
        OfferPresentation.objects.create(
            offer_id=offer.pk,
            variant=offer.variants.get(),
            purchase=purchase,
            customer=purchase.customer,
            placement=placement,
            presented_at=NOW - timedelta(days=age),
        )
    values = {
        "customer_id": purchase.customer_id,
        "purchase_id": purchase.pk,
        "since": NOW - timedelta(days=30),
    }

    rows = facts._history.rows(using="default", **values)

    assert rows == list(facts._history.queryset(**values))
    assert len(rows) == 2


def test_the_stamp_of_the_offers_equals_its_queryset():
    make_offer("message")

    rows = snapshot._stamps.rows(using="default", pk=1)

    assert rows == list(snapshot._stamps.queryset(pk=1))
    assert len(rows) == 1


def test_the_boundary_of_the_history_is_exact(purchase):
    offer = make_offer("message")
    OfferPresentation.objects.create(
        offer_id=offer.pk,
        variant=offer.variants.get(),
        purchase=purchase,
        customer=purchase.customer,
        placement="thank_you",
        presented_at=NOW,
    )

    def found(since):
        return facts._history.rows(
            using="default", customer_id=purchase.customer_id, purchase_id=-1, since=since
        )

    assert len(found(NOW - timedelta(microseconds=1))) == 1
    assert found(NOW) == []


def test_it_asks_once_and_compiles_once(purchase):
    query = PreparedQuery(
        lambda ref: Purchase.objects.filter(order_ref=ref).values_list("pk"), marks={"ref": "<ref>"}
    )

    with CaptureQueriesContext(connection) as captured:
        found = [query.rows(using="default", ref=ref) for ref in ("1001", "1002", "1001")]

    assert found == [[(purchase.pk,)], [], [(purchase.pk,)]]
    assert len(captured) == 3


def test_a_parameter_that_does_not_reach_the_sql_is_refused():
    query = PreparedQuery(
        lambda ref: Purchase.objects.filter(order_ref__startswith=ref).values_list("pk"),
        marks={"ref": "<ref>"},
    )

    with pytest.raises(ValueError, match="does not reach its SQL"):
        query.rows(using="default", ref="10")
