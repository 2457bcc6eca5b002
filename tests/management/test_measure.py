"""`manage.py ppx_measure`: what it prints, and its exit status."""

from __future__ import annotations

from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from django_ppx.insights.models import ExperimentLook
from django_ppx.testing import make_experiment
from tests.insights.days import at

pytestmark = pytest.mark.django_db


def run(*arguments: str, day: int = 3) -> str:
    out = StringIO()
    with time_machine.travel(at(day, 1), tick=False):
        call_command("ppx_measure", *arguments, stdout=out)
    return out.getvalue()


def test_without_an_experiment_there_is_nothing_to_measure() -> None:
    assert run() == "There is nothing to measure.\n"


def test_it_says_what_it_did_for_each_experiment() -> None:
    one = make_experiment(name="Wording")

    assert run(day=1) == f"Wording (#{one.pk}): 1 new look, measured up to 2026-03-02.\n"
    assert run() == f"Wording (#{one.pk}): 2 new looks, measured up to 2026-03-04.\n"
    assert run() == f"Wording (#{one.pk}): up to date.\n"


def test_one_experiment_alone() -> None:
    one = make_experiment(name="Wording")
    make_experiment()

    printed = run("--experiment", str(one.pk))

    assert printed == f"Wording (#{one.pk}): 3 new looks, measured up to 2026-03-04.\n"
    assert set(ExperimentLook.objects.values_list("phase__experiment", flat=True)) == {one.pk}


def test_an_unknown_experiment_is_an_error() -> None:
    with pytest.raises(CommandError, match="There is no experiment with the id 77"):
        run("--experiment", "77")


def test_a_failed_one_is_an_error_after_the_others() -> None:
    broken = make_experiment(name="Broken", shares={"A": 1})
    one = make_experiment(name="Wording")
    out = StringIO()

    with (
        time_machine.travel(at(2, 1), tick=False),
        pytest.raises(CommandError, match="the log of django_ppx says why"),
    ):
        call_command("ppx_measure", stdout=out)

    assert out.getvalue() == (
        f"Broken (#{broken.pk}): failed after 0 new looks.\n"
        f"Wording (#{one.pk}): 2 new looks, measured up to 2026-03-03.\n"
    )


def test_a_long_way_says_how_far_it_is() -> None:
    make_experiment()

    printed = run(day=20)

    assert " 10%  2 of 20, " in printed
    assert "100%  20 of 20, " in printed
