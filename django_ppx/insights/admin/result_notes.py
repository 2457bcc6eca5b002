"""How the numbers of the result page come about, in words: formula, n, interval, what is left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_ppx.core.money import exponent
from django_ppx.experiments.sample_ratio import RatioState
from django_ppx.insights.admin.figures import MONEY, decimal, money, p_text, percent, whole
from django_ppx.insights.admin.names import NAMES
from django_ppx.insights.admin.terms import Terms
from django_ppx.insights.results import GUARDRAILS, Counted, ExperimentResult

WHAT_IS_COUNTED: Final[dict[Counted, str | Promise]] = {
    Counted.CLICKED: _(
        "A person followed a link of the offer, copied the code, shared or sent something in, within the window."
    ),
    Counted.CLAIMED: _(
        "A person copied the code, shared, sent something in or did what the offer asks, within the window."
    ),
    Counted.REDEEMED: _(
        "A code that the offer gave was used within the window, in a further order, and not given back."
    ),
    Counted.REPEAT: _(
        "An order on a later day of the window that was not cancelled and has something left after refunds. A free "
        "order counts."
    ),
    Counted.REVENUE: _(
        "Goods after discounts, less refunds, of orders on later days of the window, divided by all matured "
        "customers; who bought nothing counts as zero."
    ),
    Counted.MARGIN: _(
        "Net revenue less the cost of the goods, divided by the matured customers; who bought nothing counts as zero, "
        "and customers with an order of unknown cost are left out."
    ),
    Counted.ORDERS: _("Later days of the window with an order: several on one day are one."),
    Counted.REFUNDED: _(
        "An order of the window was refunded, charged back or cancelled, wholly or in part."
    ),
    Counted.COMPLAINED: _("A complaint came in within the window, about whichever order."),
    Counted.DISMISSED: _("A person closed the offer within the window."),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class RatioNote:
    """What the sample ratio says: `look` is that of a badge."""

    look: str
    word: str
    sentence: str
    numbers: str


def ratio_note(result: ExperimentResult) -> RatioNote:
    ratio = result.ratio
    look, word, sentence = {
        RatioState.CLEAN: (
            "running",
            gettext("clean"),
            gettext("The arms hold as many customers as they should, as far as chance goes."),
        ),
        RatioState.AMBER: (
            "paused",
            gettext("odd"),
            gettext(
                "Today the arms are farther from their shares than chance makes likely. Looked at every day that "
                "happens now and then: have a look, and wait."
            ),
        ),
        RatioState.RED: (
            "broken",
            gettext("broken"),
            gettext(
                "The arms are so far from their shares that chance does not explain it, however often one looks. "
                "Customers of one arm are missing, and so a verdict is withheld."
            ),
        ),
    }[ratio.state]
    numbers = gettext("Chi-square p of today alone %(today)s; always-valid p %(always)s.") % {
        "today": p_text(ratio.p_value),
        "always": p_text(ratio.always_valid_p),
    }
    return RatioNote(look=look, word=word, sentence=sentence, numbers=numbers)


def notes(result: ExperimentResult, terms: Terms) -> list[tuple[str, str]]:
    """Return (name, explanation) of each number on the page, and of what is in none of them."""
    found = [*_customers(result, terms), *_numbers(result, terms)]
    if result.primary in MONEY or terms.cap_minor is not None:
        found.append((gettext("Large orders"), _cap(result, terms)))
    beside = {counted for counted in (*result.secondary, *GUARDRAILS) if _is_shown(result, counted)}
    found += [
        (str(NAMES[counted]), str(WHAT_IS_COUNTED[counted]))
        for counted in Counted
        if counted in beside and counted is not result.primary
    ]
    found.append((gettext("Left out"), _left_out(result)))
    return found


def _customers(result: ExperimentResult, terms: Terms) -> list[tuple[str, str]]:
    """Return what is counted, and of whom."""
    return [
        (
            gettext("What decides: %(name)s") % {"name": NAMES[result.primary]},
            str(WHAT_IS_COUNTED[result.primary]),
        ),
        (
            gettext("Exposed"),
            gettext(
                "Customers who saw their arm, or would have where it is shown nothing. Each counts once, from the "
                "first time on, in the arm of that time."
            ),
        ),
        (
            gettext("Matured"),
            gettext(
                "Those of them whose window of %(window)s is over. Only they are in a mean, a difference or a gain: n "
                "is this number. What they did before the first time, and the order of that page, never counts."
            )
            % {"window": terms.window},
        ),
    ]


def _numbers(result: ExperimentResult, terms: Terms) -> list[tuple[str, str]]:
    """Return how the columns of the table come about."""
    return [
        (gettext("Interval of a mean"), _mean_interval(result)),
        (gettext("Difference"), _difference(terms)),
        (
            gettext("Lift"),
            gettext(
                "The difference as a part of the control's mean, its interval by the delta method. It is printed and "
                "decides nothing."
            ),
        ),
        (
            gettext("Always-valid p"),
            gettext(
                "How well the figures go with no difference at all, the smallest of all days. Unlike the usual "
                "p-value it may be looked at every day."
            ),
        ),
        (
            gettext("Percentage points"),
            gettext("From %(low)s to %(high)s is %(points)s points, and a lift of %(lift)s.")
            % {
                "low": percent(0.05),
                "high": percent(0.061),
                "points": decimal(1.1, 1),
                "lift": percent(0.22, 0),
            },
        ),
        (
            gettext("More than the control"),
            gettext(
                "The difference times the matured customers of the arm, for orders, net revenue and margin. These "
                "intervals are not corrected for their number."
            ),
        ),
    ]


def _is_shown(result: ExperimentResult, counted: Counted) -> bool:
    return any(counted in arm.figures for arm in result.arms)


def _mean_interval(result: ExperimentResult) -> str:
    if result.primary in MONEY:
        return gettext(
            "It holds the true mean in 95 of 100 cases: the mean ± 1.96 standard errors."
        )
    return gettext("It holds the true rate in 95 of 100 cases, by Wilson's formula.")


def _difference(terms: Terms) -> str:
    if terms.is_exact:
        how = gettext("Decided by the exact test of counts, which holds from the first event on.")
    elif terms.has_end:
        how = gettext(
            "Decided on any day by a sequence that allows for looking daily (α = 0.01), and once by a test at the "
            "planned size (α = 0.04): at most 5 in 100 experiments without an effect are called better or worse. After "
            "that test its interval stands in the table; the chart goes on with the daily one."
        )
    else:
        how = gettext(
            "Decided by a sequence that allows for looking daily (α = 0.05): at most 5 in 100 experiments without an "
            "effect are called better or worse."
        )
    mean = gettext(
        "The arm's mean less the control's. Its interval is what those of all days have in common; several arms "
        "share the error out."
    )
    return f"{mean} {how}"


def _cap(result: ExperimentResult, terms: Terms) -> str:
    if terms.cap_minor is None:
        return gettext("No order is cut: there were too few before the start to say what is large.")
    text = gettext(
        "An order counts as %(cap)s at most, the 99th percentile of the orders before the start, so that one large "
        "order decides nothing. The mean before cutting stands beside it."
    )
    return text % {"cap": money(terms.cap_minor, result.currency, exponent(result.currency))}


def _left_out(result: ExperimentResult) -> str:
    """Return what is in none of the numbers, with counts where there are any."""
    parts = [
        gettext("Machines, previews, test orders and pages that staff opened."),
        ngettext(
            "%(count)s customer saw two arms, as a guest and with an account: counted in the first one.",
            "%(count)s customers saw two arms, as a guest and with an account: counted in the first one.",
            result.crossovers,
        )
        % {"count": whole(result.crossovers)},
    ]
    if result.other_currency_customers:
        parts.append(
            ngettext(
                "%(count)s customer paid in a currency without a rate: that money is not counted.",
                "%(count)s customers paid in a currency without a rate: that money is not counted.",
                result.other_currency_customers,
            )
            % {"count": whole(result.other_currency_customers)}
        )
    return " ".join(parts)
