"""The result page: who may see it, what stands on it, and what it costs."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import RequestFactory
from django.urls import reverse

from django_ppx.experiments.models import Experiment, ExperimentArm, ExperimentDecision
from django_ppx.experiments.sample_ratio import RatioState
from django_ppx.insights.admin.loading import Loaded
from django_ppx.insights.results import Counted, ExperimentResult, Increment, VerdictState
from django_ppx.insights.snapshots import result_as_json
from tests.admin_pages import count_queries
from tests.insights.admin.started import STARTED_AT, make_draft, make_phase, make_started
from tests.insights.made_results import (
    make_arm,
    make_days,
    make_difference,
    make_figure,
    make_result,
    make_terms,
    span,
)
from tests.offers.admin_users import staff_client

pytestmark = pytest.mark.django_db

LATER = datetime(2026, 5, 1, 12, tzinfo=UTC)


def url_of(experiment: Experiment, page: str = "result") -> str:
    return reverse(f"admin:django_ppx_experiment_{page}", args=[experiment.pk])


def full_result() -> ExperimentResult:
    """Return a result with something in every part of the page."""
    figures = {
        counted: make_figure(mean=0.061, difference=make_difference()) for counted in Counted
    }
    arms = (
        make_arm(
            "A", is_control=True, is_holdout=True, figures=dict.fromkeys(Counted, make_figure())
        ),
        make_arm("B", figures=figures),
    )
    gain = Increment(
        arm_label="B", counted=Counted.ORDERS, amount=128.2, interval=span(46.1, 209.8)
    )
    return make_result(
        arms=arms,
        secondary=(Counted.REVENUE, Counted.REPEAT),
        increments=(gain,),
        days=make_days(12, ratio_state=RatioState.AMBER),
    )


def page_of(result: ExperimentResult, experiment: Experiment, **terms: Any) -> str:
    """Return the page as it is drawn of `result`."""
    request = RequestFactory().get(url_of(experiment))
    request.user = User(username="staff", is_staff=True, is_superuser=True, is_active=True)
    model_admin: Any = admin.site.get_model_admin(Experiment)
    phases = tuple(experiment.phases.order_by("number"))
    loaded = Loaded(
        experiment=experiment,
        phases=phases,
        phase=phases[-1],
        result=result,
        terms=make_terms(**terms),
        now=LATER,
    )
    return model_admin.result_page(request, loaded).render().text


def test_every_part_is_on_the_page() -> None:
    text = page_of(full_result(), make_started(hypothesis="They come back."))

    headings = re.findall(r'<h2 class="ppx-part__heading"[^>]*>(.*?)</h2>', text)
    assert headings == [
        "The arms",
        "The difference over time",
        "Progress",
        "Who takes part",
        "More than the control",
        "Also shown",
        "What must not get worse",
        "Decision log",
    ]
    assert "“B” is better: 6.1% of its customers bought again within 30 days" in text
    assert "They come back." in text
    assert "Nothing can be concluded from them" not in text
    assert "How these numbers are made" in text
    assert (
        '<progress class="ppx-trial__progress" aria-labelledby="ppx-progress-text" max="17458" value="1240">'
        in text
    )
    assert "Running since March 1, 2026" in text


def test_each_chart_is_an_image_with_a_name_and_a_description_and_has_its_table() -> None:
    text = page_of(full_result(), make_started())

    charts = re.findall(
        r'<svg class="ppx-chart__svg[^"]*" role="img" aria-labelledby="(\S+) (\S+)"(.*?)</svg>',
        text,
        re.S,
    )
    assert len(charts) == 4  # two, each wide and narrow
    for title, description, inside in charts:
        assert f'<title id="{title}">' in inside
        assert f'<desc id="{description}">' in inside
    assert text.count('<details class="ppx-table">') == 2
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))


def test_a_strict_policy_passes() -> None:
    text = page_of(full_result(), make_started())

    content = text[text.index('id="content-main"') :]
    assert " style=" not in content
    assert "<script" not in content.replace('<script id="django-admin-', "")
    assert not re.search(r"\son[a-z]+=", content)


def test_numbers_in_pictures_are_numbers_in_every_language(settings) -> None:
    settings.LANGUAGE_CODE = "de"
    from django.utils import translation  # noqa: PLC0415

    with translation.override("de"):
        text = page_of(full_result(), make_started())

    points = re.findall(r' points="([^"]+)"', text)
    assert points
    assert all(re.fullmatch(r"[\d., -]+", each) for each in points)
    assert not re.search(r' (?:x|y|x1|x2|y1|y2|cx|cy|width|height|max|value)="\d+,\d', text)
    assert 'max="17458"' in text


def test_what_staff_write_is_escaped() -> None:
    nasty = "<img src=x onerror=alert(1)>"
    experiment = make_started(name=nasty, hypothesis=nasty)
    experiment.offer.name = nasty
    experiment.offer.save()
    ExperimentDecision.objects.create(
        experiment=experiment,
        action="decided",
        arm_label=nasty,
        reason=nasty,
        made_at=STARTED_AT,
        snapshot={**result_as_json(make_result()), "arms": [{"label": nasty, "figures": {}}]},
    )
    result = full_result()
    control, other = result.arms
    nasty_arm = replace(other, label=nasty)
    nasty_days = make_days(12, differences={nasty: 0.01}, intervals={nasty: span(-0.01, 0.02)})

    text = page_of(
        replace(
            result,
            arms=(control, nasty_arm),
            days=nasty_days,
            verdict=replace(result.verdict, arm_label=nasty),
        ),
        experiment,
    )

    assert nasty not in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text


def test_the_page_begins_with_what_to_check_where_the_ratio_is_broken() -> None:
    result = replace(
        full_result(),
        verdict=replace(make_result().verdict, state=VerdictState.SAMPLE_RATIO, arm_label=""),
    )

    text = page_of(result, make_started())

    assert '<section class="ppx-banner ppx-banner--alarm"' in text
    assert "Is a page kept in a cache" in text
    assert "Nothing can be concluded from them" in text
    assert 'ppx-badge--running">better' not in text


def test_days_that_were_not_measured_are_said() -> None:
    measured = page_of(make_result(), make_started())
    late = page_of(make_result(as_of=datetime(2026, 4, 27).date()), make_started(name="Other"))  # noqa: DTZ001

    assert "has not run" not in measured
    assert (
        "These figures are of April 27, 2026: 3 days have passed since that are not measured."
        in late
    )


def test_a_draft_says_that_it_was_not_started(admin_client) -> None:
    response = admin_client.get(url_of(make_draft()))

    assert "Not started yet" in response.text
    assert "Nothing was done with it yet." in response.text
    assert response.context["csv_url"] == ""


def test_before_the_first_look_every_part_says_so(admin_client) -> None:
    response = admin_client.get(url_of(make_started()))

    assert response.status_code == 200
    for sentence in (
        "Not measured yet",
        "Nothing to draw yet",
        "Nobody takes part yet.",
        "Nothing can be said of orders, revenue and margin yet.",
        "0 of 17,458 planned customers have matured (0%).",
    ):
        assert sentence in response.text


def test_phases_have_an_address_each(admin_client) -> None:
    experiment = make_started()
    assert admin_client.get(url_of(experiment)).context["phases"] == []
    experiment.phases.update(ended_at=LATER)
    make_phase(experiment, number=2)

    latest, first = (
        admin_client.get(url_of(experiment)),
        admin_client.get(url_of(experiment) + "?phase=1"),
    )

    assert [phase["is_current"] for phase in latest.context["phases"]] == [False, True]
    assert [phase["is_current"] for phase in first.context["phases"]] == [True, False]
    assert "analysed apart" in first.text
    assert first.context["csv_url"].endswith("/result.csv?phase=1")


@pytest.mark.parametrize("phase", ["3", "0", "-1", "x", "1\x00", "01", "9" * 40])
def test_a_phase_that_does_not_exist_is_not_found(admin_client, phase) -> None:
    experiment = make_started()

    assert admin_client.get(url_of(experiment), {"phase": phase}).status_code == 404


@pytest.mark.parametrize("page", ["result", "result_csv"])
def test_seeing_the_result_needs_the_permission_to_see_experiments(client, page) -> None:
    experiment = make_started()

    assert client.get(url_of(experiment, page)).status_code == 302
    assert staff_client("view_offer").get(url_of(experiment, page)).status_code == 403
    assert staff_client("view_experiment").get(url_of(experiment, page)).status_code == 200
    assert staff_client("view_experiment").post(url_of(experiment, page)).status_code == 405


@pytest.mark.parametrize("page", ["result", "result_csv", "stop", "decide", "roll_out"])
@pytest.mark.parametrize("pk", [0, 999_999, "x", "9" * 40])
def test_an_experiment_that_does_not_exist_is_not_found(admin_client, page, pk) -> None:
    url = reverse(f"admin:django_ppx_experiment_{page}", args=[pk])

    assert admin_client.get(url).status_code == 404


def test_the_page_is_kept_nowhere(admin_client) -> None:
    experiment = make_started()

    for page in ("result", "result_csv", "stop"):
        assert "no-store" in admin_client.get(url_of(experiment, page))["Cache-Control"]


def test_the_file_has_the_arms(admin_client) -> None:
    experiment = make_started()

    response = admin_client.get(url_of(experiment, "result_csv"))

    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert [(row["section"], row["arm"], row["role"]) for row in rows] == [
        ("arm", "A", "control holdout"),
        ("arm", "B", "variant"),
    ]
    assert response["Content-Disposition"] == (
        f'attachment; filename="experiment-{experiment.pk}-phase-1.csv"'
    )


def test_a_draft_has_no_file(admin_client) -> None:
    assert admin_client.get(url_of(make_draft(), "result_csv")).status_code == 404


def test_the_page_takes_few_queries_and_no_more_for_much(admin_client) -> None:
    experiment = make_started()
    one = count_queries(lambda: admin_client.get(url_of(experiment)))
    for number in range(2, 8):
        make_phase(experiment, number=number, ended_at=LATER)
        ExperimentArm.objects.create(experiment=experiment, label=f"C{number}")
        for action in ExperimentDecision.Action.values:
            ExperimentDecision.objects.create(
                experiment=experiment,
                action=action,
                made_at=LATER,
                made_by=User.objects.create_user(f"staff-{number}-{action}"),
            )

    assert count_queries(lambda: admin_client.get(url_of(experiment))) == one
    assert one <= 12


def test_the_log_names_who_when_and_why_newest_first() -> None:
    experiment = make_started()
    person = User.objects.create_user("staff")
    for action, label, reason in (
        ("started", "", ""),
        ("stopped", "", "Enough."),
        ("decided", "B", "It is\nbetter."),
    ):
        ExperimentDecision.objects.create(
            experiment=experiment,
            action=action,
            arm_label=label,
            reason=reason,
            made_at=LATER,
            made_by=person if action != "started" else None,
            snapshot=result_as_json(make_result()) if action == "decided" else {},
        )

    text = page_of(make_result(), experiment)

    log = text[text.index("Decision log") :]
    assert re.findall(r'<span class="ppx-history__what">(.*?)</span>', log) == [
        "Decided: “B”",
        "Stopped",
        "Started",
    ]
    assert re.findall(r'<span class="ppx-history__when">(.*?)</span>', log) == [
        "May 1, 2026, 2 p.m., staff",
        "May 1, 2026, 2 p.m., staff",
        "May 1, 2026, 2 p.m., by itself",
    ]
    assert "It is<br>better." in log
    assert re.findall(r'<span class="ppx-history__figure">(.*?)</span>', log) == [
        "“A”: 5.0% of 8,000 matured customers",
        "“B”: 6.1% of 8,000 matured customers, +1.1 points against the control",
    ]
