"""The cells of the lists of offers: status, window, audience, places, counts, sparkline."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_ppx.offers.counting import OfferCounts
from django_ppx.offers.models import Offer, Placement
from django_ppx.offers.sparklines import draw_sparkline

STATES: dict[str, str | Promise] = {
    "draft": _("Draft"),
    "running": _("Running"),
    "scheduled": _("Scheduled"),
    "ended": _("Ended"),
    "paused": _("Paused"),
    "archived": _("Archived"),
}


def state_of(offer: Offer, *, now: datetime) -> str:
    """Return what an offer is doing: its status, and for an active one whether its window is open."""
    if offer.status != Offer.Status.ACTIVE:
        return offer.status
    if offer.starts_at is not None and now < offer.starts_at:
        return "scheduled"
    if offer.ends_at is not None and now >= offer.ends_at:
        return "ended"
    return "running"


def status_badge(offer: Offer, *, now: datetime) -> SafeString:
    state = state_of(offer, now=now)
    return format_html('<span class="ppx-badge ppx-badge--{}">{}</span>', state, STATES[state])


def window_in_words(offer: Offer, *, now: datetime) -> str:
    """Return when the offer runs, as a person would say it, in the time zone of who reads."""
    starts, ends = offer.starts_at, offer.ends_at
    if starts is not None and ends is None:
        text = gettext("From %(start)s") if now < starts else gettext("Since %(start)s")
        return text % {"start": moment(starts)}
    if ends is None:
        return gettext("Always")
    if starts is not None and not starts <= now < ends:
        return gettext("%(start)s to %(end)s") % {"start": moment(starts), "end": last_moment(ends)}
    until = gettext("Until %(end)s") % {"end": last_moment(ends)}
    days = (localtime(ends - _INSTANT).date() - localtime(now).date()).days
    if now >= ends or days > 14:
        return until
    if days == 0:
        return gettext("%(until)s, last day") % {"until": until}
    left = ngettext("%(until)s, %(days)d day left", "%(until)s, %(days)d days left", days)
    return left % {"until": until, "days": days}


def moment(value: datetime) -> str:
    """Return a moment, without its time where it is midnight."""
    local = localtime(value)
    is_midnight = (local.hour, local.minute) == (0, 0)
    return date_format(local, "SHORT_DATE_FORMAT" if is_midnight else "SHORT_DATETIME_FORMAT")


def last_moment(ends_at: datetime) -> str:
    """Return an exclusive end as people say it: the first instant of 1 April is "31 March"."""
    local = localtime(ends_at)
    if (local.hour, local.minute) == (0, 0):
        return date_format(localtime(ends_at - _INSTANT), "SHORT_DATE_FORMAT")
    return date_format(local, "SHORT_DATETIME_FORMAT")


_INSTANT = timedelta(microseconds=1)


def places(offer: Offer) -> SafeString:
    labels = dict(Placement.choices)
    return format_html_join(
        " ",
        '<span class="ppx-chip">{}</span>',
        ((labels.get(place, place),) for place in offer.placements),
    )


def figure(name: str, count: int) -> SafeString:
    """Return a count with its name, which shows where the list has no heading (on a phone)."""
    return format_html(
        '<span class="ppx-figure"><span class="ppx-figure__name">{}</span> {}</span>',
        name,
        number_format(count),
    )


def sparkline(counts: OfferCounts) -> SafeString:
    """Return the last days as a small SVG with its figures as its name."""
    drawn = draw_sparkline(counts.shown_by_day)
    label = gettext("Shown on the last %(days)d days, oldest first: %(figures)s") % {
        "days": len(counts.shown_by_day),
        "figures": ", ".join(map(str, counts.shown_by_day)),
    }
    return format_html(
        '<svg class="ppx-spark{}" viewBox="0 0 {} {}" width="{}" height="{}" role="img" aria-label="{}">'
        "<title>{}</title>"
        '<polygon class="ppx-spark__area" points="{}"></polygon>'
        '<polyline class="ppx-spark__line" points="{}"></polyline>'
        '<circle class="ppx-spark__dot" cx="{}" cy="{}" r="2"></circle></svg>',
        "" if any(counts.shown_by_day) else " ppx-spark--quiet",
        drawn.width,
        drawn.height,
        drawn.width,
        drawn.height,
        label,
        label,
        drawn.area,
        drawn.points,
        f"{drawn.last_x:g}",
        f"{drawn.last_y:g}",
    )


def trend(counts: OfferCounts, *, name: str, numbers_url: str) -> SafeString:
    """Return the sparkline, and under it the way to the offer's numbers where there is one."""
    drawn = sparkline(counts)
    if not numbers_url:
        return drawn
    return format_html(
        '{}<a class="ppx-numberslink" href="{}" aria-label="{}">{}</a>',
        drawn,
        numbers_url,
        gettext("Numbers of “%(name)s”") % {"name": name},
        gettext("Numbers"),
    )
