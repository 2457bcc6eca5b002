"""Which days the numbers of an offer are about: what staff choose, read from the address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from django_ppx.conf import ppx_settings
from django_ppx.core.calendar import day_of_number, last_complete_day
from django_ppx.insights.funnels import REDEEM_DAYS, FunnelPeriod

QUICK_DAYS: Final = (28, 90, 365)
DEFAULT_DAYS: Final = 90
DEFAULT_REDEEM_DAYS: Final = 30
"""A third of the days, so that most customers of the page one first sees have had their time."""
LONGEST_DAYS: Final = 1100
"""Three years, so that a page stays a page."""


class PeriodForm(forms.Form):
    """From which day to which, and within how many days a use of the code counts."""

    first = forms.DateField(
        label=_("Shown from"),
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    last = forms.DateField(
        label=pgettext_lazy("last day", "to"),
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    redeem = forms.TypedChoiceField(label=_("Code used within"), coerce=int, required=False)

    def __init__(self, *args: Any, as_of: date, asks_redeem: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.as_of = as_of
        for name in ("first", "last"):
            self.fields[name].widget.attrs["max"] = as_of.isoformat()
        choice = self.fields["redeem"]
        assert isinstance(choice, forms.TypedChoiceField)  # noqa: S101
        choice.choices = [
            (days, ngettext("%(days)d day", "%(days)d days", days) % {"days": days})
            for days in REDEEM_DAYS
        ]
        if not asks_redeem:
            choice.widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        if last is not None and last > self.as_of:
            self.add_error("last", gettext("This day is not over yet."))
        if first is None or last is None:
            return data
        if first > last:
            self.add_error("first", gettext("The first day lies after the last."))
        elif (last - first).days >= LONGEST_DAYS:
            self.add_error("first", gettext("Choose three years at most."))
        return data


@dataclass(frozen=True, kw_only=True, slots=True)
class QuickPeriod:
    """A link to the last so many days."""

    label: str
    query: str
    is_current: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ChosenPeriod:
    """The period, the form that says it, and the links beside it. `query` leads to the same period."""

    period: FunnelPeriod
    form: PeriodForm
    quick: tuple[QuickPeriod, ...]
    query: str


def choose_period(query: QueryDict, *, asks_redeem: bool, now: datetime) -> ChosenPeriod:
    """Return the period that an address asks for: `days`, or `first` and `last`; the last 90 days otherwise.

    An impossible one is answered by the last 90 days and the form's errors.
    """
    as_of = day_of_number(last_complete_day(now, ZoneInfo(ppx_settings.PPX_TIME_ZONE)))
    redeem = query.get("redeem", "")
    redeem_days = (
        int(redeem) if redeem in {str(days) for days in REDEEM_DAYS} else DEFAULT_REDEEM_DAYS
    )
    days = query.get("days", "")
    quick_days = int(days) if days in {str(days) for days in QUICK_DAYS} else DEFAULT_DAYS
    first, last = as_of - timedelta(days=quick_days - 1), as_of
    form = PeriodForm(as_of=as_of, asks_redeem=asks_redeem)
    is_own = "first" in query or "last" in query
    if is_own:
        form = PeriodForm(query, as_of=as_of, asks_redeem=asks_redeem)
        if form.is_valid():
            first, last = form.cleaned_data["first"], form.cleaned_data["last"]
        else:
            is_own, quick_days = False, DEFAULT_DAYS
    else:
        form.initial = {"first": first, "last": last, "redeem": redeem_days}
    own = {"first": first.isoformat(), "last": last.isoformat()}
    chosen = own if is_own else {"days": str(quick_days)}
    return ChosenPeriod(
        period=FunnelPeriod(first=first, last=last, as_of=as_of, redeem_days=redeem_days),
        form=form,
        quick=tuple(
            QuickPeriod(
                label=ngettext("%(days)d day", "%(days)d days", number) % {"days": number},
                query=urlencode({"days": number, "redeem": redeem_days}),
                is_current=not is_own and number == quick_days,
            )
            for number in QUICK_DAYS
        ),
        query=urlencode({**chosen, "redeem": redeem_days}),
    )
