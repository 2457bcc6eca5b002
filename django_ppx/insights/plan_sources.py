"""What a plan was made from, in sentences, and what history can't tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from django_ppx.core.money import Money
from django_ppx.experiments.models import Metric
from django_ppx.experiments.models.experiments import MONEY
from django_ppx.insights.plan_figures import day_text, grouped, many_customers, one_decimal, percent
from django_ppx.insights.planning import Lack, Plan

_DID: Final[Mapping[Metric, str | Promise]] = {
    Metric.CLICKED: _(
        "%(rate)s clicked within %(days)s days (%(did)s of %(customers)s customers)."
    ),
    Metric.CLAIMED: _(
        "%(rate)s claimed within %(days)s days (%(did)s of %(customers)s customers)."
    ),
    Metric.REDEEMED: _(
        "%(rate)s redeemed their code within %(days)s days (%(did)s of %(customers)s customers)."
    ),
    Metric.REPEAT: _(
        "%(rate)s bought again within %(days)s days (%(did)s of %(customers)s customers)."
    ),
}


def sources(plan: Plan) -> tuple[str, ...]:
    """Return where the customers a day are from, and what customers do."""
    return (_traffic(plan), *_behaviour(plan))


def _traffic(plan: Plan) -> str:
    question, traffic = plan.question, plan.traffic
    part = gettext("%(daily)s customers a day would take part") % {"daily": one_decimal(plan.daily)}
    if question.assumed_daily is not None:
        text = gettext("Your assumption: %(part)s.") % {"part": part}
    elif not traffic.customers:
        text = gettext("You have no orders of the last eight weeks yet.")
    elif traffic.is_of_offer:
        text = gettext(
            "From the last %(days)s days of this offer: %(part)s (%(customers)s saw it)."
        )
    else:
        text = gettext("From your orders of the last %(days)s days: %(part)s (%(customers)s).")
        if question.offer_id is not None:
            text += " " + gettext(
                "The offer was not shown yet, so all who buy are counted: fewer, if it is only for some."
            )
    return text % {
        "days": grouped(traffic.days),
        "part": part,
        "customers": many_customers(traffic.customers),
    }


def _behaviour(plan: Plan) -> list[str]:
    question, history = plan.question, plan.history
    days = grouped(question.window_days)
    if question.metric in MONEY:
        return _money(plan)
    if question.assumed_rate is not None:
        text = gettext("Your assumption: %(rate)s do it within %(days)s days.")
        return [text % {"rate": percent(100 * question.assumed_rate), "days": days}]
    if not history.customers:
        return []
    values = {
        "rate": percent(100 * (history.rate or 0.0)),
        "days": days,
        "did": grouped(history.active),
        "customers": grouped(history.customers),
        "since": day_text(history.first_day),
        "until": day_text(history.last_day),
    }
    if history.is_from_offer:
        since = gettext("Of those who saw it from %(since)s to %(until)s:")
    else:
        since = gettext("Of those who ordered from %(since)s to %(until)s:")
    return [f"{since} {_DID[question.metric]}" % values]


def _money(plan: Plan) -> list[str]:
    history = plan.history
    if not history.customers or not history.currency:
        return []
    values = {
        "amount": Money.from_minor(round(history.values.mean), history.currency).formatted(
            get_language() or "en"
        ),
        "days": grouped(plan.question.window_days),
        "customers": many_customers(history.customers),
        "did": grouped(history.active),
        "since": day_text(history.first_day),
        "until": day_text(history.last_day),
    }
    text = gettext(
        "Of those who ordered from %(since)s to %(until)s: %(amount)s per customer within %(days)s days, those who "
        "bought nothing included (%(customers)s, %(did)s of whom bought). The largest 1%% of orders are cut."
    )
    found = [text % values]
    if history.left_out:
        count = many_customers(history.left_out)
        found.append(gettext("%(count)s left out: the amount is not known.") % {"count": count})
    return found


def ask(plan: Plan, lack: Lack) -> str:
    """Return what staff have to say because history can't."""
    history = plan.history
    if lack is Lack.TRAFFIC:
        return gettext(
            "There are too few days with orders to say how many customers take part. Say how many you expect a day."
        )
    if lack is Lack.MONEY:
        return gettext(
            "There are too few orders to plan with money: %(did)s of %(customers)s came back within %(days)s days. "
            "Decide by “Bought again”, for which you can say what you expect, or enter the planned customers yourself."
        ) % {
            "did": grouped(history.active),
            "customers": many_customers(history.customers),
            "days": grouped(plan.question.window_days),
        }
    if not history.customers:
        return gettext(
            "There is no history to plan from. Say what share of customers you expect to do it."
        )
    return gettext(
        "History is too short: %(did)s of %(customers)s did it. Say what share of customers you expect to do it."
    ) % {"did": grouped(history.active), "customers": many_customers(history.customers)}
