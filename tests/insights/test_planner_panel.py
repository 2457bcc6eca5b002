"""The planner beside the form: as a fragment for the script, by its button without one, and what it leaves behind."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from django_ppx.experiments.models import Experiment
from django_ppx.insights.experiment_forms import weight_name
from django_ppx.offers.models import Offer
from tests.admin_pages import error_texts, form_data
from tests.insights.experiments import ADMIN, make_draft, offer_with

pytestmark = pytest.mark.django_db

EXPECTED = {"assumed_rate_percent": "5", "assumed_daily": "400"}


def sent(client, offer, **typed: Any) -> dict[str, Any]:
    return form_data(client.get(f"{ADMIN}add/?offer={offer.pk}"), **typed)


def test_the_fragment_answers_for_the_form_as_it_stands(admin_client) -> None:
    offer = offer_with("A", "B")

    response = admin_client.post(f"{ADMIN}planner/", sent(admin_client, offer, **EXPECTED))

    words = response.context["plan_words"]
    day = timezone.localdate() + timedelta(days=88)
    assert words.answer.startswith("17,458 customers, about 13 weeks: an answer around ")
    assert str(day.day) in words.answer
    assert [row.label for row in words.rows] == ["50/50", "90/10"]
    assert "<html" not in response.text
    assert "private" in response["Cache-Control"]
    assert not Experiment.objects.exists()


def test_the_fragment_follows_weights_holdout_and_plan(admin_client) -> None:
    offer = offer_with("A", "B")
    weights = {weight_name(offer.variants.get(label="B")): 0}

    data = sent(admin_client, offer, **EXPECTED, **weights, holdout_percent=10, plan="anytime")
    words = admin_client.post(f"{ADMIN}planner/", data).context["plan_words"]

    [row] = [row for row in words.rows if row.is_entered]
    assert (row.label, row.anytime.is_chosen, row.anytime.customers) == (
        "90/10",
        True,
        "79,060 customers",
    )


def test_the_form_of_a_stored_draft_tells_the_panel_its_offer(admin_client) -> None:
    draft = make_draft(offer_with("A", "B"), holdout_percent=20)
    Offer.objects.update(status="archived")  # since it was written
    page = admin_client.get(f"{ADMIN}{draft.pk}/change/")
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text)

    data = {**form_data(page, **EXPECTED), **dict(hidden)}
    words = admin_client.post(f"{ADMIN}planner/", data).context["plan_words"]

    assert [row.label for row in words.rows] == ["33/33/33", "45/45/10", "40/40/20"]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (
            {"smallest_lift_percent": "0.1", "assumed_rate_percent": "0.01", "assumed_daily": "1"},
            "This would not answer.",
        ),
        ({"starts_at_0": "9999-12-31", "starts_at_1": "12:00:00"}, "17,458 customers"),
    ],
)
def test_what_takes_longer_than_the_calendar_is_answered_too(admin_client, typed, sentence) -> None:
    offer = offer_with("A", "B")

    data = {**sent(admin_client, offer, **EXPECTED), **typed}
    response = admin_client.post(f"{ADMIN}planner/", data)

    assert response.status_code == 200
    assert sentence in response.text


def test_a_refused_plan_says_why(admin_client) -> None:
    offer = offer_with("A", "B")
    data = sent(admin_client, offer, assumed_rate_percent="5", assumed_daily="10")

    response = admin_client.post(f"{ADMIN}planner/", data)

    assert "This would not answer." in response.text
    assert "No answer within a year." in response.text


def test_a_form_that_says_too_little_names_what_is_missing(admin_client) -> None:
    offer = offer_with("A", "B")
    data = sent(admin_client, offer, window_days="", smallest_lift_percent="much")

    response = admin_client.post(f"{ADMIN}planner/", data)

    assert [str(label) for label, _text in response.context["plan_errors"]] == [
        "Within (days)",
        "Smallest effect worth knowing",
    ]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"offer": "1\x00", "window_days": "1\x00"},
        {"offer": "9" * 40, "window_days": "9" * 5000, "primary_metric": "x"},
        {"assumed_daily": "NaN", "assumed_rate_percent": "Infinity"},
    ],
)
def test_whatever_is_posted_the_panel_answers(admin_client, data) -> None:
    assert admin_client.post(f"{ADMIN}planner/", data).status_code == 200


def test_the_panel_is_posted_to(admin_client) -> None:
    assert admin_client.get(f"{ADMIN}planner/").status_code == 405


def test_without_a_script_the_button_works_it_out_and_stores_nothing(admin_client) -> None:
    offer = offer_with("A", "B")
    data = sent(admin_client, offer, **EXPECTED, name="", coverage_percent=50)

    response = admin_client.post(f"{ADMIN}add/?offer={offer.pk}", {**data, "_work_out": "1"})

    assert response.status_code == 200
    assert error_texts(response) == {}
    assert response.context["adminform"].form["coverage_percent"].value() == "50"
    assert response.context["plan_words"].answer.startswith("17,458 customers, about 19 weeks")
    assert not Experiment.objects.exists()


def test_the_button_leaves_a_stored_draft_as_it_is(admin_client) -> None:
    draft = make_draft()
    page = f"{ADMIN}{draft.pk}/change/"
    data = form_data(admin_client.get(page), name="Other", window_days=7, **EXPECTED)

    response = admin_client.post(page, {**data, "_work_out": "1"})

    assert response.context["plan_words"].answer
    draft.refresh_from_db()
    assert (draft.name, draft.window_days) == ("Ticket or card", 30)


def test_a_stored_draft_is_planned_when_its_page_opens(admin_client) -> None:
    draft = make_draft(
        starts_at=timezone.now() + timedelta(days=3), ends_at=timezone.now() + timedelta(days=90)
    )

    words = admin_client.get(f"{ADMIN}{draft.pk}/change/").context["plan_words"]

    assert len(words.asks) == 2  # there is no history


def test_the_size_that_follows_from_an_assumption_is_kept(admin_client) -> None:
    offer = offer_with("A", "B")

    response = admin_client.post(
        f"{ADMIN}add/?offer={offer.pk}", sent(admin_client, offer, **EXPECTED), follow=True
    )

    assert Experiment.objects.get().planned_customers == 17_458
    assert "From what you expect, 17,458 customers are planned." in response.text


def test_an_entered_size_stays(admin_client) -> None:
    offer = offer_with("A", "B")

    data = sent(admin_client, offer, **EXPECTED, planned_customers=500)
    admin_client.post(f"{ADMIN}add/?offer={offer.pk}", data)

    assert Experiment.objects.get().planned_customers == 500
