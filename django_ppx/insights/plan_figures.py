"""Figures of a plan as people write them: customers, weeks, percent, days."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.numbers import format_percent
from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, ngettext

from django_ppx.conf import ppx_settings
from django_ppx.core.money import babel_locale


def many_customers(count: int) -> str:
    """Return "17,458 customers"."""
    text = ngettext("%(count)s customer", "%(count)s customers", count)
    return text % {"count": grouped(count)}


def many_weeks(count: int) -> str:
    return ngettext("%(count)s week", "%(count)s weeks", count) % {"count": grouped(count)}


def percent(value: float) -> str:
    """Return "8.2%" of 8.2 as the active language writes it ("8,2 %"); whole numbers without a decimal."""
    locale = Locale.parse(babel_locale(get_language() or "en"))
    pattern = locale.percent_formats[None].pattern.replace("0", "0.#", 1)
    return format_percent(round(value, 1) / 100, format=pattern, locale=locale)


def grouped(value: int) -> str:
    """Return "17,458"."""
    return number_format(value, force_grouping=True)


def one_decimal(value: float) -> str:
    """Return "12.3", and whole numbers from 100 on."""
    return number_format(round(value, 1), 1 if value < 100 else 0, force_grouping=True)


def day_text(day: date | None) -> str:
    """Return the day as people write it, "" for none."""
    return date_format(day, "DATE_FORMAT") if day else ""


def local_day(moment: datetime) -> date:
    """Return the day of `moment` in the shop's zone."""
    return moment.astimezone(ZoneInfo(ppx_settings.PPX_TIME_ZONE)).date()
