"""What the pages of rewards and codes show alike: badges, days, people, links to other rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext, pgettext

from django_ppx.conf import ppx_settings
from django_ppx.core.masking import mask_name
from django_ppx.core.models import Customer, Purchase
from django_ppx.rewards.models import DiscountCode, Reward
from django_ppx.rewards.terms import FrozenTerms, UnreadableTerms
from django_ppx.rewards.wording import summarize

_BADGES = {
    Reward.Status.PROMISED: "scheduled",
    Reward.Status.VESTED: "scheduled",
    Reward.Status.ISSUED: "running",
}


def sentence_case(label: object) -> str:
    """Return a label as the beginning of a sentence."""
    return str(capfirst(str(label)))


def badge(look: str, text: object) -> SafeString:
    return format_html('<span class="ppx-badge ppx-badge--{}">{}</span>', look, text)


def row_link(model: str, pk: int, text: str, *, site_name: str) -> SafeString | str:
    """Return a link to a row of ours; the text alone where that list has no admin."""
    try:
        url = reverse(f"admin:django_ppx_{model}_change", args=[pk], current_app=site_name)
    except NoReverseMatch:
        return text
    return format_html('<a href="{}">{}</a>', url, text)


def customer_link(customer: Customer | None, *, site_name: str) -> SafeString | str:
    """Return the customer's initials, or their number, as a link."""
    if customer is None:
        return "–"
    name = mask_name(customer.first_name, customer.last_name) or str(customer)
    return row_link("customer", customer.pk, name, site_name=site_name)


def purchase_link(purchase: Purchase | None, *, site_name: str) -> SafeString | str:
    if purchase is None:
        return "–"
    return row_link("purchase", purchase.pk, purchase.order_ref, site_name=site_name)


def day(instant: datetime | None) -> str:
    """Return the day of an instant in the shop's time zone, in which codes begin and end."""
    if instant is None:
        return "–"
    zone = ZoneInfo(ppx_settings.PPX_TIME_ZONE)
    return date_format(timezone.localtime(instant, zone), "SHORT_DATE_FORMAT")


def minute(instant: datetime | None) -> str:
    """Return the local day and time of an instant."""
    if instant is None:
        return "–"
    return date_format(timezone.localtime(instant), "SHORT_DATETIME_FORMAT")


def last_day(expires_at: datetime | None) -> str:
    """Return the last local day before an end: what ends at midnight is good through the day before."""
    return "–" if expires_at is None else day(expires_at - timedelta(microseconds=1))


def worth_of(row: Reward | DiscountCode) -> str:
    """Return the frozen terms in a few words."""
    try:
        return summarize(FrozenTerms.from_json(row.terms))
    except UnreadableTerms:
        return gettext("Unreadable")


def is_handed_over(reward: Reward) -> bool:
    """Return whether it is a gift or points, which people hand over, rather than a code."""
    return reward.terms.get("type") in ("gift", "points")


def status_text(reward: Reward) -> str:
    """Return where a reward stands, in the words of who packs for gifts and points."""
    if is_handed_over(reward):
        if reward.status == Reward.Status.ISSUED:
            return pgettext("reward", "To hand over")
        if reward.status == Reward.Status.REDEEMED:
            return pgettext("reward", "Handed over")
    return sentence_case(Reward.Status(reward.status).label)


def status_badge(reward: Reward) -> SafeString:
    return badge(_BADGES.get(Reward.Status(reward.status), "ended"), status_text(reward))


def flag_badge(reward: Reward) -> SafeString | str:
    """Return the mark of a reward that staff must look at; "" for any other."""
    if not reward.flag:
        return ""
    return format_html(
        '<span class="ppx-badge ppx-badge--paused" title="{}">{}</span>',
        Reward.Flag(reward.flag).label,
        gettext("Needs a look"),
    )


def reward_badges(reward: Reward) -> SafeString:
    return format_html("{} {}", status_badge(reward), flag_badge(reward))
