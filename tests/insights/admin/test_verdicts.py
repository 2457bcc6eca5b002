"""The first sentence of the result page, for every state, word by word."""

from __future__ import annotations

from datetime import date

import pytest

from django_ppx.experiments.sequences import Outcome
from django_ppx.insights.admin.terms import Stage
from django_ppx.insights.admin.verdicts import banner
from django_ppx.insights.results import Counted, ExperimentResult, Progress, VerdictState
from tests.insights.made_results import (
    make_arm,
    make_arms,
    make_difference,
    make_figure,
    make_result,
    make_terms,
    span,
)


def sentence(result: ExperimentResult, **terms: object) -> str:
    return banner(result, make_terms(**terms)).sentence


@pytest.mark.parametrize(
    ("counted", "what"),
    [
        (Counted.CLICKED, "clicked within 30 days"),
        (Counted.CLAIMED, "claimed it within 30 days"),
        (Counted.REDEEMED, "redeemed their code within 30 days"),
        (Counted.REPEAT, "bought again within 30 days"),
    ],
)
def test_a_better_rate(counted, what) -> None:
    result = make_result(primary=counted, arms=make_arms(counted))

    assert sentence(result) == (
        f"“B” is better: 6.1% of its customers {what}, against 5.0% (between 0.4 and 1.9 points more)."
    )


def test_a_worse_rate() -> None:
    worse = {"difference": -0.011, "interval": span(-0.014, -0.003), "outcome": Outcome.WORSE}
    mine = make_figure(mean=0.039, difference=make_difference(**worse))
    arms = (make_arms()[0], make_arm("B", figures={Counted.REPEAT: mine}))

    assert sentence(make_result(VerdictState.WORSE, arms=arms), window_days=1) == (
        "“B” is worse: 3.9% of its customers bought again within 1 day, against 5.0% (between 0.3 and 1.4 points less)."
    )


@pytest.mark.parametrize(
    ("counted", "what"),
    [(Counted.REVENUE, "net revenue"), (Counted.MARGIN, "margin")],
)
def test_a_better_mean_of_money(counted, what) -> None:
    difference = make_difference(difference=31, interval=span(5, 57))
    arms = (
        make_arm(
            "Nothing",
            is_control=True,
            is_holdout=True,
            figures={counted: make_figure(mean=311, interval=span(290, 332))},
        ),
        make_arm(
            "B",
            figures={
                counted: make_figure(mean=342, interval=span(320, 364), difference=difference)
            },
        ),
    )

    assert sentence(make_result(primary=counted, arms=arms)) == (
        f"“B” is better: €3.42 of {what} per customer within 30 days, against €3.11 (between €0.05 and €0.57 more)."
    )


@pytest.mark.parametrize(
    ("state", "expected"),
    [(VerdictState.BETTER, "“B” is better."), (VerdictState.WORSE, "“B” is worse.")],
)
def test_an_outcome_stays_where_the_figures_are_gone(state, expected) -> None:
    assert (
        sentence(make_result(state, arms=(make_arm("A", is_control=True), make_arm("B"))))
        == expected
    )


def test_no_difference_shown_is_not_no_difference() -> None:
    arms = make_arms(interval=span(-0.006, 0.009), outcome=Outcome.NOT_SHOWN)

    assert sentence(make_result(VerdictState.NOT_SHOWN, arms=arms)) == (
        "No difference was shown. That is not the same as no difference: “B” may be anything between 0.6 points less "
        "and 0.9 points more."
    )


def test_still_open_with_a_planned_size() -> None:
    result = make_result(VerdictState.OPEN)

    assert sentence(result) == (
        "Nothing shown so far. 1,240 of 17,458 planned customers have matured; the rest is expected by May 3, 2026."
    )
    assert sentence(result, stage=Stage.STOPPED) == (
        "Nothing shown so far. 1,240 of 17,458 planned customers have matured."
    )


def test_still_open_when_nobody_knows_until_when() -> None:
    progress = Progress(matured=1240, exposed=2600, planned=17_458, share=0.071, expected=None)
    result = make_result(VerdictState.OPEN, progress=progress)

    assert (
        sentence(result) == "Nothing shown so far. 1,240 of 17,458 planned customers have matured."
    )
    assert sentence(result, has_end=False) == (
        "Nothing shown so far, after 1,240 customers. This plan has no fixed end: it goes on until something is shown, "
        "or you stop it."
    )


@pytest.mark.parametrize(
    ("as_of", "days"),
    [
        (date(2026, 3, 1), "0 of 7 full days are"),
        (date(2026, 3, 2), "1 of 7 full days is"),
        (date(2026, 3, 5), "4 of 7 full days are"),
        (date(2026, 3, 9), "6 of 7 full days are"),
    ],
    ids=["the day of the start", "one", "four", "never seven where the verdict says too early"],
)
def test_too_early(as_of, days) -> None:
    assert sentence(make_result(VerdictState.TOO_EARLY, as_of=as_of)) == (
        f"Not yet: too early. Every day of the week has to be in it once; {days} over."
    )


@pytest.mark.parametrize(
    ("matured", "expected"),
    [
        (0, "Not yet: the window of 30 days is over for nobody of “B”."),
        (
            1,
            "Not yet: the window of 30 days is over for one customer of “B” only; two are the least.",
        ),
    ],
)
def test_not_matured(matured, expected) -> None:
    arms = (make_arm("A", is_control=True), make_arm("B", matured=matured))

    assert sentence(make_result(VerdictState.NOT_MATURED, arms=arms)) == expected


def test_too_few_of_a_rate_says_how_many_are_needed() -> None:
    arms = (
        make_arm("A", matured=150, figures={Counted.REPEAT: make_figure(customers=150, total=9)}),
        make_arm("B", matured=120, figures={Counted.REPEAT: make_figure(customers=120, total=4.5)}),
    )

    assert sentence(make_result(VerdictState.TOO_FEW, arms=arms)) == (
        "Not yet: too few. As rare as it is, the smallest arm needs 211 customers; “B” has 120."
    )


def test_too_few_of_a_mean_or_of_nobody_at_all_names_no_number() -> None:
    nobody = (make_arm("A", matured=150), make_arm("B", matured=120))
    expected = (
        "Not yet: too few customers bought anything to tell the arms apart. “B”, the smallest, has "
        "120 customers."
    )

    assert (
        sentence(make_result(VerdictState.TOO_FEW, arms=nobody, primary=Counted.REVENUE))
        == expected
    )
    assert sentence(make_result(VerdictState.TOO_FEW, arms=nobody)).startswith("Not yet: too few")


def test_a_broken_sample_ratio_names_the_arm_that_lacks_customers() -> None:
    arms = (make_arm("A", is_control=True, exposed=5388), make_arm("B", exposed=4612))
    shown = banner(make_result(VerdictState.SAMPLE_RATIO, arms=arms), make_terms())

    assert shown.sentence == (
        "No verdict: the arms do not hold as many customers as they should. “B” should have about 5,000 of the 10,000 "
        "customers, and has 4,612."
    )
    assert (shown.tone, shown.kicker) == ("alarm", "No verdict")
    assert len(shown.next_steps) == 5
    assert shown.next_steps[0] == (
        "The figures below are shown for the search of the fault. Do not decide by them."
    )


def test_a_small_arm_that_lacks_half_is_named_before_a_large_one_that_has_more() -> None:
    arms = (make_arm("A", share=0.9, exposed=9500), make_arm("B", share=0.1, exposed=500))

    assert "“B” should have about 1,000" in sentence(
        make_result(VerdictState.SAMPLE_RATIO, arms=arms)
    )


@pytest.mark.parametrize(
    ("yesterday", "expected", "step"),
    [
        (
            date(2026, 3, 1),
            "Not measured yet: no full day is over.",
            "The first figures come after midnight",
        ),
        (
            date(2026, 3, 2),
            "Not measured yet, though 1 full day is over.",
            "“manage.py ppx_measure” has not run.",
        ),
        (
            date(2026, 3, 4),
            "Not measured yet, though 3 full days are over.",
            "“manage.py ppx_measure” has not run.",
        ),
    ],
)
def test_not_measured(yesterday, expected, step) -> None:
    result = make_result(VerdictState.NOT_MEASURED, as_of=None, days=())

    shown = banner(result, make_terms(yesterday=yesterday))

    assert (shown.sentence, shown.kicker, shown.tone) == (expected, "Not yet", "wait")
    assert shown.next_steps[0].startswith(step)


def test_the_other_arms_have_their_sentence() -> None:
    other = make_figure(
        difference=make_difference(interval=span(-0.006, 0.009), outcome=Outcome.OPEN)
    )
    arms = (*make_arms(), make_arm("C", figures={Counted.REPEAT: other}))

    shown = banner(make_result(arms=arms), make_terms())

    assert shown.others == (
        "For “C” nothing is shown so far: between 0.6 points less and 0.9 points more.",
    )


def test_an_arm_that_is_worse_is_said_while_another_is_open() -> None:
    worse = make_figure(
        difference=make_difference(interval=span(-0.014, -0.003), outcome=Outcome.WORSE)
    )
    arms = (*make_arms(outcome=Outcome.OPEN), make_arm("C", figures={Counted.REPEAT: worse}))

    shown = banner(make_result(VerdictState.OPEN, arms=arms), make_terms())

    assert shown.others == ("“C” is worse: between 0.3 and 1.4 points less.",)


@pytest.mark.parametrize(
    ("state", "stage", "step"),
    [
        (
            VerdictState.BETTER,
            Stage.RUNNING,
            "Decide, and then roll it out. Waiting longer does not change the verdict.",
        ),
        (
            VerdictState.BETTER,
            Stage.STOPPED,
            "Nobody new takes part. Write down what you decide, and why.",
        ),
        (VerdictState.BETTER, Stage.DECIDED, "It is decided. The log says how, and why."),
        (
            VerdictState.BETTER,
            Stage.FOLLOWED,
            "This phase is over, and a further one runs: nobody new takes part in this one.",
        ),
        (
            VerdictState.OPEN,
            Stage.RUNNING,
            "Let it run. You may look as often as you like: that is allowed for.",
        ),
        (
            VerdictState.OPEN,
            Stage.STOPPED,
            "Nobody new takes part. Customers whose window is not over yet are still counted; the verdict may come.",
        ),
    ],
)
def test_it_says_what_to_do_next(state, stage, step) -> None:
    assert banner(make_result(state), make_terms(stage=stage)).next_steps == (step,)
