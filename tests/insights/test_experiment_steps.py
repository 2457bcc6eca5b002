"""Starting an experiment, letting more customers take part, other shares: each confirmed, each with its permission."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from django_ppx.experiments.models import Experiment, ExperimentDecision
from django_ppx.experiments.starting import start_experiment
from django_ppx.testing import make_customer
from tests.insights.experiments import ADMIN, make_draft, offer_with
from tests.insights.ledger import bought
from tests.offers.admin_users import staff_client

pytestmark = pytest.mark.django_db

STEPS = ("start", "coverage", "shares")


def started(**overrides) -> Experiment:
    draft = make_draft(**overrides)
    start_experiment(experiment=draft, planned_customers=None, by=None, now=timezone.now())
    return draft


def test_the_start_is_put_into_words_and_started(admin_client) -> None:
    draft = make_draft(offer_with("A", "B", name="Coupon"), coverage_percent=40)
    page = f"{ADMIN}{draft.pk}/start/"

    asked = admin_client.get(page)

    assert asked.context["problems"] == ()
    assert asked.context["sentences"] == [
        "40% of the customers for whom “Coupon” comes up take part. Of these, 50% see “A”, 50% see “B”.",
        "What decides: “Bought again” within 30 days, against “A”.",
        "It is looked at every day. A difference that is sure is said at once; otherwise the verdict falls when "
        "1,000 customers are through.",
        "From the start on all of this is fixed. Later you can let more customers take part; other shares begin a "
        "new phase, which is analysed apart.",
    ]
    assert Experiment.objects.get().status == "draft"

    response = admin_client.post(page)

    assert response.status_code == 302
    draft.refresh_from_db()
    assert (draft.status, draft.phases.get().planned_customers) == ("running", 1000)
    assert ExperimentDecision.objects.get().made_by.username == "admin"


def test_a_holdout_without_an_end_is_put_into_words(admin_client) -> None:
    draft = make_draft(
        offer_with("A", name="Coupon"), holdout_percent=10, control_label="", plan="anytime"
    )

    sentences = admin_client.get(f"{ADMIN}{draft.pk}/start/").context["sentences"]

    assert sentences[:3] == [
        "Of the customers for whom “Coupon” comes up, 90% see “A”, 10% see nothing.",
        "What decides: “Bought again” within 30 days, against customers who see nothing.",
        "It is looked at every day and has no fixed end: a difference is said once it is sure. Plan with "
        "1,000 customers.",
    ]


@pytest.mark.parametrize(
    ("overrides", "problem"),
    [
        (
            {"planned_customers": None},
            "Your history is too short to say how many customers it needs. Enter the planned customers, or tell the "
            "planner what you expect.",
        ),
        (
            {"ends_at": timezone.now() - timedelta(days=1)},
            "Its end lies in the past.",
        ),
        (
            {"weights": {"B": 0}},
            "It needs two sides: two variants, or a variant and nothing.",
        ),
    ],
)
def test_what_keeps_it_from_starting_is_said_and_nothing_starts(
    admin_client, overrides, problem
) -> None:
    draft = make_draft(**overrides)
    page = f"{ADMIN}{draft.pk}/start/"

    for response in (admin_client.get(page), admin_client.post(page)):
        assert response.context["problems"][0] == problem
        assert 'type="submit" value="Start"' not in response.text

    draft.refresh_from_db()
    assert draft.status == "draft"


def test_a_plan_that_takes_too_long_starts_only_with_fewer_customers(admin_client) -> None:
    now = timezone.now()
    for number in range(120):  # 2.1 a day; every fourth came back
        customer = make_customer()
        bought(customer, days_ago=0, at=now - timedelta(days=48))
        if number % 4 == 0:
            bought(customer, days_ago=0, at=now - timedelta(days=40))
    draft = make_draft(planned_customers=None)
    page = f"{ADMIN}{draft.pk}/start/"
    assert "No answer within a year." in admin_client.get(page).context["problems"][0]

    Experiment.objects.update(planned_customers=5000)
    assert "No answer within a year." in admin_client.get(page).context["problems"][0]

    Experiment.objects.update(planned_customers=300)
    assert admin_client.get(page).context["problems"] == ()


def test_an_offer_that_is_not_shown_is_pointed_out(admin_client) -> None:
    draft = make_draft(offer_with("A", "B", status="paused"))

    assert admin_client.get(f"{ADMIN}{draft.pk}/start/").context["notes"] == (
        "The offer is not shown now (Paused): nobody takes part until it is.",
    )


def test_more_customers_take_part(admin_client) -> None:
    experiment = started(coverage_percent=20)
    page = f"{ADMIN}{experiment.pk}/coverage/"

    refused = admin_client.post(page, {"percent": 20})
    assert refused.context["form"].errors == {
        "percent": ["It can only be raised: enter 21 to 100."]
    }

    assert admin_client.post(page, {"percent": 60}).status_code == 302
    experiment.refresh_from_db()
    assert experiment.coverage_percent == 60


def test_other_shares_begin_a_phase_and_the_form_comes_with_the_last_ones(admin_client) -> None:
    experiment = started(weights={"A": 3}, holdout_percent=10)
    page = f"{ADMIN}{experiment.pk}/shares/"
    first, second = experiment.arms.filter(is_holdout=False)

    asked = admin_client.get(page)
    assert asked.context["sides"] == [("A", "67.5%"), ("B", "22.5%"), ("Nothing shown", "10%")]

    weights = {f"weight_{first.pk}": 1, f"weight_{second.pk}": 4}
    assert admin_client.post(page, weights).context["form"].errors == {
        "reason": ["This field is required."]
    }
    assert experiment.phases.count() == 1

    response = admin_client.post(page, {**weights, "reason": "B looks better"}, follow=True)

    assert "Phase 2 has begun." in response.text
    assert experiment.phases.count() == 2
    again = admin_client.get(page).context["form"]
    assert [again[f"weight_{arm.pk}"].value() for arm in (first, second)] == [1, 4]
    assert ("B", "72%") in admin_client.get(page).context["sides"]


def test_a_change_that_is_not_possible_says_why(admin_client) -> None:
    experiment = started()
    first, second = experiment.arms.all()
    data = {f"weight_{first.pk}": 0, f"weight_{second.pk}": 4, "reason": "No A"}

    response = admin_client.post(f"{ADMIN}{experiment.pk}/shares/", data)

    assert response.context["form"].non_field_errors() == [
        "The control and one other side need a weight."
    ]
    draft = make_draft()
    response = admin_client.post(f"{ADMIN}{draft.pk}/coverage/", {"percent": 100})
    assert response.status_code == 200
    assert draft.decisions.count() == 0


def test_one_variant_against_nothing_has_no_shares_to_change(admin_client) -> None:
    experiment = started(offer=offer_with("A"), holdout_percent=10)

    assert admin_client.get(f"{ADMIN}{experiment.pk}/shares/").status_code == 404
    steps = admin_client.get(f"{ADMIN}{experiment.pk}/change/").context["steps"]
    assert [str(step.label) for step in steps] == ["Result"]


def test_the_steps_are_for_who_may_decide() -> None:
    draft, running = make_draft(), started(coverage_percent=50)

    for held in (("change_experiment", "add_experiment"), ("decide_experiment",)):
        client = staff_client(*held)
        for step in STEPS:
            for send in (client.get, client.post):
                assert send(f"{ADMIN}{running.pk}/{step}/").status_code == 403
    assert Experiment.objects.get(pk=draft.pk).status == "draft"

    client = staff_client("view_experiment")
    assert client.get(f"{ADMIN}{draft.pk}/change/").context["steps"] == ()
    client = staff_client("view_experiment", "decide_experiment")
    labels = {
        pk: [str(step.label) for step in client.get(f"{ADMIN}{pk}/change/").context["steps"]]
        for pk in (draft.pk, running.pk)
    }
    assert labels == {
        draft.pk: ["Start …"],
        running.pk: ["Result", "Change part of customers", "Change shares"],
    }
    assert client.post(f"{ADMIN}{draft.pk}/start/").status_code == 302


@pytest.mark.parametrize("step", STEPS)
def test_a_step_of_no_experiment_is_not_found(admin_client, step) -> None:
    assert admin_client.get(f"{ADMIN}999/{step}/").status_code == 404
