"""Stop, decide, roll out: who may, when, and that nothing happens without a reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from django_ppx.experiments.models import Experiment, ExperimentDecision
from django_ppx.insights.admin.arms import winning_label
from django_ppx.insights.admin.asking import possible_pages
from django_ppx.insights.admin.loading import Loaded
from django_ppx.insights.results import Verdict, VerdictState
from django_ppx.offers.models import Offer
from tests.insights.admin.started import make_draft, make_started
from tests.insights.made_results import make_arm, make_result, make_terms
from tests.offers.admin_users import staff_client

pytestmark = pytest.mark.django_db

PAGES = ("stop", "decide", "roll_out")
WHY = "Enough was seen."


def url_of(experiment: Experiment, page: str) -> str:
    return reverse(f"admin:django_ppx_experiment_{page}", args=[experiment.pk])


def arm_pk(experiment: Experiment, label: str) -> str:
    return str(experiment.arms.get(label=label).pk)


def typed(experiment: Experiment, page: str) -> dict[str, str]:
    return {"reason": WHY} if page == "stop" else {"reason": WHY, "arm": arm_pk(experiment, "B")}


def in_state_for(page: str) -> Experiment:
    status = {"stop": "running", "decide": "stopped", "roll_out": "decided"}[page]
    return make_started(status=status)


def loaded_of(experiment: Experiment) -> Loaded:
    return Loaded(
        experiment=experiment,
        phases=(),
        phase=None,
        result=make_result(),
        terms=make_terms(),
        now=datetime(2026, 5, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize("page", PAGES)
def test_asking_changes_nothing(admin_client, page) -> None:
    experiment = in_state_for(page)
    before = Experiment.objects.values().get(pk=experiment.pk)

    response = admin_client.get(url_of(experiment, page))

    assert response.status_code == 200
    assert "What happens" in response.text
    assert "There is no verdict." in response.text
    assert Experiment.objects.values().get(pk=experiment.pk) == before
    assert not ExperimentDecision.objects.exists()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_it_needs_the_permission_to_decide(page, method) -> None:
    experiment = in_state_for(page)
    data = typed(experiment, page)

    for permissions in (("view_experiment",), ("change_experiment",), ("decide_experiment",)):
        response = getattr(staff_client(*permissions), method)(url_of(experiment, page), data)
        assert response.status_code == 403, permissions
    assert not ExperimentDecision.objects.exists()

    both = staff_client("view_experiment", "decide_experiment")
    assert getattr(both, method)(url_of(experiment, page), data).status_code in (200, 302)


@pytest.mark.parametrize("page", PAGES)
def test_a_reason_is_needed(admin_client, page) -> None:
    experiment = in_state_for(page)

    response = admin_client.post(
        url_of(experiment, page), {**typed(experiment, page), "reason": " "}
    )

    assert "This field is required." in response.text
    assert not ExperimentDecision.objects.exists()


@pytest.mark.parametrize("page", ["decide", "roll_out"])
@pytest.mark.parametrize("arm", ["", "0", "B", "999999"])
def test_an_arm_of_this_experiment_is_needed(admin_client, page, arm) -> None:
    experiment, other = in_state_for(page), in_state_for(page)

    for value in (arm, arm_pk(other, "B")):
        response = admin_client.post(url_of(experiment, page), {"reason": WHY, "arm": value})
        assert response.status_code == 200
        assert response.context["form"].errors["arm"]
    assert not ExperimentDecision.objects.exists()


@pytest.mark.parametrize(
    ("page", "status", "label"),
    [("stop", "stopped", ""), ("decide", "decided", "B")],
)
def test_it_is_done_and_logged_with_the_figures(
    admin_client, admin_user, page, status, label
) -> None:
    experiment = in_state_for(page)

    response = admin_client.post(url_of(experiment, page), typed(experiment, page))

    assert response.status_code == 302
    assert response["Location"] == url_of(experiment, "result")
    experiment.refresh_from_db()
    assert experiment.status == status
    line = ExperimentDecision.objects.get(action=status)
    assert (line.arm_label, line.reason, line.made_by) == (label, WHY, admin_user)
    assert line.snapshot["verdict"] == {"state": "not_measured", "arm_label": ""}
    assert [arm["label"] for arm in line.snapshot["arms"]] == ["B", "A"]


def test_it_may_be_decided_for_none_of_the_arms(admin_client) -> None:
    experiment = in_state_for("decide")

    admin_client.post(url_of(experiment, "decide"), {"reason": WHY, "arm": "-"})

    assert ExperimentDecision.objects.get(action="decided").arm_label == ""


def test_rolling_out_the_holdout_pauses_the_offer(admin_client) -> None:
    experiment = in_state_for("roll_out")
    assert "the offer is paused, and nobody sees it any more" in (
        admin_client.get(url_of(experiment, "roll_out")).text
    )

    admin_client.post(
        url_of(experiment, "roll_out"), {"reason": WHY, "arm": arm_pk(experiment, "A")}
    )

    assert Offer.objects.get(pk=experiment.offer_id).status == "paused"
    assert ExperimentDecision.objects.get(action="rolled_out").arm_label == "A"


@pytest.mark.parametrize(
    ("page", "status"),
    [
        ("stop", "stopped"),
        ("stop", "draft"),
        ("decide", "decided"),
        ("roll_out", "running"),
        ("roll_out", "stopped"),
    ],
)
def test_what_does_not_fit_the_state_is_said_and_not_done(admin_client, page, status) -> None:
    experiment = make_draft() if status == "draft" else make_started(status=status)

    response = admin_client.post(url_of(experiment, page), typed(experiment, page))

    assert response.status_code == 200
    assert len(response.context["form"].non_field_errors()) == 1
    assert not ExperimentDecision.objects.exists()


def test_other_methods_are_refused(admin_client) -> None:
    assert admin_client.put(url_of(make_started(), "stop")).status_code == 405


@pytest.mark.parametrize(
    ("status", "pages"),
    [
        ("draft", ()),
        ("running", ("decide", "stop")),
        ("stopped", ("decide",)),
        ("decided", ("roll_out",)),
    ],
)
def test_only_what_fits_is_offered(status, pages) -> None:
    experiment = make_draft() if status == "draft" else make_started(status=status)

    assert possible_pages(loaded_of(experiment), []) == pages
    rolled_out = [ExperimentDecision(action="rolled_out")]
    assert "roll_out" not in possible_pages(loaded_of(experiment), rolled_out)


def test_the_holdout_of_a_quarter_is_never_rolled_out() -> None:
    experiment = Experiment.objects.create(name="Q", quarter="2026-Q1", status="decided")

    assert possible_pages(loaded_of(experiment), []) == ()


@pytest.mark.parametrize("permissions", [("view_experiment",), ("change_experiment",)])
def test_who_may_not_decide_is_offered_nothing(permissions) -> None:
    response = staff_client(*permissions).get(url_of(make_started(), "result"))

    assert response.context["tools"] == {}


@pytest.mark.parametrize(
    ("verdict", "label"),
    [
        (Verdict(state=VerdictState.BETTER, arm_label="B"), "B"),
        (Verdict(state=VerdictState.WORSE, arm_label="B"), "A"),
        (Verdict(state=VerdictState.NOT_SHOWN), None),
        (Verdict(state=VerdictState.OPEN), None),
    ],
)
def test_the_arm_that_the_verdict_speaks_for_is_the_winning_one(verdict, label) -> None:
    assert winning_label(replace(make_result(), verdict=verdict)) == label


def test_of_three_arms_of_which_one_is_worse_none_is_the_winning_one() -> None:
    result = make_result(VerdictState.WORSE)

    assert winning_label(replace(result, arms=(*result.arms, make_arm("C")))) is None


def test_what_was_decided_for_is_chosen_beforehand(admin_client) -> None:
    experiment = make_started()
    first = admin_client.get(url_of(experiment, "decide"))
    assert first.context["form"]["arm"].initial is None
    admin_client.post(url_of(experiment, "decide"), {"reason": WHY, "arm": arm_pk(experiment, "A")})

    response = admin_client.get(url_of(experiment, "roll_out"))

    assert response.context["form"]["arm"].initial == arm_pk(experiment, "A")
    assert "Roll out the winner" in admin_client.get(url_of(experiment, "result")).text
