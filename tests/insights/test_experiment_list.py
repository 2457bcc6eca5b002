"""The list of experiments."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from django_ppx.experiments.evaluability import Obstacle
from django_ppx.experiments.models import Experiment
from django_ppx.experiments.sample_ratio import RatioState
from django_ppx.experiments.sequences import Outcome, Trail
from django_ppx.experiments.starting import start_experiment
from django_ppx.insights.looks import ArmTrail, LookResults
from django_ppx.insights.models import ExperimentLook
from django_ppx.insights.results import RatioResult
from django_ppx.insights.sums import ArmSums, sums_as_json
from tests.admin_pages import count_queries
from tests.insights.experiments import ADMIN, make_draft

pytestmark = pytest.mark.django_db


def running(**overrides: Any) -> Experiment:
    draft = make_draft(**overrides)
    start_experiment(experiment=draft, planned_customers=None, by=None, now=timezone.now())
    return draft


def look(experiment: Experiment, day_no: int, *, matured: int, **found: Any) -> None:
    """Store a look; `outcome` is that of B, `obstacles` are those of the look."""
    arms = experiment.arms.all()
    sums = {arm.pk: ArmSums(exposed=matured, matured=matured) for arm in arms}
    trail = Trail(outcome=found.get("outcome", Outcome.OPEN))
    ratio = RatioState.CLEAN
    results = LookResults(
        full_days=9,
        obstacles=found.get("obstacles", ()),
        ratio=RatioResult(state=ratio, p_value=0.4, always_valid_p=1.0),
        primary={arms[1].pk: ArmTrail(trail=trail)},
        others={},
    )
    ExperimentLook.objects.create(
        phase=experiment.phases.latest("number"),
        day_no=day_no,
        local_date=date(2026, 3, 1),
        taken_at=timezone.now(),
        arms=sums_as_json(sums),
        results=results.as_json(),
        ratio_state=ratio.value,
    )


def test_an_empty_list_says_what_an_experiment_is(admin_client) -> None:
    text = admin_client.get(ADMIN).text

    assert "shows some customers one thing, others another or nothing" in text
    assert "Plan the first one" in text


def test_a_row_says_what_is_tested_and_how_far_it_is(admin_client) -> None:
    experiment = running(name="Ticket or card")
    look(experiment, 20_514, matured=300, outcome=Outcome.BETTER)
    look(experiment, 20_513, matured=100, obstacles=(Obstacle.TOO_EARLY,))

    text = admin_client.get(ADMIN).text

    assert f'<a href="{ADMIN}{experiment.pk}/result/">Ticket or card</a>' in text
    assert experiment.offer.name in text
    assert "600 of 1,000 customers" in text
    assert "“B” is better" in text
    assert "A 50%" in text


def test_a_draft_leads_to_its_form_and_has_no_verdict(admin_client) -> None:
    draft = make_draft(holdout_percent=10)

    text = admin_client.get(ADMIN).text

    assert f'<a href="{ADMIN}{draft.pk}/change/">' in text
    assert "Nothing shown 10%" in text
    assert "Not measured yet" not in text


def test_what_was_not_measured_says_so(admin_client) -> None:
    running()

    text = admin_client.get(ADMIN).text

    assert "Not measured yet" in text
    assert "0 of 1,000 customers" in text


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        ({}, "Nothing shown so far"),
        ({"obstacles": (Obstacle.TOO_EARLY, Obstacle.TOO_FEW)}, "Too early"),
        ({"obstacles": (Obstacle.TOO_FEW,)}, "Too few so far"),
        ({"obstacles": (Obstacle.EMPTY_ARM,)}, "Nobody&#x27;s time is over yet"),
        ({"outcome": Outcome.WORSE}, "“B” is worse"),
        ({"outcome": Outcome.NOT_SHOWN}, "No difference shown"),
        ({"outcome": Outcome.BETTER, "obstacles": (Obstacle.TOO_FEW,)}, "“B” is better"),
        ({"outcome": Outcome.BETTER, "obstacles": (Obstacle.SAMPLE_RATIO,)}, "Withheld"),
    ],
)
def test_the_verdict_is_that_of_the_newest_look(admin_client, found, verdict) -> None:
    look(running(), 20_513, matured=1, **found)

    assert verdict in admin_client.get(ADMIN).text


def test_the_list_is_filtered_by_status(admin_client) -> None:
    running(name="Goes on")
    make_draft(name="Still a draft")

    text = admin_client.get(ADMIN, {"status__exact": "draft"}).text

    assert "Still a draft" in text
    assert "Goes on" not in text


def test_a_long_list_takes_as_many_queries_as_a_short_one(admin_client) -> None:
    look(running(), 20_513, matured=1)
    one = count_queries(lambda: admin_client.get(ADMIN))
    for _time in range(99):
        look(running(), 20_513, matured=1)

    assert count_queries(lambda: admin_client.get(ADMIN)) == one <= 10
