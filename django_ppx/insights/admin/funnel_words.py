"""Rates, amounts and days of a funnel as staff read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from babel import Locale
from babel.numbers import format_percent
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_ppx.core.admin import money_text
from django_ppx.core.money import babel_locale
from django_ppx.experiments.intervals import Interval
from django_ppx.insights.funnels import Step

STEP_LABELS: Final[Mapping[Step, str | Promise]] = {
    Step.SHOWN: _("Shown"),
    Step.CLICKED: _("Clicked"),
    Step.CLAIMED: _("Claimed"),
    Step.REDEEMED: _("Redeemed"),
}


def number_text(number: int) -> str:
    """Return "1,000,000" as the active language writes it."""
    return number_format(number, force_grouping=True)


def percent_text(rate: float) -> str:
    """Return a rate with one decimal: 0.123 is "12.3%", in German "12,3 %"."""
    locale = Locale.parse(babel_locale(get_language() or "en"))
    # The language's own pattern, such as "#,##0 %", with one decimal.
    pattern = locale.percent_formats[None].pattern.replace("0", "0.0", 1)
    return format_percent(rate, format=pattern, locale=locale)


def rate_interval_text(interval: Interval) -> str:
    return gettext("%(low)s to %(high)s") % {
        "low": percent_text(interval.low),
        "high": percent_text(interval.high),
    }


def mean_text(minor: float, currency: str) -> str:
    """Return a mean to the cent: 1234.5678 minor units are "€12.35"."""
    return money_text(round(minor), currency)


def mean_interval_text(interval: Interval, currency: str) -> str:
    return gettext("%(low)s to %(high)s") % {
        "low": mean_text(interval.low, currency),
        "high": mean_text(interval.high, currency),
    }


def of_customers_text(customers: int) -> str:
    """Return the n of a rate: "n = 1,204"."""
    return gettext("n = %(count)s") % {"count": number_text(customers)}


def fresh_text(customers: int, days: int) -> str:
    """Return how many customers have not had their days."""
    text = ngettext(
        "%(count)s customer is too fresh to count: the %(days)d days are not over.",
        "%(count)s customers are too fresh to count: their %(days)d days are not over.",
        customers,
    )
    return text % {"count": number_text(customers), "days": days}
