"""Who takes part in an experiment, told by the pages that customers open."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from django_ppx.core.customers import merge_customers
from django_ppx.core.models import Customer
from django_ppx.core.recording import load_purchase, record_purchase
from django_ppx.experiments.changing import change_coverage, open_phase
from django_ppx.experiments.ending import decide_experiment, stop_experiment
from django_ppx.experiments.models import Experiment, ExperimentArm, ExperimentExposure
from django_ppx.experiments.starting import start_experiment
from django_ppx.offers.engine import Reason
from django_ppx.offers.explaining import explain
from django_ppx.offers.models import Offer, OfferPresentation
from django_ppx.offers.pages import offers_for
from django_ppx.offers.presenting import PageRequest, present
from django_ppx.offers.snapshot import current_snapshot
from django_ppx.shop.types import Customer as Buyer
from django_ppx.testing import make_offer, make_variant, override_variant
from tests.hosts import host_order

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _shop(settings):
    settings.PPX_SHOP = "tests.hosts.PlainShop"


NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
PAGE = PageRequest(placement="thank_you", language="en", limit=3, now=NOW)


def make_running(offer: Offer | None = None, *, weights: Any = None, **columns: Any) -> Experiment:
    offer = offer or make_offer("message")
    labels = set(offer.variants.values_list("label", flat=True))
    if "B" not in labels:
        make_variant(offer, label="B")
    experiment = Experiment.objects.create(
        name="Wording", offer_id=offer.pk, planned_customers=100, **columns
    )
    for variant in offer.variants.order_by("label"):
        weight = (weights or {}).get(variant.label, 1)
        ExperimentArm.objects.create(
            experiment=experiment, variant=variant, label=variant.label, weight=weight
        )
    start_experiment(experiment=experiment, planned_customers=None, by=None, now=NOW)
    return experiment


def open_page(number: str, *, page: PageRequest = PAGE, **order: Any) -> Any:
    found = load_purchase(order_ref=number)
    record = found or record_purchase(order=host_order(number, **order), now=page.now)
    return present(current_snapshot(), record, page)


def seen(number: str) -> list[int]:
    """Return the variants on the page of an order."""
    rows = OfferPresentation.objects.filter(purchase__order_ref=number)
    return list(rows.order_by("offer").values_list("variant", flat=True))


def arms() -> dict[str, int]:
    found: dict[str, int] = {}
    for label in ExperimentExposure.objects.values_list("arm__label", flat=True):
        found[label] = found.get(label, 0) + 1
    return found


def test_everybody_is_exposed_once_to_the_variant_that_they_see():
    make_running()

    for number in range(40):
        open_page(str(number))
        open_page(str(number))

    exposures = ExperimentExposure.objects.select_related("arm")
    seen = dict(OfferPresentation.objects.values_list("customer", "variant"))
    assert {row.customer_id: row.arm.variant_id for row in exposures} == seen
    assert set(arms()) == {"A", "B"}


def test_an_exposure_carries_its_day_and_the_end_of_its_window(settings):
    settings.PPX_TIME_ZONE = "Europe/Berlin"
    make_running(window_days=30)

    open_page("1", page=replace(PAGE, now=datetime(2026, 3, 10, 23, 30, tzinfo=UTC)))

    row = ExperimentExposure.objects.get()
    assert row.day_no == 20523  # 11 March in Berlin
    assert row.window_ends_at == datetime(2026, 4, 10, 22, tzinfo=UTC)  # summer time by then


def test_the_holdout_sees_nothing_and_is_counted_where_the_offer_would_have_stood():
    make_running(holdout_percent=50)

    cards = {number: open_page(str(number)) for number in range(60)}

    counts = arms()
    assert counts["Nothing shown"] == sum(not shown for shown in cards.values())
    assert counts["Nothing shown"] + counts["A"] + counts["B"] == 60
    assert OfferPresentation.objects.count() == counts["A"] + counts["B"]
    assert 15 < counts["Nothing shown"] < 45


def test_who_would_not_have_seen_the_offer_is_not_in_the_holdout():
    make_offer("message", priority=1)
    make_running(make_offer("message", priority=2), holdout_percent=90)

    for number in range(10):
        open_page(str(number), page=replace(PAGE, limit=1))

    assert not ExperimentExposure.objects.exists()


def test_a_second_order_and_a_change_of_weights_move_nobody():
    experiment = make_running()
    buyer = Buyer(email="again@example.com")
    open_page("1", customer=buyer)
    arm = ExperimentExposure.objects.get().arm
    other = experiment.arms.exclude(pk=arm.pk).get()

    open_phase(
        experiment=experiment,
        weights={arm.pk: 1, other.pk: 10_000},
        reason="",
        by=None,
        now=NOW,
    )
    later = replace(PAGE, now=NOW + timedelta(days=3))
    open_page("2", page=later, customer=buyer)

    assert seen("2") == seen("1") == [arm.variant_id]
    assert ExperimentExposure.objects.get().arm_id == arm.pk


def test_raising_the_coverage_adds_customers_and_keeps_the_others():
    experiment = make_running(coverage_percent=20)
    for number in range(100):
        open_page(str(number))
    before = dict(ExperimentExposure.objects.values_list("customer", "arm"))

    experiment.coverage_percent = 100
    experiment.save()
    for number in range(100, 200):
        open_page(str(number))
    for number in range(100):
        open_page(f"again-{number}", customer=Buyer(email=f"buyer-{number}@example.com"))

    after = dict(ExperimentExposure.objects.values_list("customer", "arm"))
    assert 5 < len(before) < 40
    assert before.items() <= after.items()
    assert len(after) == 200


def test_a_page_of_before_the_coverage_was_raised_counts_on_no_side():
    experiment = make_running(coverage_percent=1, control_label="A")
    for number in range(60):
        open_page(str(number))
    before = arms()

    raised = NOW + timedelta(days=1)
    change_coverage(experiment=experiment, percent=100, by=None, now=raised)
    for number in range(60):
        open_page(str(number), page=replace(PAGE, now=raised + timedelta(hours=1)))

    assert sum(before.values()) <= 4
    assert arms() == before


def test_who_is_in_an_arm_that_gets_nobody_new_stays_in_it():
    offer = make_offer("message")
    make_variant(offer, label="C")
    experiment = make_running(offer)
    for number in range(30):
        open_page(str(number), customer=Buyer(email=f"buyer-{number}@example.com"))

    weights = {arm.pk: int(arm.label != "C") for arm in experiment.arms.all()}
    open_phase(experiment=experiment, weights=weights, reason="", by=None, now=NOW)
    later = replace(PAGE, now=NOW + timedelta(days=1))
    for number in range(30):
        buyer = Buyer(email=f"buyer-{number}@example.com")
        open_page(f"again-{number}", page=later, customer=buyer)

    assert arms()["C"] > 3
    assert all(seen(str(number)) == seen(f"again-{number}") for number in range(30))


def test_whom_it_does_not_cover_sees_the_control_and_is_not_counted():
    experiment = make_running(coverage_percent=1, control_label="B")
    control = experiment.arms.get(label="B").variant_id

    for number in range(30):
        open_page(str(number))

    shown = list(OfferPresentation.objects.values_list("variant", flat=True))
    assert shown.count(control) >= 28
    assert ExperimentExposure.objects.count() <= 3


def test_a_machine_and_a_test_order_are_not_counted_until_a_person_looks():
    make_running()
    open_page("1", page=replace(PAGE, is_for_customer=lambda: False))
    open_page("2", is_test=True)
    assert not ExperimentExposure.objects.exists()

    open_page("1", page=replace(PAGE, now=NOW + timedelta(hours=1)))

    row = ExperimentExposure.objects.get()
    assert row.purchase.order_ref == "1"
    assert row.arm.variant_id == OfferPresentation.objects.get(purchase=row.purchase_id).variant_id


def test_staff_who_open_a_customers_page_are_not_counted(rf: Any):
    make_running()
    request = rf.get("/", HTTP_USER_AGENT="Mozilla/5.0", HTTP_ACCEPT_LANGUAGE="en")
    request.user = User(is_staff=True)

    def visit() -> None:
        offers_for(host_order("1"), placement="thank_you", limit=None, request=request, now=NOW)

    visit()
    assert not ExperimentExposure.objects.exists()
    request.user = User(is_staff=False)
    visit()

    assert ExperimentExposure.objects.count() == 1


def test_a_page_of_before_the_start_keeps_its_variant_and_counts_nothing():
    offer = make_offer("message")
    open_page("1", page=replace(PAGE, now=NOW - timedelta(days=1)))
    before = seen("1")
    make_running(offer, weights={"A": 0, "B": 1}, holdout_percent=50)

    open_page("1", page=replace(PAGE, now=NOW + timedelta(days=1)))

    assert seen("1") == before
    assert not ExperimentExposure.objects.exists()


def test_before_it_starts_and_after_it_ends_nobody_new_takes_part():
    make_running(starts_at=NOW + timedelta(days=1), ends_at=NOW + timedelta(days=2))
    open_page("early")
    open_page("now", page=replace(PAGE, now=NOW + timedelta(days=1)))
    open_page("late", page=replace(PAGE, now=NOW + timedelta(days=2)))

    assert ExperimentExposure.objects.get().purchase.order_ref == "now"


def test_a_stopped_experiment_exposes_nobody():
    experiment = make_running(holdout_percent=90)
    stop_experiment(experiment=experiment, reason="", by=None, snapshot={}, now=NOW)

    assert all(open_page(str(number)) for number in range(10))
    assert not ExperimentExposure.objects.exists()


def test_who_took_part_stays_until_the_last_window_is_over():
    experiment = make_running(holdout_percent=90, window_days=7)
    buyers = [Buyer(email=f"b-{number}@example.com") for number in range(20)]
    for number, buyer in enumerate(buyers):
        open_page(f"a{number}", customer=buyer)
    held = [
        buyer
        for number, buyer in enumerate(buyers)
        if ExperimentExposure.objects.filter(
            purchase__order_ref=f"a{number}", arm__is_holdout=True
        ).exists()
    ]
    stop_experiment(experiment=experiment, reason="", by=None, snapshot={}, now=NOW)

    last, over = (datetime(2026, 3, day, 12, tzinfo=UTC) for day in (17, 18))
    within = [
        open_page(f"b{number}", page=replace(PAGE, now=last), customer=buyer)
        for number, buyer in enumerate(held)
    ]
    after = [
        open_page(f"c{number}", page=replace(PAGE, now=over), customer=buyer)
        for number, buyer in enumerate(held)
    ]

    assert len(held) > 10
    assert not any(within)
    assert all(after)


def test_a_decision_ends_it_for_everybody():
    experiment = make_running(holdout_percent=90)
    for number in range(10):
        open_page(str(number))
    decide_experiment(
        experiment=experiment, arm_label="A", reason="Better", by=None, snapshot={}, now=NOW
    )

    again = [
        open_page(f"again-{number}", customer=Buyer(email=f"buyer-{number}@example.com"))
        for number in range(10)
    ]

    assert all(again)


def test_two_experiments_are_independent():
    first = make_running(make_offer("message", priority=1))
    second = make_running(make_offer("message", priority=2))

    for number in range(200):
        open_page(str(number))

    by_customer: dict[int, dict[int, str]] = {}
    for customer, experiment, label in ExperimentExposure.objects.values_list(
        "customer", "experiment", "arm__label"
    ):
        by_customer.setdefault(customer, {})[experiment] = label
    both = sum(found[first.pk] == found[second.pk] for found in by_customer.values())
    assert len(by_customer) == 200
    assert 65 < both < 135  # 100 expected, five standard deviations either way


def test_assignment_costs_no_query(django_assert_num_queries: Any):
    offer = make_offer("message")
    make_variant(offer, label="B")
    open_page("before")
    record = load_purchase(order_ref="before")
    assert record is not None
    with CaptureQueriesContext(connection) as plain:
        present(current_snapshot(), record, PAGE)

    make_running(offer)
    open_page("1")
    current_snapshot()
    record = load_purchase(order_ref="1")
    assert record is not None

    with django_assert_num_queries(len(plain)):
        present(current_snapshot(), record, PAGE)


def test_a_first_exposure_costs_one_statement():
    offer = make_offer("message")
    make_variant(offer, label="B")
    open_page("warm")
    one = record_purchase(order=host_order("1"), now=NOW)
    with CaptureQueriesContext(connection) as without:
        present(current_snapshot(), one, PAGE)
    make_running(offer)
    two = record_purchase(order=host_order("2"), now=NOW)
    current_snapshot()

    with CaptureQueriesContext(connection) as exposed:
        present(current_snapshot(), two, PAGE)

    assert len(exposed) - len(without) == 1


def test_the_explanation_says_who_is_held_out():
    make_running(holdout_percent=90)
    for number in range(10):
        open_page(str(number))
    held = ExperimentExposure.objects.filter(arm__is_holdout=True).first()
    assert held is not None

    explanation = explain(
        current_snapshot(),
        order_ref=held.purchase.order_ref,
        placement="thank_you",
        language="en",
        limit=3,
        now=NOW,
    )

    [offer] = explanation.offers
    assert (offer.reason, offer.label) == (Reason.HELD_OUT, "Held out")
    assert "comparing" not in offer.detail
    assert "shown nothing" in offer.detail


def test_a_guest_who_turns_out_to_have_an_account_keeps_the_earliest_exposure():
    experiment = make_running()
    a, b = experiment.arms.order_by("label")
    open_page("guest")
    open_page("account", page=replace(PAGE, now=NOW + timedelta(days=2)))
    guest = Customer.objects.get(purchases__order_ref="guest")
    account = Customer.objects.get(purchases__order_ref="account")
    ExperimentExposure.objects.filter(customer=guest).update(arm=a)
    ExperimentExposure.objects.filter(customer=account).update(arm=b)

    merge_customers(guest=guest, into=account)
    merge_customers(guest=guest, into=account)

    kept = ExperimentExposure.objects.counted().get()
    assert (kept.customer_id, kept.arm_id, kept.exposed_at) == (account.pk, a.pk, NOW)
    assert kept.is_crossover
    left = ExperimentExposure.objects.exclude(pk=kept.pk).get()
    assert (left.customer_id, left.arm_id) == (guest.pk, b.pk)


def test_one_person_with_one_arm_is_no_crossover():
    experiment = make_running()
    arm = experiment.arms.first()
    open_page("guest", page=replace(PAGE, now=NOW + timedelta(days=2)))
    open_page("account")
    ExperimentExposure.objects.update(arm=arm)
    guest = Customer.objects.get(purchases__order_ref="guest")
    account = Customer.objects.get(purchases__order_ref="account")

    merge_customers(guest=guest, into=account)

    kept = ExperimentExposure.objects.counted().get()
    assert (kept.customer_id, kept.exposed_at, kept.is_crossover) == (account.pk, NOW, False)


def test_a_guest_alone_in_an_experiment_takes_the_exposure_along():
    make_running()
    open_page("guest")
    guest = Customer.objects.get()
    account = Customer.objects.create(account_id="7", created_at=NOW)

    merge_customers(guest=guest, into=account)

    assert ExperimentExposure.objects.counted().get().customer_id == account.pk


# --- the holdout of a quarter ---


def shown_to(number: str, now: datetime = NOW, **order: Any) -> int:
    host = host_order(number, placed_at=now, **order)
    return len(offers_for(host, placement="thank_you", limit=None, request=None, now=now))


def test_there_is_no_holdout_of_a_quarter_by_default():
    make_offer("message")

    shown_to("1")

    assert not Experiment.objects.exists()


def test_a_few_see_no_offer_for_a_whole_quarter_and_both_sides_are_counted(settings):
    settings.PPX_HOLDOUT_PERCENT = 30
    make_offer("message")
    make_offer("message")

    shown = [shown_to(str(number)) for number in range(60)]

    experiment = Experiment.objects.get()
    assert (experiment.quarter, experiment.offer_id) == ("2026-Q1", None)
    assert set(shown) == {0, 2}
    assert arms() == {"Nothing shown": shown.count(0), "Offers shown": shown.count(2)}
    assert 6 < shown.count(0) < 32


def test_a_new_quarter_draws_anew(settings):
    settings.PPX_HOLDOUT_PERCENT = 50
    make_offer("message")
    buyers = [Buyer(email=f"b-{number}@example.com") for number in range(40)]
    first = [shown_to(f"a{number}", customer=buyer) for number, buyer in enumerate(buyers)]
    again = [shown_to(f"b{number}", customer=buyer) for number, buyer in enumerate(buyers)]

    april = datetime(2026, 4, 10, 12, tzinfo=UTC)
    next_quarter = [
        shown_to(f"c{number}", april, customer=buyer) for number, buyer in enumerate(buyers)
    ]

    assert first == again
    assert 8 < sum(map(int.__eq__, first, next_quarter)) < 32
    assert set(Experiment.objects.values_list("quarter", flat=True)) == {"2026-Q1", "2026-Q2"}


def test_who_is_held_out_of_everything_takes_part_in_no_other_experiment(settings):
    settings.PPX_HOLDOUT_PERCENT = 50
    mine = make_running()

    for number in range(40):
        shown_to(str(number))

    held = ExperimentExposure.objects.filter(
        experiment__quarter="2026-Q1", arm__is_holdout=True
    ).values("customer")
    assert 8 < held.count() < 32
    assert not ExperimentExposure.objects.filter(experiment=mine, customer__in=held).exists()
    assert ExperimentExposure.objects.filter(experiment=mine).count() == 40 - held.count()


def test_without_an_offer_to_show_nobody_is_counted(settings):
    settings.PPX_HOLDOUT_PERCENT = 50

    shown_to("1")

    assert not ExperimentExposure.objects.exists()


# --- for the tests of hosts ---


def test_a_host_fixes_a_variant_whatever_the_experiment_says():
    experiment = make_running(make_offer("message", slug="autumn"), holdout_percent=90)

    with override_variant("autumn", "b"):
        for number in range(8):
            open_page(str(number))

    variant = experiment.arms.get(label="B").variant_id
    assert set(OfferPresentation.objects.values_list("variant", flat=True)) == {variant}
    assert OfferPresentation.objects.count() == 8
    assert not ExperimentExposure.objects.exists()


def test_a_host_fixes_that_nothing_is_shown():
    make_offer("message", slug="autumn")

    with override_variant("autumn", None):
        assert open_page("1") == ()
    assert len(open_page("1")) == 1


def test_it_is_a_decorator_too_and_can_be_nested():
    offer = make_offer("message", slug="autumn")
    other = make_variant(offer, label="B")

    @override_variant("autumn", "B")
    def inside() -> list[int]:
        with override_variant("autumn", "A"):
            open_page("1")
        open_page("2")
        return seen("1") + seen("2")

    assert inside() == [offer.variants.get(label="A").pk, other.pk]


@pytest.mark.parametrize(("slug", "label"), [("winter", "A"), ("autumn", "Z")])
def test_an_unknown_offer_or_variant_is_an_error(slug: str, label: str):
    make_offer("message", slug="autumn")

    with pytest.raises(LookupError), override_variant(slug, label):
        pass
