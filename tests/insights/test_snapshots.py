"""What the decision log keeps of a result."""

from __future__ import annotations

import json

from django_ppx.insights.results import Counted, Progress
from django_ppx.insights.snapshots import result_as_json
from tests.insights.made_results import make_arm, make_difference, make_figure, make_result, span


def test_the_figures_are_kept_by_name_and_the_days_are_not() -> None:
    kept = result_as_json(make_result())

    assert "days" not in kept
    assert (kept["as_of"], kept["primary"]) == ("2026-04-30", "repeat")
    assert kept["verdict"] == {"state": "better", "arm_label": "B"}
    assert kept["progress"] == {
        "matured": 1240,
        "exposed": 2600,
        "planned": 17458,
        "share": 0.071,
        "expected": "2026-05-03",
    }
    assert kept["ratio"] == {"state": "clean", "p_value": 0.31, "always_valid_p": 1.0}
    assert kept["arms"][1]["label"] == "B"
    assert kept["arms"][1]["figures"]["repeat"]["difference"] == {
        "difference": 0.011,
        "interval": {"low": 0.004, "high": 0.019},
        "p_value": 0.0031,
        "lift": 0.22,
        "lift_interval": {"low": 0.081, "high": 0.362},
        "outcome": "better",
    }


def test_it_is_json_whatever_the_numbers_are() -> None:
    endless = make_difference(interval=span(float("-inf"), float("inf")), p_value=float("nan"))
    arms = (make_arm("B", figures={Counted.REPEAT: make_figure(difference=endless)}),)
    progress = Progress(matured=0, exposed=0, planned=1, share=0.0, expected=None)

    kept = result_as_json(make_result(arms=arms, as_of=None, progress=progress))

    text = json.dumps(kept, allow_nan=False)
    assert json.loads(text) == kept
    found = kept["arms"][0]["figures"]["repeat"]["difference"]
    assert (found["interval"], found["p_value"]) == ({"low": None, "high": None}, None)
