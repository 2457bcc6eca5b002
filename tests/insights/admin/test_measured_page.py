"""The result page of looks that were really taken, from orders to the sentence."""

from __future__ import annotations

import csv
import io

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from django_ppx.experiments.models import Experiment, ExperimentDecision
from django_ppx.insights.admin.terms import Terms
from django_ppx.insights.looking import take_look
from django_ppx.testing import make_experiment
from tests.admin_pages import count_queries
from tests.insights.days import START, at, buy, expose

pytestmark = pytest.mark.django_db


def run_for(days: int, *, every: int = 2) -> Experiment:
    """Return an experiment of two customers a day and arm; in "A" every `every`-th one buys again on the next day."""
    experiment = make_experiment(
        shares={"A": 50, "nothing": 50},
        phase={"window_days": 2, "planned_customers": 400, "secondary_metrics": ["revenue"]},
    )
    for day in range(days):
        for number in range(2):
            exposure = expose(experiment, "A", day=day)
            expose(experiment, "nothing", day=day)
            if (2 * day + number) % every == 0:
                buy(exposure, day=day + 1)
    for day in range(days):
        take_look(phase=experiment.phases.get(), day_no=START + day, now=at(day + 1))
    return experiment


def url_of(experiment: Experiment, page: str = "result") -> str:
    return reverse(f"admin:django_ppx_experiment_{page}", args=[experiment.pk])


def test_the_page_shows_what_the_looks_hold(admin_client: Client) -> None:
    experiment = run_for(8)

    context = admin_client.get(url_of(experiment)).context

    control, arm = context["arms"]
    assert (control.label, control.exposed, control.matured, control.mean) == (
        "nothing",
        "16",
        "12",
        "0.0%",
    )
    assert (arm.label, arm.exposed, arm.matured, arm.mean) == ("A", "16", "12", "50.0%")
    assert (arm.share, arm.planned_share) == ("50.0%", "50.0%")
    assert context["progress"].text == "24 of 400 planned customers have matured (6%)."
    assert context["banner"].kicker == "Not yet"
    assert [row.name for row in context["secondary"]] == ["Net revenue per customer"]
    assert [row.name for row in context["guardrails"]] == [
        "Had a refund",
        "Complained",
        "Closed the offer",
    ]
    assert len(context["bars"].rows) == 8
    [gain] = context["gains"]
    assert (gain.items[0].label, gain.items[0].amount) == ("Orders", "+6")


def test_the_file_holds_the_same(admin_client: Client) -> None:
    experiment = run_for(8)

    rows = list(
        csv.DictReader(io.StringIO(admin_client.get(url_of(experiment, "result_csv")).text))
    )

    [row] = [
        row
        for row in rows
        if (row["section"], row["arm"], row["counted"]) == ("arm", "A", "repeat")
    ]
    assert (row["exposed"], row["matured"], row["total"], row["mean"]) == ("16", "12", "6", "0.5")
    assert len([row for row in rows if row["section"] == "day"]) == 16


def test_more_looks_and_customers_take_no_more_queries(admin_client: Client) -> None:
    few, many = run_for(1), run_for(9)

    queries = [
        count_queries(lambda each=each: admin_client.get(url_of(each))) for each in (few, many)
    ]

    assert queries[0] == queries[1]
    assert queries[1] <= 12


def test_the_decision_keeps_the_figures_of_its_day(admin_client: Client) -> None:
    experiment = run_for(8)
    data = {"reason": "Enough.", "arm": str(experiment.arms.get(label="A").pk)}

    admin_client.post(url_of(experiment, "decide"), data)

    line = ExperimentDecision.objects.get(action="decided")
    assert line.made_by == User.objects.get()
    [kept] = [arm for arm in line.snapshot["arms"] if arm["label"] == "A"]
    assert (kept["matured"], kept["figures"]["repeat"]["mean"]) == (12, 0.5)
    log = admin_client.get(url_of(experiment)).context["log"]
    assert log[0].figures[0].startswith("“A”: 50.0% of 12 matured customers")


@pytest.mark.parametrize(("hour", "full_days"), [(0, 1), (12, 0)], ids=["midnight", "noon"])
def test_a_start_at_midnight_makes_the_first_day_a_full_one(hour, full_days) -> None:
    experiment = make_experiment()
    phase = experiment.phases.get()
    phase.started_at = at(0, hour)

    terms = Terms.of(phase, now=at(3))

    first = at(0).date()
    assert terms.full_days(first) == full_days
    assert terms.missing_days(None) == 2 + full_days
    assert terms.missing_days(first) == 2
