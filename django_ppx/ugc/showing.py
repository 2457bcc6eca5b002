"""What a customer sees of their own: files of a draft, and how a submission stands. Ready values for the templates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.dates import format_date
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from django_ppx.conf import ppx_settings
from django_ppx.core.money import babel_locale
from django_ppx.offers.cards import CardCode
from django_ppx.rewards.alphabet import grouped_as
from django_ppx.rewards.granting import code_of
from django_ppx.rewards.models import DiscountCode, Reward
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.rewards.validity import last_day
from django_ppx.rewards.wording import conditions, summarize
from django_ppx.ugc.models import UGCMedia, UGCRewardOffer, UGCSubmission
from django_ppx.ugc.wording import in_language

Status: Final = UGCSubmission.Status
SMALL: Final = "list.jpg"
LARGE: Final = "gallery.jpg"
PREVIEWS: Final = (SMALL, LARGE)


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownMedia:
    """A photo or video as its sender sees it."""

    key: str
    name: str
    is_video: bool
    preview_url: str
    """"" for a video without a poster, and when the files are gone."""
    srcset: str
    width: int | None
    height: int | None

    def as_json(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "name": self.name,
            "is_video": self.is_video,
            "preview_url": self.preview_url,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownReward:
    """What became of the reward: `state` is "waiting", "given", "used", "expired" or "taken_back"."""

    state: str
    summary: str
    code: CardCode | None
    usable_from: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """One submission as its sender sees it."""

    submission: UGCSubmission
    theme: str
    title: str
    """How it stands, in a few words: "It is approved. Thank you!"."""
    next: str
    """What happens next; of what was rejected, why."""
    media: tuple[ShownMedia, ...]
    posts: tuple[str, ...]
    sent_on: str
    reason: str
    licence_summary: str
    licence_text: str
    reward: ShownReward | None
    promised: str
    """What it earns once it is approved: "10% off"."""
    can_withdraw: bool
    is_reward_taken_back: bool
    """Whether withdrawing now takes the reward back."""


def shown_media(media: Iterable[UGCMedia], *, form_key: str) -> tuple[ShownMedia, ...]:
    """Return the files in their order. `form_key` is the submission's."""
    return tuple(_media(row, form_key) for row in media)


def standing(submission: UGCSubmission) -> Standing:
    """Return how a submission stands, in the active language. Its offer and reward were loaded with it."""
    language = translation.get_language() or ""
    offer = submission.ugc_offer
    text = in_language(offer.texts.all(), language)
    reason = submission.reason and in_language(submission.reason.texts.all(), language)
    grant = getattr(submission, "licence_grant", None)
    promised = summarize(FrozenTerms.of(offer.benefit), currency=submission.purchase.currency)
    reward = _reward(submission.reward) if submission.reward else None
    takes_back = offer.after_withdrawal == UGCRewardOffer.AfterWithdrawal.TAKE_BACK
    return Standing(
        submission=submission,
        theme=text.theme if text else "",
        title=_title(submission),
        next=_next(submission, reason.text if reason else "", promised),
        media=shown_media(media_of(submission), form_key=submission.form_key),
        posts=tuple(
            post.url for post in sorted(submission.posts.all(), key=lambda post: int(post.pk))
        ),
        sent_on=_day(submission.sent_at),
        reason=reason.text if reason else "",
        licence_summary=grant.summary if grant else "",
        licence_text=grant.text if grant else "",
        reward=reward,
        promised=promised,
        can_withdraw=submission.status in {Status.WAITING, Status.APPROVED, Status.REJECTED},
        is_reward_taken_back=bool(takes_back and reward and reward.state in {"waiting", "given"}),
    )


def media_of(submission: UGCSubmission) -> list[UGCMedia]:
    """Return the files of a submission in their order. One query, unless they are prefetched."""
    return sorted(submission.media.all(), key=lambda row: (row.position, row.pk))


def name_of(row: UGCMedia) -> str:
    """Return what the customer called a file, else what it is."""
    return row.original_name or str(UGCMedia.Type(row.type).label)


def previews_of(row: UGCMedia) -> dict[str, dict[str, Any]]:
    """Return what its sender sees of a file, by name, the smaller picture first; nothing once the files are gone."""
    if row.files_removed_at is not None or SMALL not in row.files:
        return {}
    return {name: row.files[name] for name in PREVIEWS if name in row.files}


def _title(submission: UGCSubmission) -> str:
    return {
        Status.DRAFT: _("It is not sent yet"),
        Status.WAITING: _("Thank you, it has arrived"),
        Status.APPROVED: _("It is approved. Thank you!"),
        Status.REJECTED: _("We can't use this one"),
        Status.WITHDRAWN: _("You have withdrawn it"),
    }.get(Status(submission.status), _("It is no longer shown"))


def _next(submission: UGCSubmission, reason: str, promised: str) -> str:
    waiting = _(
        "Next, somebody in the shop looks at it. Once it is approved you get your reward: %(reward)s. "
        "We write to you then, if we have your address."
    )
    withdrawn = _("It is not shown any more, the files are deleted and your permission has ended.")
    return {
        Status.DRAFT: _("Add what you would like to show us, and send it."),
        Status.WAITING: waiting % {"reward": promised},
        Status.APPROVED: _("The shop may show it now."),
        Status.REJECTED: reason,
        Status.WITHDRAWN: withdrawn,
    }.get(
        Status(submission.status),
        _("It is not shown in the shop any more, and the files are deleted."),
    )


def _media(row: UGCMedia, form_key: str) -> ShownMedia:
    files = previews_of(row)
    small = files.get(SMALL)
    urls = {
        name: (reverse("ppx:ugc_preview", args=[form_key, row.key, name]), file)
        for name, file in files.items()
    }
    return ShownMedia(
        key=row.key,
        name=name_of(row),
        is_video=row.type == UGCMedia.Type.VIDEO,
        preview_url=urls[SMALL][0] if urls else "",
        srcset=", ".join(f"{url} {file['width']}w" for url, file in urls.values()),
        width=small["width"] if small else None,
        height=small["height"] if small else None,
    )


_STATES: Final = {
    Reward.Status.PROMISED: "waiting",
    Reward.Status.REDEEMED: "used",
    Reward.Status.EXPIRED: "expired",
    Reward.Status.REVERSED: "taken_back",
}


def _reward(reward: Reward) -> ShownReward:
    terms = FrozenTerms.from_json(reward.terms)
    state = _STATES.get(Reward.Status(reward.status), "given")
    code = code_of(reward) if state == "given" else None
    return ShownReward(
        state=state,
        summary=summarize(terms),
        usable_from=_day(reward.vests_at) if state == "waiting" else "",
        code=_code(code, terms) if code else None,
    )


def _code(code: DiscountCode, terms: FrozenTerms) -> CardCode:
    return CardCode(
        text=grouped_as(code.code, code.terms),
        value=code.code,
        summary=summarize(terms),
        conditions=conditions(terms),
        expires_at=code.expires_at,
        last_day=_written(last_day(code.expires_at)),
    )


def _day(instant: datetime | None) -> str:
    zone = ZoneInfo(ppx_settings.PPX_TIME_ZONE)
    return _written(instant.astimezone(zone).date() if instant else None)


def _written(day: date | None) -> str:
    if day is None:
        return ""
    return format_date(day, format="long", locale=babel_locale(translation.get_language() or "en"))
