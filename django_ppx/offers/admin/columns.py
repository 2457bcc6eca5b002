"""The cells of the lists of offers: status, window, audience, places, counts, sparkline."""

from __future__ import annotations

from datetime import datetime

from django.utils.formats import date_format
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
    """Return when the offer runs, as a person would say it."""
    starts, ends = offer.starts_at, offer.ends_at
    if starts is not None and ends is None:
        text = gettext("From %(start)s") if now < starts else gettext("Since %(start)s")
        return text % {"start": moment(starts)}
    if ends is None:
        return gettext("Always")
    if starts is None or starts <= now < ends:
        days = (localtime(ends).date() - localtime(now).date()).days
        until = gettext("Until %(end)s") % {"end": moment(ends)}
        if 0 <= days <= 14 and now < ends:
            left = ngettext("%(days)d day left", "%(days)d days left", days) % {"days": days}
            return f"{until} ({left if days else gettext('last day')})"
        return until
    return gettext("%(start)s to %(end)s") % {"start": moment(starts), "end": moment(ends)}


def moment(value: datetime) -> str:
    """Return a moment in the time zone of the person who reads, without the time where it is midnight."""
    local = localtime(value)
    is_midnight = (local.hour, local.minute) == (0, 0)
    return date_format(local, "SHORT_DATE_FORMAT" if is_midnight else "SHORT_DATETIME_FORMAT")


def places(offer: Offer) -> SafeString:
    labels = dict(Placement.choices)
    return format_html_join(
        " ",
        '<span class="ppx-chip">{}</span>',
        ((labels.get(place, place),) for place in offer.placements),
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
