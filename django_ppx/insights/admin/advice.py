"""What staff should do next, and what is known of the arms that the verdict is not about."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext

from django_ppx.experiments.sequences import Outcome
from django_ppx.insights.admin.arms import compared
from django_ppx.insights.admin.figures import FigureText
from django_ppx.insights.admin.terms import Stage, Terms, day_text
from django_ppx.insights.results import ExperimentResult, VerdictState


def next_steps(result: ExperimentResult, terms: Terms) -> tuple[str, ...]:
    """Return what to do now, as sentences; the first is the most important."""
    state = result.verdict.state
    if state is VerdictState.SAMPLE_RATIO:
        return _what_to_check()
    if state is VerdictState.NOT_MEASURED:
        return (_when_measured(result, terms),)
    if terms.stage is not Stage.RUNNING:
        return _after_the_end(terms.stage, has_verdict=result.verdict.is_decided)
    return (
        {
            VerdictState.BETTER: gettext(
                "Decide, and then roll it out. Waiting longer does not change the verdict."
            ),
            VerdictState.WORSE: gettext(
                "Decide, so that no further customers get the weaker one. Waiting longer does not change the verdict."
            ),
            VerdictState.NOT_SHOWN: gettext(
                "Decide for whichever you prefer: if there is a difference, it is within this range."
            ),
            VerdictState.TOO_FEW: gettext(
                "Let it run. If it stays so rare, test something that more customers do, or raise the part of "
                "customers that take part."
            ),
            VerdictState.NOT_MATURED: gettext(
                "Let it run. What customers do is counted once their window is over."
            ),
        }.get(
            state,
            gettext("Let it run. You may look as often as you like: that is allowed for."),
        ),
    )


def other_arms(result: ExperimentResult) -> tuple[str, ...]:
    """Return a sentence for each compared arm that the verdict is not about; while it is open, for those decided."""
    verdict = result.verdict
    if verdict.state not in (VerdictState.BETTER, VerdictState.WORSE, VerdictState.OPEN):
        return ()
    figure = FigureText.of(result, result.primary)
    words = {
        Outcome.BETTER: gettext("“%(arm)s” is better, too: %(between)s."),
        Outcome.WORSE: gettext("“%(arm)s” is worse: %(between)s."),
        Outcome.NOT_SHOWN: gettext("For “%(arm)s” no difference was shown: %(between)s."),
        Outcome.OPEN: gettext("For “%(arm)s” nothing is shown so far: %(between)s."),
    }
    if verdict.state is VerdictState.WORSE:
        words[Outcome.WORSE] = gettext("“%(arm)s” is worse, too: %(between)s.")
    return tuple(
        words[found.outcome] % {"arm": arm.label, "between": figure.in_words(found.interval)}
        for arm, found in compared(result, result.primary)
        if arm.label != verdict.arm_label
        and not (verdict.state is VerdictState.OPEN and found.outcome is Outcome.OPEN)
    )


def _after_the_end(stage: Stage, *, has_verdict: bool) -> tuple[str, ...]:
    if stage is Stage.FOLLOWED:
        return (
            gettext(
                "This phase is over, and a further one runs: nobody new takes part in this one."
            ),
        )
    if stage is Stage.DECIDED:
        return (gettext("It is decided. The log says how, and why."),)
    if has_verdict:
        return (gettext("Nobody new takes part. Write down what you decide, and why."),)
    return (
        gettext(
            "Nobody new takes part. Customers whose window is not over yet are still counted; the verdict may come."
        ),
    )


def _when_measured(result: ExperimentResult, terms: Terms) -> str:
    if terms.missing_days(result.as_of):
        return gettext(
            "“manage.py ppx_measure” has not run. Ask your developer to let it run once a day; it catches up on the "
            "days it missed."
        )
    return gettext("The first figures come after midnight, once “manage.py ppx_measure” has run.")


def _what_to_check() -> tuple[str, ...]:
    return (
        gettext("The figures below are shown for the search of the fault. Do not decide by them."),
        gettext("Is a page kept in a cache, so that many customers are given the same arm?"),
        gettext("Does an error keep one arm from being drawn, or from being counted?"),
        gettext(
            "Does a link or a mailing lead to one arm only, or do machines see one of them more often?"
        ),
        gettext(
            "Once the fault is found: start a new phase or a new experiment. What was counted so far can't be mended."
        ),
    )


def late_note(result: ExperimentResult, terms: Terms) -> str:
    """Return that days are missing from the result, though they are over; "" where none are.

    What was measured at all and lacks a day has it by the next run; two mean that the command does not run.
    """
    missing = terms.missing_days(result.as_of)
    if result.as_of is None or terms.stage is not Stage.RUNNING or missing < 2:
        return ""
    text = ngettext(
        "These figures are of %(day)s: %(days)d day has passed since that is not measured. “manage.py ppx_measure” "
        "has not run.",
        "These figures are of %(day)s: %(days)d days have passed since that are not measured. “manage.py ppx_measure” "
        "has not run.",
        missing,
    )
    return text % {"day": day_text(result.as_of), "days": missing}
