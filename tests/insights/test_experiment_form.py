"""The form of an experiment in the admin: what it stores, what it refuses and why, what stays fixed."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from django_ppx.experiments.models import Experiment, ExperimentArm
from django_ppx.experiments.starting import start_experiment
from django_ppx.insights.experiment_forms import ExperimentForm, weight_name
from django_ppx.offers.models import Offer
from django_ppx.testing import make_offer, make_variant
from tests.admin_pages import count_queries, error_texts, form_data
from tests.insights.experiments import ADMIN, make_draft, offer_with
from tests.insights.ledger import bought
from tests.offers.admin_users import staff_client

pytestmark = pytest.mark.django_db

SEES_NOTHING = "Who is shown nothing can't do this. Decide by what customers buy, or show every customer a variant."


def add(client, offer: Offer, **typed: Any):
    page = client.get(f"{ADMIN}add/?offer={offer.pk}")
    return client.post(f"{ADMIN}add/?offer={offer.pk}", form_data(page, **typed))


def weight(offer: Offer, label: str) -> str:
    return weight_name(offer.variants.get(label=label))


def arms_of(experiment: Experiment) -> list[tuple[str, int]]:
    return [(arm.label, arm.weight) for arm in experiment.arms.all()]


def orders_today(**overrides: Any) -> None:
    """Write an order of yesterday, by the real clock: forms ask it."""
    bought(days_ago=0, at=timezone.now() - timedelta(days=1), **overrides)


def test_the_first_question_is_which_offer(admin_client) -> None:
    offer_with("A", "B", name="Ticket")
    make_offer(name="Put away", status="archived")

    response = admin_client.get(f"{ADMIN}add/")

    assert [(choice.name, choice.variants) for choice in response.context["choices"]] == [
        ("Ticket", 2)
    ]
    assert f"{ADMIN}add/?offer={Offer.objects.get(name='Ticket').pk}" in response.text


def test_an_offer_that_is_tested_already_says_by_what(admin_client) -> None:
    draft = make_draft()
    start_experiment(experiment=draft, planned_customers=None, by=None, now=timezone.now())

    response = admin_client.get(f"{ADMIN}add/")

    assert response.context["choices"][0].busy == "Ticket or card"


@pytest.mark.parametrize("offer", ["", "0", "x", "9" * 30, "²", "1\x00"])
def test_an_offer_that_is_none_leads_to_the_choice(admin_client, offer) -> None:
    assert "choices" in admin_client.get(f"{ADMIN}add/", {"offer": offer}).context
    assert "choices" in admin_client.post(f"{ADMIN}add/", {"offer": offer}).context
    assert not Experiment.objects.exists()


def test_a_new_form_comes_with_the_variants_of_its_offer(admin_client) -> None:
    offer = offer_with("A", "B")

    page = admin_client.get(f"{ADMIN}add/?offer={offer.pk}")

    form = page.context["adminform"].form
    assert [(variant.label, field.value()) for variant, _line, field in form.arm_rows()] == [
        ("A", 1),
        ("B", 1),
    ]
    assert form["holdout_percent"].value() == 0
    assert "Headline of" in page.text


def test_an_offer_with_one_variant_is_compared_with_nothing_half_and_half(admin_client) -> None:
    page = admin_client.get(f"{ADMIN}add/?offer={make_offer().pk}")

    assert page.context["adminform"].form["holdout_percent"].value() == 50


def test_a_draft_is_stored_with_its_arms(admin_client) -> None:
    offer = offer_with("A", "B", "C")

    response = add(
        admin_client,
        offer,
        name="Ticket or card",
        control_label="B",
        secondary_metrics=["clicked", "repeat"],
        **{weight(offer, "A"): 3, weight(offer, "C"): 0},
    )

    assert response.status_code == 302
    draft = Experiment.objects.get()
    assert (draft.name, draft.status, draft.offer_id) == ("Ticket or card", "draft", offer.pk)
    assert (draft.control_label, draft.secondary_metrics) == ("B", ["clicked"])
    assert arms_of(draft) == [("A", 3), ("B", 1)]
    assert draft.created_by.username == "admin"


def test_a_stored_draft_is_changed_with_its_arms(admin_client) -> None:
    draft = make_draft()
    page = admin_client.get(f"{ADMIN}{draft.pk}/change/")

    typed = {weight(draft.offer, "A"): 0, "holdout_percent": 10}
    response = admin_client.post(f"{ADMIN}{draft.pk}/change/", form_data(page, **typed))

    assert response.status_code == 302
    draft.refresh_from_db()
    assert (draft.holdout_percent, draft.control_label) == (10, "")
    assert arms_of(draft) == [("B", 1)]


def test_the_offer_of_a_draft_stays(admin_client) -> None:
    draft = make_draft()
    page = admin_client.get(f"{ADMIN}{draft.pk}/change/")

    typed = {"offer": make_offer().pk}
    admin_client.post(f"{ADMIN}{draft.pk}/change/", form_data(page, **typed))

    draft.refresh_from_db()
    assert draft.offer.name == page.context["offer"].name


@pytest.mark.parametrize(
    ("typed", "where", "sentence"),
    [
        (
            {"A": 0},
            "__all__",
            "There is nothing to compare with: give a second variant a weight, or show nothing to some customers.",
        ),
        ({"A": 0, "B": 0}, "__all__", "Give at least one variant a weight."),
        (
            {"A": 0, "B": 0, "holdout_percent": 10},
            "__all__",
            "Give at least one variant a weight.",
        ),
        (
            {"C": 1, "B": 0, "control_label": "B"},
            "control_label",
            "“B” has no weight, so nothing can be compared with it.",
        ),
        (
            {"control_label": ""},
            "control_label",
            "Say which variant the others are compared with.",
        ),
        (
            {"control_label": "Z"},
            "control_label",
            "Select a valid choice. Z is not one of the available choices.",
        ),
        *(
            ({"holdout_percent": 10, "primary_metric": metric}, "primary_metric", SEES_NOTHING)
            for metric in ("clicked", "claimed", "redeemed")
        ),
        (
            {"primary_metric": "revenue"},
            "primary_metric",
            "No order says yet in which currency money is counted. Ask your developer for PPX_CURRENCY.",
        ),
        (
            {"secondary_metrics": ["revenue"]},
            "secondary_metrics",
            "No order says yet in which currency money is counted. Ask your developer for PPX_CURRENCY.",
        ),
        (
            {"plan": "exact", "primary_metric": "margin"},
            "plan",
            "Exact counts are for a yes or no (clicked, bought again), not for amounts.",
        ),
        (
            {"smallest_lift_percent": "0"},
            "smallest_lift_percent",
            "Ensure this value is greater than or equal to 0.1.",
        ),
        ({"window_days": 0}, "window_days", "Ensure this value is greater than or equal to 1."),
        ({"window_days": 366}, "window_days", "Ensure this value is less than or equal to 365."),
        (
            {"holdout_percent": 91},
            "holdout_percent",
            "Ensure this value is less than or equal to 90.",
        ),
        (
            {"coverage_percent": 0},
            "coverage_percent",
            "Ensure this value is greater than or equal to 1.",
        ),
        (
            {"ends_at_0": "2001-01-01", "ends_at_1": "00:00:00"},
            "ends_at",
            "The end lies in the past.",
        ),
        (
            {
                "starts_at_0": "2099-01-02",
                "starts_at_1": "00:00:00",
                "ends_at_0": "2099-01-02",
                "ends_at_1": "00:00:00",
            },
            "ends_at",
            "The end lies after the start.",
        ),
    ],
)
def test_what_can_not_be_tested_is_refused(admin_client, typed, where, sentence) -> None:
    offer = offer_with("A", "B", "C")
    weights = {label: typed.pop(label, {"A": 1, "B": 1, "C": 0}[label]) for label in "ABC"} | {}
    named = {weight(offer, label): value for label, value in weights.items()}

    response = add(admin_client, offer, **typed, **named)

    assert response.status_code == 200
    assert sentence in error_texts(response)[where]
    assert not Experiment.objects.exists()


@pytest.mark.parametrize("value", ["-1", "1001", "many", ""])
def test_a_weight_is_a_number_up_to_a_thousand(admin_client, value) -> None:
    offer = offer_with("A", "B")

    response = add(admin_client, offer, **{weight(offer, "A"): value})

    assert list(error_texts(response)) == [weight(offer, "A")]


def test_money_is_counted_in_the_currency_of_the_orders_and_margin_needs_costs(
    admin_client,
) -> None:
    offer = offer_with("A", "B")
    orders_today()
    assert add(admin_client, offer, primary_metric="revenue").status_code == 302

    refused = add(admin_client, offer, primary_metric="margin")
    assert error_texts(refused)["primary_metric"] == [
        "The shop does not tell what goods cost, so there is no margin. Ask your developer."
    ]

    orders_today(cost=100)
    assert add(admin_client, offer, primary_metric="margin").status_code == 302


def test_the_variant_of_another_offer_can_not_be_given_a_weight(admin_client) -> None:
    offer, other = offer_with("A", "B"), make_offer()
    strange = weight_name(make_variant(other, label="Z"))

    assert add(admin_client, offer, **{strange: 5}).status_code == 302

    assert arms_of(Experiment.objects.get()) == [("A", 1), ("B", 1)]


def test_after_the_start_only_the_name_is_written(admin_client) -> None:
    draft = make_draft()
    start_experiment(experiment=draft, planned_customers=None, by=None, now=timezone.now())
    page = admin_client.get(f"{ADMIN}{draft.pk}/change/")
    assert [field.name for field in page.context["adminform"].form] == ["name"]
    assert "planner_url" not in page.context

    typed = {
        "name": "Renamed",
        "window_days": 7,
        "holdout_percent": 50,
        "secondary_metrics": ["clicked"],
        "control_label": "B",
        weight(draft.offer, "A"): 9,
    }
    response = admin_client.post(f"{ADMIN}{draft.pk}/change/", form_data(page, **typed))

    assert response.status_code == 302
    draft.refresh_from_db()
    assert draft.name == "Renamed"
    assert (draft.window_days, draft.holdout_percent, draft.control_label) == (30, 0, "A")
    assert draft.secondary_metrics == []
    assert arms_of(draft) == [("A", 1), ("B", 1)]


def test_a_draft_that_was_started_meanwhile_keeps_its_terms(admin_client, monkeypatch) -> None:
    draft = make_draft()
    page = admin_client.get(f"{ADMIN}{draft.pk}/change/")
    typed = {"name": "Renamed", "window_days": 7, weight(draft.offer, "A"): 9}
    sent = form_data(page, **typed)
    validate = ExperimentForm.is_valid

    def start_after_validating(form) -> bool:
        is_valid = validate(form)
        start_experiment(experiment=draft, planned_customers=None, by=None, now=timezone.now())
        return is_valid

    monkeypatch.setattr(ExperimentForm, "is_valid", start_after_validating)
    response = admin_client.post(f"{ADMIN}{draft.pk}/change/", sent, follow=True)

    assert "It was started meanwhile, so only the name was stored." in response.text
    draft.refresh_from_db()
    assert (draft.name, draft.status, draft.window_days) == ("Renamed", "running", 30)
    assert arms_of(draft) == [("A", 1), ("B", 1)]


def test_the_holdout_of_a_quarter_is_not_written(admin_client) -> None:
    quarter = Experiment.objects.create(name="Q4", quarter="2026-Q4", holdout_percent=5)

    page = admin_client.get(f"{ADMIN}{quarter.pk}/change/")

    assert [field.name for field in page.context["adminform"].form] == ["name"]
    assert "All offers together against none" in page.text


def test_only_drafts_are_deleted(admin_client) -> None:
    draft, started = make_draft(), make_draft()
    start_experiment(experiment=started, planned_customers=None, by=None, now=timezone.now())

    assert admin_client.post(f"{ADMIN}{started.pk}/delete/", {"post": "yes"}).status_code == 403
    assert admin_client.post(f"{ADMIN}{draft.pk}/delete/", {"post": "yes"}).status_code == 302

    assert list(Experiment.objects.all()) == [started]
    assert ExperimentArm.objects.filter(experiment=started).count() == 2


def test_each_page_needs_its_permission() -> None:
    draft = make_draft()
    change, offers = f"{ADMIN}{draft.pk}/change/", f"{ADMIN}add/?offer={draft.offer_id}"
    planner = f"{ADMIN}planner/"

    for held, allowed in {
        (): set(),
        ("view_experiment",): {ADMIN, change},
        ("change_experiment",): {ADMIN, change, planner},
        ("add_experiment",): {f"{ADMIN}add/", offers, planner},
        ("decide_experiment",): set(),
    }.items():
        client = staff_client(*held)
        for page in (ADMIN, change, f"{ADMIN}add/", offers, planner):
            send = client.post if page == planner else client.get
            assert send(page).status_code == (200 if page in allowed else 403), (held, page)


def test_who_may_only_look_gets_no_form_and_can_store_nothing(admin_client) -> None:
    draft = make_draft()
    client = staff_client("view_experiment")
    sent = form_data(admin_client.get(f"{ADMIN}{draft.pk}/change/"), name="Changed")

    page = client.get(f"{ADMIN}{draft.pk}/change/")
    response = client.post(f"{ADMIN}{draft.pk}/change/", sent)

    assert "weight_" not in page.text
    assert "data-ppx-planner" not in page.text
    assert response.status_code == 403


def test_what_staff_wrote_is_escaped(admin_client) -> None:
    offer = offer_with("A", "<i>B</i>", name="<b>Offer</b>")
    draft = make_draft(offer, name="<script>alert(1)</script>")

    for page in ("", "add/", f"{draft.pk}/change/", f"{draft.pk}/start/"):
        text = admin_client.get(f"{ADMIN}{page}").text
        assert "<script>alert" not in text
        assert "<b>Offer" not in text
        assert "<i>B" not in text


def test_no_page_has_a_script_style_or_handler_inside(admin_client) -> None:
    draft, started = make_draft(), make_draft(coverage_percent=50)
    start_experiment(experiment=started, planned_customers=None, by=None, now=timezone.now())

    for page in (
        "",
        "add/",
        f"add/?offer={draft.offer_id}",
        f"{draft.pk}/change/",
        f"{draft.pk}/start/",
        f"{started.pk}/change/",
        f"{started.pk}/coverage/",
        f"{started.pk}/shares/",
    ):
        response = admin_client.get(f"{ADMIN}{page}")
        assert response.status_code == 200, page
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", response.text), page
        scripts = re.findall(r"<script\b[^>]*>", response.text)
        assert all(" src=" in tag or "application/json" in tag for tag in scripts), page


def test_an_offers_page_leads_to_a_test_of_it(admin_client) -> None:
    offer = make_offer()
    page = f"/admin/django_ppx/message/{offer.pk}/change/"

    assert f"{ADMIN}add/?offer={offer.pk}" in admin_client.get(page).text
    assert f"{ADMIN}add/" not in staff_client("change_message").get(page).text


def test_the_form_takes_as_many_queries_for_many_variants_as_for_two(admin_client) -> None:
    few, many = make_draft(), make_draft(offer_with(*"ABCDEF"))

    counts = [
        count_queries(lambda draft=draft: admin_client.get(f"{ADMIN}{draft.pk}/change/"))
        for draft in (few, many)
    ]

    assert counts[0] == counts[1] <= 16
