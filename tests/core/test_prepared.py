"""A prepared query answers exactly as its queryset does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from django_ppx.core import recording
from django_ppx.core.models import Purchase
from django_ppx.core.prepared import PreparedInsert, PreparedQuery
from django_ppx.experiments.models import Experiment, ExperimentArm, ExperimentExposure
from django_ppx.experiments.starting import start_experiment
from django_ppx.offers import histories, snapshot
from django_ppx.offers.models import OfferPresentation
from django_ppx.rewards.models import CodeRedemption
from django_ppx.testing import make_code, make_offer, make_variant
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
    make_variant(offer, label="B")
    experiment = Experiment.objects.create(name="Any", offer_id=offer.pk, planned_customers=9)
    for variant in offer.variants.all():
        ExperimentArm.objects.create(experiment=experiment, variant=variant, label=variant.label)
    phase = start_experiment(experiment=experiment, planned_customers=9, by=None, now=NOW)
    ExperimentExposure.objects.create(
        experiment=experiment,
        phase=phase,
        arm=experiment.arms.first(),
        customer=purchase.customer,
        purchase=purchase,
        placement="thank_you",
        exposed_at=NOW,
        day_no=20522,
        window_ends_at=NOW,
    )
    values = {
        "customer_id": purchase.customer_id,
        "purchase_id": purchase.pk,
        "since": NOW - timedelta(days=30),
    }

    rows = histories._history.rows(using="default", **values)

    assert rows == list(histories._history.queryset(**values))
    assert len(rows) == 3


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
        return histories._history.rows(
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


def redemption(code, order_ref, **values):
    return CodeRedemption(
        **{
            "code": code,
            "order_ref": order_ref,
            "status": "reserved",
            "currency": "EUR",
            "discount_minor": 450,
            "budget_minor": 450,
            "limit_keys": ["account:42", "email:ä"],
            "reserved_at": NOW,
            "reserved_until": NOW + timedelta(minutes=30),
            **values,
        }
    )


def stored(row):
    values = CodeRedemption.objects.filter(pk=row.pk).values().get()
    return {name: value for name, value in values.items() if name not in {"id", "order_ref"}}


def test_an_insert_stores_what_save_would():
    code = make_code()
    prepared, saved = redemption(code, "1001"), redemption(code, "1002")

    PreparedInsert(CodeRedemption).store(prepared, using="default")
    saved.save(force_insert=True)

    assert stored(prepared) == stored(saved)
    assert stored(prepared)["limit_keys"] == ["account:42", "email:ä"]
    assert stored(prepared)["reserved_until"] == datetime(
        2026, 3, 10, 12, 30, 0, 123456, tzinfo=UTC
    )
    assert CodeRedemption.objects.get(pk=prepared.pk).order_ref == "1001"
    assert (prepared._state.adding, prepared._state.db) == (False, "default")


def test_an_insert_compiled_for_one_row_stores_the_next_with_its_own_values():
    code, insert = make_code(), PreparedInsert(CodeRedemption)
    first = redemption(code, "1001")
    second = redemption(
        code, "1002", status="redeemed", reserved_at=None, reserved_until=None, redeemed_at=NOW
    )

    with CaptureQueriesContext(connection) as captured:
        insert.store(first, using="default")
        insert.store(second, using="default")

    assert len(captured) == 2
    assert list(CodeRedemption.objects.order_by("pk").values_list("pk", "order_ref", "status")) == [
        (first.pk, "1001", "reserved"),
        (second.pk, "1002", "redeemed"),
    ]
    assert stored(second)["reserved_until"] is None
    assert stored(second)["redeemed_at"] == NOW


def test_an_insert_that_a_constraint_refuses_stores_nothing():
    code, insert = make_code(), PreparedInsert(CodeRedemption)
    insert.store(redemption(code, "1001"), using="default")
    again = redemption(code, "1001", discount_minor=1)

    with pytest.raises(IntegrityError), transaction.atomic():
        insert.store(again, using="default")

    assert CodeRedemption.objects.values_list("order_ref", "discount_minor").get() == ("1001", 450)
    assert (again.pk, again._state.adding) == (None, True)


@pytest.mark.skipif(connection.vendor == "postgresql", reason="it always returns columns")
def test_an_insert_knows_its_row_where_the_database_returns_no_columns(monkeypatch):
    monkeypatch.setattr(connection.features, "can_return_columns_from_insert", False)
    row = redemption(make_code(), "1001")

    PreparedInsert(CodeRedemption).store(row, using="default")

    assert row.pk == CodeRedemption.objects.get(order_ref="1001").pk


def test_a_value_that_the_database_computes_is_refused_by_an_insert():
    row = redemption(make_code(), "1001", reserved_at=Now())

    with pytest.raises(ValueError, match="does not reach its SQL"):
        PreparedInsert(CodeRedemption).store(row, using="default")
