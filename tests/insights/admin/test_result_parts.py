"""The parts of the result page as ready texts: tables, gains, guardrails, progress, charts, notes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from django_ppx.experiments.sample_ratio import RatioState
from django_ppx.experiments.sequences import Outcome
from django_ppx.insights.admin.decision_log import figures_then
from django_ppx.insights.admin.result_charts import bar_figure, trail_figures
from django_ppx.insights.admin.result_context import progress_bar
from django_ppx.insights.admin.result_notes import notes, ratio_note
from django_ppx.insights.admin.result_tables import (
    arm_rows,
    gains,
    guardrail_rows,
    secondary_rows,
)
from django_ppx.insights.admin.terms import Stage
from django_ppx.insights.results import (
    Counted,
    Increment,
    Progress,
    RatioResult,
    Verdict,
    VerdictState,
)
from tests.insights.made_results import (
    make_arm,
    make_arms,
    make_days,
    make_difference,
    make_figure,
    make_result,
    make_terms,
    span,
)


def guardrails_of(counted: Counted, *, low: float, high: float, is_holdout: bool = False):
    difference = make_difference(difference=(low + high) / 2, interval=span(low, high))
    arms = (
        make_arm(
            "A", is_control=True, is_holdout=is_holdout, figures={counted: make_figure(mean=0.02)}
        ),
        make_arm("B", figures={counted: make_figure(mean=0.03, difference=difference)}),
    )
    return guardrail_rows(make_result(arms=arms))


def test_an_arm_is_one_row_of_texts_and_the_control_comes_first() -> None:
    control, other = make_arms()
    arms = (replace(other, exposed=9000, share=0.45), replace(control, exposed=11_000, share=0.55))

    first, second = arm_rows(make_result(arms=arms))

    assert (first.label, first.is_control, first.share, first.planned_share) == (
        "A",
        True,
        "55.0%",
        "55.0%",
    )
    assert (first.difference, first.whisker, first.badge) == ("–", None, None)
    assert (second.exposed, second.share, second.planned_share, second.matured) == (
        "9,000",
        "45.0%",
        "45.0%",
        "8,000",
    )
    assert (second.mean, second.mean_spread) == ("6.1%", "5.6% to 6.6%")
    assert (second.difference, second.difference_spread) == ("+1.1 points", "+0.4 to +1.9 points")
    assert (second.lift, second.lift_spread, second.p_value) == (
        "+22.0%",
        "+8.1% to +36.2%",
        "0.0031",
    )
    assert second.badge == ("running", "better")
    assert second.whisker is not None


def test_arms_without_figures_have_their_customers_and_dashes() -> None:
    rows = arm_rows(
        make_result(arms=(make_arm("A", exposed=0, is_control=True), make_arm("B", exposed=0)))
    )

    assert [
        (row.exposed, row.share, row.mean, row.difference, row.lift, row.p_value) for row in rows
    ] == [("0", "–", "–", "–", "–", "–")] * 2


@pytest.mark.parametrize(
    "state", [VerdictState.SAMPLE_RATIO, VerdictState.TOO_EARLY, VerdictState.TOO_FEW]
)
def test_no_arm_is_called_better_where_the_verdict_is_withheld(state) -> None:
    assert [row.badge for row in arm_rows(make_result(state))] == [None, None]


def test_an_empty_interval_is_said_in_words_and_not_drawn() -> None:
    row = arm_rows(make_result(arms=make_arms(interval=span(0.02, 0.01))))[1]

    assert (row.difference_spread, row.whisker) == ("the looks have nothing in common", None)


def test_the_uncut_mean_stands_beside_the_cut_one() -> None:
    figures = {Counted.REVENUE: make_figure(mean=342, raw_mean=351.2, interval=span(300, 384))}
    arms = (make_arm("A", is_control=True, figures=figures),)

    [row] = arm_rows(make_result(primary=Counted.REVENUE, arms=arms))

    assert (row.mean, row.mean_spread, row.raw_mean) == ("€3.42", "€3.00 to €3.84", "€3.51")


def test_gains_are_sums_with_their_intervals() -> None:
    increments = (
        Increment(arm_label="B", counted=Counted.ORDERS, amount=128.4, interval=span(46.2, 210)),
        Increment(
            arm_label="B", counted=Counted.REVENUE, amount=457_449, interval=span(-79_000, 835_800)
        ),
        Increment(arm_label="B", counted=Counted.MARGIN, amount=-3.2, interval=span(-10, 4)),
    )

    [found] = gains(make_result(increments=increments))

    assert (found.arm, found.customers) == ("B", "8,000")
    assert [(item.label, item.amount, item.spread) for item in found.items] == [
        ("Orders", "+128", "+46 to +210"),
        ("Net revenue", "+€4,574", "−€790 to +€8,358"),
        ("Margin", "€0", "€0 to €0"),
    ]


def test_what_decides_is_not_shown_again_beside_it() -> None:
    arms = make_arms()
    arms[1].figures[Counted.CLICKED] = make_figure(mean=0.3)  # type: ignore[index]
    secondary = (Counted.REPEAT, Counted.CLICKED, Counted.REFUNDED)

    [row] = secondary_rows(make_result(secondary=secondary, arms=arms))

    assert (row.name, row.arm, row.customers, row.mean) == ("Clicked", "B", "8,000", "30.0%")
    assert (row.control, row.difference, row.p_value) == ("–", "–", "–")


@pytest.mark.parametrize(
    ("low", "high", "is_warning"),
    [
        (0.001, 0.02, True),
        (0.0, 0.02, False),
        (-0.01, 0.02, False),
        (-0.02, -0.001, False),
        (0.02, 0.01, False),
    ],
    ids=["worse", "touches zero", "holds zero", "better", "empty"],
)
def test_a_guardrail_warns_where_the_whole_interval_is_on_the_bad_side(
    low, high, is_warning
) -> None:
    [row] = guardrails_of(Counted.REFUNDED, low=low, high=high)

    assert row.is_warning is is_warning


def test_who_is_shown_nothing_is_not_compared_in_what_needs_the_offer() -> None:
    [dismissed] = guardrails_of(Counted.DISMISSED, low=0.02, high=0.03, is_holdout=True)
    [refunded] = guardrails_of(Counted.REFUNDED, low=0.02, high=0.03, is_holdout=True)

    assert (dismissed.mean, dismissed.control, dismissed.difference) == ("3.0%", "–", "–")
    assert (dismissed.is_warning, refunded.is_warning) == (False, True)


@pytest.mark.parametrize(
    ("progress", "terms", "value", "maximum", "text", "detail"),
    [
        (
            {"matured": 1240, "expected": date(2026, 5, 3)},
            {},
            1240,
            17_458,
            "1,240 of 17,458 planned customers have matured (7%).",
            "The rest is expected by May 3, 2026.",
        ),
        (
            {"matured": 1240, "expected": None},
            {},
            1240,
            17_458,
            "1,240 of 17,458 planned customers have matured (7%).",
            "When the rest will be there can't be told yet.",
        ),
        (
            {"matured": 1240, "expected": None},
            {"stage": Stage.STOPPED},
            1240,
            17_458,
            "1,240 of 17,458 planned customers have matured (7%).",
            "is over for 1,240.",
        ),
        (
            {"matured": 18_000, "expected": None},
            {},
            17_458,
            17_458,
            "The planned size of 17,458 customers is reached: 18,000 have matured.",
            "is over for 18,000.",
        ),
        (
            {"matured": 1240, "expected": None},
            {"has_end": False},
            0,
            0,
            "1,240 customers have matured. This plan has no fixed end.",
            "is over for 1,240.",
        ),
    ],
    ids=["expected", "cannot be told", "stopped", "reached", "no end"],
)
def test_progress_in_words(progress, terms, value, maximum, text, detail) -> None:
    whole = Progress(exposed=20_000, planned=17_458, share=0.071, **progress)

    bar = progress_bar(make_result(progress=whole), make_terms(**terms))

    assert (bar.value, bar.maximum, bar.text) == (value, maximum, text)
    assert bar.detail.startswith("20,000 customers take part; the window of 30 days is over for")
    assert bar.detail.endswith(detail)


def test_the_chart_of_an_arm_has_its_words_and_its_table() -> None:
    days = (
        *make_days(1, differences={"B": None}, intervals={"B": None}),
        *make_days(3)[1:],
    )

    [figure] = trail_figures(make_result(days=days), make_terms())

    assert figure.title == "“B” against “A”, day by day"
    assert figure.unit == "in points"
    assert figure.description == (
        "The band is where the difference lies, however often one looks; it narrows as customers mature. At zero there "
        "is no difference. On March 3, 2026: −1.8 to +3.8 points."
    )
    assert figure.rows == (
        ("March 2, 2026", "100", "+1.0 points", "−1.9 to +3.9 points"),
        ("March 3, 2026", "200", "+1.0 points", "−1.8 to +3.8 points"),
    )
    assert [picture.size for picture in figure.pictures] == ["wide", "narrow"]
    assert [label.text for label in figure.pictures[1].x_labels] == ["Mar 1", "Mar 2", "Mar 3"]
    assert [label.text for label in figure.pictures[0].y_labels] == ["−2.0", "0.0", "+2.0", "+4.0"]


def test_the_planned_size_is_marked_where_it_was_reached_or_is_expected() -> None:
    def planned(**progress) -> str:
        values = {"matured": 1, "exposed": 1, "planned": 500, "share": 0.1, "expected": None}
        result = make_result(progress=Progress(**{**values, **progress}))
        [figure] = trail_figures(result, make_terms())
        return figure.planned

    assert planned(planned=200) == "planned size reached"
    assert planned(expected=date(2026, 3, 9)) == "planned size expected"
    assert planned() == ""


def test_new_customers_a_day_have_a_table_that_says_what_stands_out() -> None:
    days = (
        *make_days(1),
        *make_days(2, ratio_state=RatioState.AMBER)[1:],
        *make_days(3, ratio_state=RatioState.RED)[2:],
    )

    figure = bar_figure(make_result(days=days))

    assert figure is not None
    assert (figure.title, figure.arms, figure.has_marks) == (
        "New customers a day, by arm",
        ("A", "B"),
        True,
    )
    assert figure.description == "From March 1, 2026 to March 3, 2026. In all A: 10,000, B: 10,000."
    assert figure.rows == (
        ("March 1, 2026", ("100", "90"), ""),
        ("March 2, 2026", ("100", "90"), "odd"),
        ("March 3, 2026", ("100", "90"), "broken"),
    )


def test_many_days_are_drawn_as_weeks_and_called_so() -> None:
    figure = bar_figure(make_result(days=make_days(130)))

    assert figure is not None
    assert figure.title == "New customers a week, by arm"
    assert len(figure.rows) == 130


def test_without_days_there_is_nothing_to_draw() -> None:
    result = make_result(days=())

    assert trail_figures(result, make_terms()) == []
    assert bar_figure(result) is None


@pytest.mark.parametrize(
    ("state", "word", "look"),
    [
        (RatioState.CLEAN, "clean", "running"),
        (RatioState.AMBER, "odd", "paused"),
        (RatioState.RED, "broken", "broken"),
    ],
)
def test_the_sample_ratio_is_said_with_its_numbers(state, word, look) -> None:
    ratio = RatioResult(state=state, p_value=0.00004, always_valid_p=0.0089)

    note = ratio_note(make_result(ratio=ratio))

    assert (note.word, note.look) == (word, look)
    assert note.numbers == "Chi-square p of today alone < 0.0001; always-valid p 0.0089."


def test_every_number_has_its_note() -> None:
    found = dict(notes(make_result(), make_terms()))

    assert list(found) == [
        "What decides: Bought again",
        "Exposed",
        "Matured",
        "Interval of a mean",
        "Difference",
        "Lift",
        "Always-valid p",
        "Percentage points",
        "More than the control",
        "Left out",
    ]
    assert "the window of 30 days" not in found["Exposed"]
    assert "window of 30 days is over" in found["Matured"]
    assert found["Percentage points"] == "From 5.0% to 6.1% is 1.1 points, and a lift of 22%."


def test_what_stands_beside_has_its_note_where_it_is_shown() -> None:
    arms = make_arms()
    arms[1].figures[Counted.REFUNDED] = make_figure()  # type: ignore[index]
    arms[1].figures[Counted.REVENUE] = make_figure()  # type: ignore[index]

    found = dict(notes(make_result(arms=arms, secondary=(Counted.REVENUE,)), make_terms()))

    assert list(found)[-3:] == ["Net revenue per customer", "Had a refund", "Left out"]


def test_what_is_left_out_is_counted() -> None:
    result = make_result(crossovers=1, other_currency_customers=12)

    assert dict(notes(result, make_terms()))["Left out"] == (
        "Machines, previews, test orders and pages that staff opened. 1 customer saw two arms, as a guest and with an "
        "account: counted in the first one. 12 customers paid in a currency without a rate: that money is not counted."
    )


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({}, "(α = 0.01), and once by a test at the planned size (α = 0.04)"),
        ({"has_end": False}, "(α = 0.05)"),
        ({"is_exact": True}, "exact test of counts"),
    ],
)
def test_the_plan_is_explained(terms, words) -> None:
    assert words in dict(notes(make_result(), make_terms(**terms)))["Difference"]


def test_the_cap_on_large_orders_is_said() -> None:
    result = make_result(primary=Counted.REVENUE)

    capped = dict(notes(result, make_terms(cap_minor=24_050)))["Large orders"]
    uncapped = dict(notes(result, make_terms()))["Large orders"]

    assert capped.startswith(
        "An order counts as €240.50 at most, the 99th percentile of the orders before the start"
    )
    assert uncapped.startswith("No order is cut")


@pytest.mark.parametrize(
    "snapshot",
    [
        {},
        None,
        [],
        {"arms": 3},
        {"primary": "x", "currency": "EUR", "arms": []},
        {"primary": "repeat", "currency": "EUR", "arms": [{"label": "A"}]},
    ],
)
def test_a_snapshot_of_another_shape_has_no_figures(snapshot) -> None:
    assert list(figures_then(snapshot)) == []


def test_a_worse_arm_has_a_badge() -> None:
    result = replace(
        make_result(arms=make_arms(outcome=Outcome.WORSE)),
        verdict=Verdict(state=VerdictState.WORSE, arm_label="B"),
    )

    assert arm_rows(result)[1].badge == ("paused", "worse")
