"""“What is outstanding”: the liability report, on a page and as CSV."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Any

import django
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext, pgettext

from django_ppx.core.admin import money_text
from django_ppx.rewards.admin.numbers import grouped_number
from django_ppx.rewards.liability import NEVER, Liability, LiabilityRow, read_liability
from django_ppx.rewards.liability_csv import liability_rows
from django_ppx.rewards.models import Benefit, Reward

if TYPE_CHECKING:
    _Base = admin.ModelAdmin[Reward]
else:
    _Base = object


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownRow:
    """One row of the table, in words."""

    benefit: str
    is_first: bool
    """Whether the row above is of another benefit, so that this one names its own."""
    month: str
    count: str
    waiting: str
    uses: str
    worth: str
    is_exact: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownGroup:
    """The rows of one currency."""

    title: str
    total: str
    rows: list[ShownRow]


class LiabilityPage(_Base):
    """Adds the pages `liability/` and `liability.csv` to the list of rewards."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("liability/", view(self.liability_view), name="django_ppx_reward_liability"),
            path(
                "liability.csv",
                view(self.liability_csv_view),
                name="django_ppx_reward_liability_csv",
            ),
            *super().get_urls(),
        ]

    def has_liability_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("django_ppx.view_reward_liability")

    def liability_view(self, request: HttpRequest) -> HttpResponse:
        """Show what is outstanding at this moment. It names no customer."""
        if not self.has_liability_permission(request):
            raise PermissionDenied
        liability = read_liability(now=timezone.now())
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "crumbs_as_list": django.VERSION >= (6, 1),
            "title": gettext("What is outstanding"),
            "liability": liability,
            "figures": figures(liability),
            "groups": shown_groups(liability.held),
            "unassigned": shown_groups(liability.unassigned),
            "media": self.media,
        }
        response = TemplateResponse(request, "admin/django_ppx/reward/liability.html", context)
        patch_cache_control(response, private=True, no_store=True)
        return response

    def liability_csv_view(self, request: HttpRequest) -> HttpResponse:
        """Send the same rows as a file."""
        if not self.has_liability_permission(request):
            raise PermissionDenied
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="outstanding_rewards.csv"'
        response["Cache-Control"] = "private, no-store"
        csv.writer(response).writerows(liability_rows(read_liability(now=timezone.now())))
        return response


def figures(liability: Liability) -> list[dict[str, Any]]:
    """Return the figures at the head of the page: a value, what it is, and its n."""
    found: list[dict[str, Any]] = []
    for total in liability.totals:
        if total.uses:
            found.append(
                {
                    "value": money_text(total.amount_minor, total.currency),
                    "label": gettext("Amounts off, exact"),
                    "n": _uses(total.uses),
                }
            )
        if total.at_most_uses:
            found.append(
                {
                    "value": gettext("≤ %(amount)s")
                    % {"amount": money_text(total.at_most_minor, total.currency)},
                    "label": gettext("Percent off and free shipping, at most"),
                    "n": _uses(total.at_most_uses),
                }
            )
    if liability.open_uses:
        found.append(
            {
                "value": liability.open_uses,
                "label": gettext("Uses that depend on the order"),
                "n": gettext("no amount can be known"),
            }
        )
    if liability.points:
        found.append({"value": liability.points, "label": gettext("Points"), "n": ""})
    if liability.gifts:
        found.append({"value": liability.gifts, "label": gettext("Gifts"), "n": ""})
    return found


def shown_groups(rows: list[LiabilityRow]) -> list[ShownGroup]:
    """Return the rows in words, by currency."""
    groups = []
    for currency, found in groupby(rows, key=lambda row: row.currency):
        group = list(found)
        groups.append(
            ShownGroup(
                title=currency or gettext("Without an amount"),
                total=_total(currency, group),
                rows=[
                    _shown(row, is_first=number == 0 or _named(group[number - 1]) != _named(row))
                    for number, row in enumerate(group)
                ],
            )
        )
    return groups


def month_text(month: date) -> str:
    """Return the month in words: "March 2026"; "never" for what does not expire."""
    if month == NEVER:
        return pgettext("expires", "never")
    return date_format(month, "YEAR_MONTH_FORMAT")


def _named(row: LiabilityRow) -> tuple[str, str]:
    return (row.benefit, row.type)


def _shown(row: LiabilityRow, *, is_first: bool) -> ShownRow:
    worth, is_exact = _worth(row)
    waiting = ""
    if row.waiting:
        waiting = gettext("%(count)d not usable yet") % {"count": row.waiting}
    return ShownRow(
        benefit=row.benefit,
        is_first=is_first,
        month=month_text(row.month),
        count=grouped_number(row.count),
        waiting=waiting,
        uses=grouped_number(row.uses),
        worth=worth,
        is_exact=is_exact,
    )


def _worth(row: LiabilityRow) -> tuple[str, bool]:
    """Return what the row comes to in words, and whether that is exact."""
    if row.amount_minor is not None:
        return money_text(row.amount_minor, row.currency), True
    if row.at_most_minor is not None:
        amount = money_text(row.at_most_minor, row.currency)
        return gettext("at most %(amount)s") % {"amount": amount}, False
    if row.type == Benefit.Type.POINTS:
        text = ngettext("%(points)d point", "%(points)d points", row.points)
        return text % {"points": row.points}, True
    if row.type == Benefit.Type.GIFT:
        text = ngettext("%(count)d gift", "%(count)d gifts", row.uses)
        return text % {"count": row.uses}, True
    return gettext("depends on the order"), False


def _total(currency: str, rows: list[LiabilityRow]) -> str:
    if not currency:
        return ""
    exact = sum(row.amount_minor or 0 for row in rows)
    return money_text(exact, currency) if exact else ""


def _uses(count: int) -> str:
    return ngettext("n = %(count)d use", "n = %(count)d uses", count) % {"count": count}
