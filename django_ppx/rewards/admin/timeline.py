"""What a reward's own page tells: where it stands, what to do about it, and what happened, in the order it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext

from django_ppx.core.models import Purchase
from django_ppx.rewards.admin import cells
from django_ppx.rewards.alphabet import grouped_as
from django_ppx.rewards.granting import code_of
from django_ppx.rewards.ledger import RewardState, Step, apply
from django_ppx.rewards.models import Reward, RewardEntry


@dataclass(frozen=True, kw_only=True, slots=True)
class RewardCard:
    """The head of the page."""

    worth: str
    status: SafeString
    flag: str
    """Why staff have to look at it, as a sentence; "" where they need not."""
    code: str
    code_link: SafeString | str
    next_step: str
    """What staff or customer do next, as a sentence; "" when it is over."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Happening:
    """One line of the history."""

    what: str
    look: str
    at: datetime
    who: str
    why: str
    order: SafeString | str


def reward_card(reward: Reward, *, site_name: str, may_see_code: bool) -> RewardCard:
    """Return what the head of the reward's page says. One query, for its code."""
    code = code_of(reward)
    text = ""
    link: SafeString | str = ""
    if code is not None and may_see_code:
        text = grouped_as(code.code, code.terms)
        link = cells.row_link(
            "discountcode", code.pk, gettext("Open the code"), site_name=site_name
        )
    return RewardCard(
        worth=cells.worth_of(reward),
        status=cells.status_badge(reward),
        flag="" if not reward.flag else f"{Reward.Flag(reward.flag).label}.",
        code=text,
        code_link=link,
        next_step=_next_step(reward, has_code=code is not None),
    )


def _next_step(reward: Reward, *, has_code: bool) -> str:
    if reward.flag in (Reward.Flag.UNDONE_AFTER_USE, Reward.Flag.REDUCED_AFTER_USE):
        return gettext(
            "The customer keeps what was used, unless you ask for it. Once that is settled, press “Looked at”."
        )
    if reward.flag == Reward.Flag.NOT_DELIVERED:
        return gettext(
            "The log says why. Credit it by hand and tick it off under “To hand over”, or press "
            "“Looked at” to have it tried once more."
        )
    if reward.status == Reward.Status.PROMISED:
        return gettext(
            "The customer can use it from %(day)s on. Nothing is to be done until then."
        ) % {"day": cells.day(reward.vests_at)}
    if reward.status != Reward.Status.ISSUED:
        return ""
    if not has_code:
        return gettext("It stands under “To hand over” until somebody ticks it off.")
    if reward.expires_at is None:
        return gettext("The customer can use the code. It never expires.")
    return gettext("The customer can use the code until %(day)s.") % {
        "day": cells.last_day(reward.expires_at)
    }


def timeline_of(reward: Reward, *, site_name: str) -> list[Happening]:
    """Return what happened: how it was opened, then its entries. Two queries, however many there are."""
    entries = list(reward.entries.select_related("by").order_by("number"))
    refs = {entry.order_ref for entry in entries if entry.order_ref}
    known = dict(Purchase.objects.filter(order_ref__in=refs).values_list("order_ref", "pk"))
    happenings = [_opening(reward, site_name)]
    state = RewardState(status=reward.opened_as)
    for entry in entries:
        was_used = state.status == Reward.Status.REDEEMED
        happenings.append(
            Happening(
                what=_words(reward, entry, was_used=was_used),
                look=entry.kind,
                at=entry.at,
                who=_name(entry.by),
                why=cells.sentence_case(entry.why),
                order=_order(entry, known, site_name),
            )
        )
        state = apply(state, Step(kind=entry.kind, kept_ppm=entry.kept_ppm))
    return happenings


def _opening(reward: Reward, site_name: str) -> Happening:
    is_promise = reward.opened_as == Reward.Status.PROMISED
    return Happening(
        what=pgettext("reward", "Promised") if is_promise else pgettext("reward", "Given"),
        look="opened",
        at=reward.granted_at,
        who=_name(reward.granted_by),
        why=reward.reason or cells.sentence_case(Reward.ReasonType(reward.reason_type).label),
        order=""
        if reward.purchase is None
        else cells.purchase_link(reward.purchase, site_name=site_name),
    )


def _order(entry: RewardEntry, known: Mapping[str, int], site_name: str) -> SafeString | str:
    if entry.order_ref not in known:
        return entry.order_ref
    return cells.row_link("purchase", known[entry.order_ref], entry.order_ref, site_name=site_name)


def _words(reward: Reward, entry: RewardEntry, *, was_used: bool) -> str:
    if was_used and entry.kind == RewardEntry.Kind.REVERSED:
        return gettext("Too late to take back: it was used")
    if was_used and entry.kind == RewardEntry.Kind.REDUCED:
        return gettext("Too late to reduce: it was used")
    if entry.kind == RewardEntry.Kind.REDEEMED and cells.is_handed_over(reward):
        return pgettext("reward", "Handed over")
    if entry.kind == RewardEntry.Kind.REDUCED and entry.kept_ppm is not None:
        return gettext("Reduced to %(percent)s %%") % {"percent": f"{entry.kept_ppm / 10_000:.0f}"}
    return cells.sentence_case(RewardEntry.Kind(entry.kind).label)


def _name(user: Any) -> str:
    return "" if user is None else str(user.get_username())
