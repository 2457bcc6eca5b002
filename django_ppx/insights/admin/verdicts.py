"""What the result page says first: the verdict in a sentence, or why there is none yet, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext, ngettext

from django_ppx.experiments.evaluability import LEAST_DAYS
from django_ppx.insights.admin.advice import next_steps, other_arms
from django_ppx.insights.admin.arms import (
    arm_of,
    control_of,
    customers_needed,
    difference_of,
    most_uneven,
)
from django_ppx.insights.admin.figures import FigureText, whole
from django_ppx.insights.admin.terms import Stage, Terms, day_text
from django_ppx.insights.results import (
    MEANS,
    Counted,
    ExperimentResult,
    VerdictState,
)

TONES: Final = {
    VerdictState.BETTER: "good",
    VerdictState.WORSE: "bad",
    VerdictState.NOT_SHOWN: "plain",
    VerdictState.SAMPLE_RATIO: "alarm",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Banner:
    """`tone` is good, bad, plain, alarm or wait; `others` are the arms that the sentence is not about."""

    tone: str
    kicker: str
    sentence: str
    others: tuple[str, ...]
    next_steps: tuple[str, ...]


def banner(result: ExperimentResult, terms: Terms) -> Banner:
    """Return what is to be said of `result`."""
    state = result.verdict.state
    return Banner(
        tone=TONES.get(state, "wait"),
        kicker=_kicker(state),
        sentence=_sentence(result, terms),
        others=other_arms(result),
        next_steps=next_steps(result, terms),
    )


def did(counted: Counted, terms: Terms) -> str:
    """Return what a customer did, to go on after "6.1% of its customers"."""
    words = {
        Counted.CLICKED: gettext("clicked %(within)s"),
        Counted.CLAIMED: gettext("claimed it %(within)s"),
        Counted.REDEEMED: gettext("redeemed their code %(within)s"),
        Counted.REPEAT: gettext("bought again %(within)s"),
    }
    return words[counted] % {"within": terms.within}


def _kicker(state: VerdictState) -> str:
    if state is VerdictState.SAMPLE_RATIO:
        return gettext("No verdict")
    return {
        VerdictState.BETTER: gettext("Better"),
        VerdictState.WORSE: gettext("Worse"),
        VerdictState.NOT_SHOWN: gettext("No difference shown"),
        VerdictState.OPEN: gettext("Still open"),
    }.get(state, gettext("Not yet"))


def _sentence(result: ExperimentResult, terms: Terms) -> str:
    return {
        VerdictState.NOT_MEASURED: _not_measured,
        VerdictState.SAMPLE_RATIO: _sample_ratio,
        VerdictState.TOO_EARLY: _too_early,
        VerdictState.NOT_MATURED: _not_matured,
        VerdictState.TOO_FEW: _too_few,
        VerdictState.OPEN: _open,
        VerdictState.BETTER: _shown,
        VerdictState.WORSE: _shown,
        VerdictState.NOT_SHOWN: _not_shown,
    }[result.verdict.state](result, terms)


def _not_measured(result: ExperimentResult, terms: Terms) -> str:
    missing = terms.missing_days(result.as_of)
    if missing:
        text = ngettext(
            "Not measured yet, though %(days)d full day is over.",
            "Not measured yet, though %(days)d full days are over.",
            missing,
        )
        return text % {"days": missing}
    return gettext("Not measured yet: no full day is over.")


def _sample_ratio(result: ExperimentResult, terms: Terms) -> str:
    arm, everybody = most_uneven(result), sum(each.exposed for each in result.arms)
    text = gettext(
        "No verdict: the arms do not hold as many customers as they should. “%(arm)s” should have about "
        "%(planned)s of the %(all)s customers, and has %(real)s."
    )
    return text % {
        "arm": arm.label,
        "planned": whole(arm.share * everybody),
        "all": whole(everybody),
        "real": whole(arm.exposed),
    }


def _too_early(result: ExperimentResult, terms: Terms) -> str:
    days = min(terms.full_days(result.as_of), LEAST_DAYS - 1)
    text = ngettext(
        "Not yet: too early. Every day of the week has to be in it once; %(days)d of %(least)d full days is over.",
        "Not yet: too early. Every day of the week has to be in it once; %(days)d of %(least)d full days are over.",
        days,
    )
    return text % {"days": days, "least": LEAST_DAYS}


def _not_matured(result: ExperimentResult, terms: Terms) -> str:
    arm = min(result.arms, key=lambda each: each.matured)
    text = gettext("Not yet: the window of %(window)s is over for nobody of “%(arm)s”.")
    if arm.matured:
        text = gettext(
            "Not yet: the window of %(window)s is over for one customer of “%(arm)s” only; two are the least."
        )
    return text % {"window": terms.window, "arm": arm.label}


def _too_few(result: ExperimentResult, terms: Terms) -> str:
    arm = min(result.arms, key=lambda each: each.matured)
    needed = None if result.primary in MEANS else customers_needed(result)
    if needed is None:
        text = gettext(
            "Not yet: too few customers bought anything to tell the arms apart. “%(arm)s”, the smallest, has "
            "%(customers)s customers."
        )
    else:
        text = gettext(
            "Not yet: too few. As rare as it is, the smallest arm needs %(needed)s customers; “%(arm)s” has "
            "%(customers)s."
        )
    return text % {
        "arm": arm.label,
        "customers": whole(arm.matured),
        "needed": whole(needed or 0),
    }


def _open(result: ExperimentResult, terms: Terms) -> str:
    progress = result.progress
    if not terms.has_end:
        text = gettext(
            "Nothing shown so far, after %(matured)s customers. This plan has no fixed end: it goes on until "
            "something is shown, or you stop it."
        )
        return text % {"matured": whole(progress.matured)}
    text = gettext(
        "Nothing shown so far. %(matured)s of %(planned)s planned customers have matured."
    )
    if progress.expected and terms.stage is Stage.RUNNING:
        text = gettext(
            "Nothing shown so far. %(matured)s of %(planned)s planned customers have matured; the rest is expected by "
            "%(day)s."
        )
    return text % {
        "matured": whole(progress.matured),
        "planned": whole(progress.planned),
        "day": day_text(progress.expected) if progress.expected else "",
    }


def _shown(result: ExperimentResult, terms: Terms) -> str:
    arm, control = arm_of(result), control_of(result)
    figure = FigureText.of(result, result.primary)
    mine, theirs = (each.figures.get(result.primary) if each else None for each in (arm, control))
    is_better = result.verdict.state is VerdictState.BETTER
    if mine is None or theirs is None or mine.difference is None:
        # An outcome stays, also where the customers behind it were erased.
        text = gettext("“%(arm)s” is better.") if is_better else gettext("“%(arm)s” is worse.")
        return text % {"arm": result.verdict.arm_label}
    text = (
        gettext("“%(arm)s” is better: %(what)s, against %(control)s (%(between)s).")
        if is_better
        else gettext("“%(arm)s” is worse: %(what)s, against %(control)s (%(between)s).")
    )
    return text % {
        "arm": result.verdict.arm_label,
        "what": _what(figure.mean(mine.mean), result.primary, terms),
        "control": figure.mean(theirs.mean),
        "between": figure.in_words(mine.difference.interval),
    }


def _what(mean: str, counted: Counted, terms: Terms) -> str:
    """Return "6.1% of its customers bought again within 30 days"."""
    if counted not in MEANS:
        words = {"mean": mean, "did": did(counted, terms)}
        return gettext("%(mean)s of its customers %(did)s") % words
    text = {
        Counted.REVENUE: gettext("%(mean)s of net revenue per customer %(within)s"),
        Counted.MARGIN: gettext("%(mean)s of margin per customer %(within)s"),
    }.get(counted, gettext("%(mean)s orders per customer %(within)s"))
    return text % {"mean": mean, "within": terms.within}


def _not_shown(result: ExperimentResult, terms: Terms) -> str:
    figure = FigureText.of(result, result.primary)
    text = gettext("“%(arm)s” may be anything %(between)s.")
    ranges = [
        text % {"arm": arm.label, "between": figure.in_words(found.interval)}
        for arm in result.arms
        if (found := difference_of(arm, result.primary))
    ]
    head = gettext("No difference was shown. That is not the same as no difference:")
    return " ".join([head, *ranges])
