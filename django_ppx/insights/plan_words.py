"""The planner's answer in sentences that a shopkeeper can act on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_ppx.experiments.planning import CannotPlan, Design
from django_ppx.insights.plan_figures import (
    day_text,
    local_day,
    many_customers,
    many_weeks,
    percent,
)
from django_ppx.insights.plan_sources import ask, sources
from django_ppx.insights.planning import Plan, PlanCell, PlanRow

REFUSALS: Final[Mapping[CannotPlan.Reason, str | Promise]] = {
    CannotPlan.Reason.NO_EFFECT: _(
        "An effect of zero can't be found. Enter the smallest effect that you would want to know of."
    ),
    CannotPlan.Reason.NO_VARIANCE: _(
        "Nobody does it, or everybody does: there is nothing to tell apart. Decide by something else."
    ),
    CannotPlan.Reason.RATE_IMPOSSIBLE: _(
        "This effect is impossible: more than all customers would have to do it. Enter a smaller one."
    ),
    CannotPlan.Reason.NO_TRAFFIC: _("Nobody would take part, so it would never answer."),
    CannotPlan.Reason.SHARE_IMPOSSIBLE: _(
        "There is nothing to compare yet: give at least two variants a weight, or show nothing to some customers."
    ),
    CannotPlan.Reason.TOO_RARE: _(
        "There are too few customers, or it happens too rarely: within a year, the smallest group would not have "
        "enough of it to say anything. Give that group a larger share, or decide by something that happens more often."
    ),
    CannotPlan.Reason.TOO_LONG: _(
        "No answer within a year. Look for a larger effect, or decide by something that happens more often."
    ),
}

_SHORT: Final[Mapping[CannotPlan.Reason, str | Promise]] = {
    CannotPlan.Reason.TOO_RARE: _("too rare"),
    CannotPlan.Reason.TOO_LONG: _("longer than a year"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class CellWords:
    """One design: either customers, weeks and a date, or why not. `weeks` and `customers` stay where refused."""

    customers: str
    weeks: str
    expected: str
    refusal: str
    is_chosen: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class RowWords:
    label: str
    note: str
    is_entered: bool
    hybrid: CellWords
    anytime: CellWords


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanWords:
    """What the panel shows. `answer` comes first; `refusal` stands in its place where the test can't answer."""

    answer: str
    refusal: str
    advice: tuple[str, ...]
    rows: tuple[RowWords, ...]
    sources: tuple[str, ...]
    asks: tuple[str, ...]


def plan_in_words(
    plan: Plan, *, planned: int | None = None, ends_at: datetime | None = None
) -> PlanWords:
    """Return the plan in sentences; `planned` and `ends_at` are what staff entered, to be held against it."""
    chosen = plan.chosen
    refusal = plan.refusal or (chosen.refusal if chosen else None)
    return PlanWords(
        answer=_answer(chosen) if chosen and not refusal else "",
        refusal=_refused(refusal, chosen) if refusal else "",
        advice=tuple(_advice(plan, planned, ends_at)),
        rows=tuple(_row(plan, row) for row in plan.rows),
        sources=sources(plan),
        asks=tuple(ask(plan, lack) for lack in plan.lacks),
    )


def _answer(cell: PlanCell) -> str:
    return gettext("%(customers)s, about %(weeks)s: an answer around %(date)s.") % {
        "customers": many_customers(cell.customers or 0),
        "weeks": many_weeks(cell.weeks or 0),
        "date": day_text(cell.expected),
    }


def _refused(reason: CannotPlan.Reason, cell: PlanCell | None) -> str:
    sentence = str(REFUSALS[reason])
    if cell is None or cell.customers is None or cell.weeks is None:
        return sentence
    return gettext("%(why)s As entered it would need %(customers)s and take %(weeks)s.") % {
        "why": sentence,
        "customers": many_customers(cell.customers),
        "weeks": many_weeks(cell.weeks),
    }


def _advice(plan: Plan, planned: int | None, ends_at: datetime | None) -> list[str]:
    found = [text for text in (_comparison(plan), _better_shares(plan)) if text]
    chosen = plan.chosen
    if chosen is None or chosen.refusal or chosen.customers is None or chosen.days is None:
        return found
    if planned is not None and planned < chosen.customers:
        text = gettext(
            "You planned %(planned)s, fewer than that: an effect of %(lift)s would then often go unnoticed."
        )
        found.append(
            text % {"planned": many_customers(planned), "lift": percent(100 * plan.question.lift)}
        )
    exposing = chosen.days - plan.question.window_days - plan.question.lag
    if ends_at is not None and chosen.expected is not None:
        waits = timedelta(days=plan.question.window_days + plan.question.lag)
        if local_day(ends_at) < chosen.expected - waits:
            text = gettext(
                "It ends on %(end)s, before enough customers can have taken part: that takes %(weeks)s."
            )
            weeks = many_weeks(-(-exposing // 7))
            found.append(text % {"end": day_text(local_day(ends_at)), "weeks": weeks})
    return found


def _comparison(plan: Plan) -> str:
    if plan.times is None or not plan.rows:
        return ""
    shares = plan.rows[0].shares
    values = {"times": number_format(round(plan.times, 1), 1), "even": percent(shares[-1])}
    if len(shares) > 2:
        text = gettext(
            "A comparison group of 10%% instead of %(even)s needs %(times)s times the customers."
        )
    elif plan.question.holdout_percent:
        text = gettext(
            "Holding out 10%% instead of half needs %(times)s times the customers, but 9 of 10 see the offer."
        )
    else:
        text = gettext(
            "Leaving 10%% with the old variant instead of half needs %(times)s times the customers, "
            "but 9 of 10 see the new one."
        )
    return text % values


def _better_shares(plan: Plan) -> str:
    """Return the advice of a small shop: what even shares would do for it."""
    chosen = plan.chosen
    if chosen is None or chosen.weeks is None or not plan.rows or plan.rows[0].is_entered:
        return ""
    even = plan.rows[0].cell(plan.question.design)
    if even.refusal or even.weeks is None or even.weeks >= chosen.weeks:
        return ""
    if not chosen.refusal and chosen.weeks < 1.5 * even.weeks:
        return ""
    text = gettext("With your volume, %(shares)s answers in %(weeks)s instead of %(entered)s.")
    return text % {
        "shares": _shares(plan.rows[0]),
        "weeks": many_weeks(even.weeks),
        "entered": many_weeks(chosen.weeks),
    }


def _row(plan: Plan, row: PlanRow) -> RowWords:
    design = plan.question.design
    return RowWords(
        label=_shares(row),
        note=_note(plan, row),
        is_entered=row.is_entered,
        hybrid=_cell(row.hybrid, is_chosen=row.is_entered and design is Design.HYBRID),
        anytime=_cell(row.anytime, is_chosen=row.is_entered and design is Design.ANYTIME),
    )


def _shares(row: PlanRow) -> str:
    return "/".join(number_format(round(share)) for share in row.shares)


def _note(plan: Plan, row: PlanRow) -> str:
    if row.is_entered:
        return gettext("as entered")
    values = {"control": percent(row.shares[-1])}
    if plan.question.holdout_percent:
        return gettext("%(control)s see nothing") % values
    return gettext("%(control)s see the old variant") % values


def _cell(cell: PlanCell, *, is_chosen: bool) -> CellWords:
    refusal = cell.refusal
    return CellWords(
        customers=many_customers(cell.customers) if cell.customers is not None else "",
        weeks=many_weeks(cell.weeks) if cell.weeks is not None else "",
        expected=day_text(cell.expected) if cell.expected else "",
        refusal=str(_SHORT.get(refusal, REFUSALS[refusal])) if refusal else "",
        is_chosen=is_chosen,
    )
