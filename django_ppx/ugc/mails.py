"""The mails about submissions and reports, written with the change that they tell of."""

from __future__ import annotations

import logging
import re
from collections import Counter
from datetime import datetime
from typing import Any, Final

from babel.lists import format_list
from django.utils import translation
from django.utils.translation import ngettext

from django_ppx.core.money import babel_locale
from django_ppx.outbox.posting import MailRefused, cancel_mail, post_mail
from django_ppx.outbox.rendering import render_mail
from django_ppx.rewards.alphabet import grouped_as
from django_ppx.rewards.granting import code_of
from django_ppx.rewards.links import apply_path
from django_ppx.rewards.models import Reward
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.rewards.validity import last_day
from django_ppx.rewards.wording import conditions, summarize
from django_ppx.ugc.links import page_path, proof_path, whole
from django_ppx.ugc.models import UGCLogEntry, UGCMedia, UGCReport, UGCSubmission
from django_ppx.ugc.wording import in_language

logger: Final = logging.getLogger("django_ppx")

_NAME: Final = re.compile(r"[^\W\d_]+\.?(?:[ '’-][^\W\d_]+\.?)*")
_LONGEST_NAME: Final = 40


def post_received(submission: UGCSubmission, *, now: datetime) -> None:
    """Tell the customer that what they sent arrived, and how to withdraw it."""
    with translation.override(submission.language or None):
        contents = _contents(submission)
    key = f"ugc-received:{submission.pk}"
    _post(submission, "ugc_received", key=key, now=now, contents=contents)


def post_approved(submission: UGCSubmission, *, now: datetime) -> None:
    """Tell the customer that it is approved, with the reward: its code, or what happens with it."""
    _post(
        submission,
        "ugc_approved",
        key=f"ugc-approved:{submission.pk}",
        now=now,
        **_reward_facts(submission, now),
    )


def post_rejected(submission: UGCSubmission, *, now: datetime) -> None:
    """Tell the customer why it was rejected, and where to answer or try again."""
    text = (
        in_language(submission.reason.texts.all(), submission.language)
        if submission.reason
        else None
    )
    again = page_path(
        ugc_offer_id=submission.ugc_offer_id, purchase_id=submission.purchase_id, now=now
    )
    _post(
        submission,
        "ugc_rejected",
        key=_rejected_key(submission),
        now=now,
        reason=text.text if text else "",
        note=submission.note,
        again_url=whole(again) if submission.ugc_offer.is_open(now=now) else "",
    )


def cancel_rejected(submission: UGCSubmission, *, now: datetime) -> None:
    """Keep the mail about the rejection from leaving, where it is still waiting."""
    cancel_mail(key=_rejected_key(submission), now=now)


def cancel_unsent(submission: UGCSubmission, *, reward: str, now: datetime) -> None:
    """Keep back what waits to be sent about a submission that is over, and is not true any more.

    The mail that brings a reward leaves all the same, unless the reward was taken back.
    """
    keys = [f"ugc-received:{submission.pk}", f"ugc-expiring:{submission.pk}"]
    if reward == "taken_back":
        keys.append(f"ugc-approved:{submission.pk}")
    for key in keys:
        cancel_mail(key=key, now=now)


def post_ended(
    submission: UGCSubmission, *, kind: str, reward: str, why: str, now: datetime
) -> None:
    """Tell the customer that it is gone from the shop, why, and what becomes of the reward."""
    _post(
        submission,
        "ugc_ended",
        key=f"ugc-ended:{submission.pk}",
        now=now,
        kind=kind,
        reward=reward,
        # What staff noted in the register when a licence was revoked is for them.
        why=why if kind == UGCLogEntry.Kind.TAKEN_DOWN else "",
    )


def post_expiring(submission: UGCSubmission, *, now: datetime) -> None:
    """Remind the customer of a reward that is about to expire, once."""
    _post(
        submission,
        "ugc_expiring",
        key=f"ugc-expiring:{submission.pk}",
        now=now,
        **_reward_facts(submission, now),
    )


def post_report_received(report: UGCReport, *, now: datetime) -> None:
    """Send the receipt to whoever reported something and left an address."""
    _post_to(report.email, "ugc_report_received", report, now=now)


def post_report_decided(report: UGCReport, *, now: datetime) -> None:
    """Tell whoever reported something what was decided, and why."""
    _post_to(report.email, "ugc_report_decided", report, now=now)


def _rejected_key(submission: UGCSubmission) -> str:
    turn = submission.log.filter(kind=UGCLogEntry.Kind.REJECTED).count()
    return f"ugc-rejected:{submission.pk}:{turn}"


def _reward_facts(submission: UGCSubmission, now: datetime) -> dict[str, Any]:
    reward = submission.reward
    if reward is None:
        return {}
    terms, code = FrozenTerms.from_json(reward.terms), code_of(reward)
    with translation.override(submission.language or None):
        return {
            "reward_summary": summarize(terms, currency=submission.purchase.currency),
            "reward_conditions": conditions(terms, currency=submission.purchase.currency),
            "is_waiting": reward.status == Reward.Status.PROMISED,
            "usable_from": reward.vests_at,
            "last_day": last_day(reward.expires_at),
            "code": grouped_as(code.code, code.terms) if code else "",
            "code_url": whole(apply_path(code, now=now)) if code else "",
        }


def _contents(submission: UGCSubmission) -> str:
    """Return what was sent, in the active language: "2 photos and 1 link"."""
    types = Counter(submission.media.values_list("type", flat=True))
    photos, videos = types[UGCMedia.Type.PHOTO], types[UGCMedia.Type.VIDEO]
    links = submission.posts.count()
    parts = [
        ngettext("%(count)d photo", "%(count)d photos", photos) % {"count": photos},
        ngettext("%(count)d video", "%(count)d videos", videos) % {"count": videos},
        ngettext("%(count)d link", "%(count)d links", links) % {"count": links},
    ]
    counts = (photos, videos, links)
    there = [part for part, count in zip(parts, counts, strict=True) if count]
    return format_list(there, locale=babel_locale(translation.get_language() or "en"))


def _greeted(first_name: str) -> str:
    """Return the name, or "" where it is none: anybody may have typed an address and a message into a checkout."""
    return first_name if len(first_name) <= _LONGEST_NAME and _NAME.fullmatch(first_name) else ""


def _post(
    submission: UGCSubmission, template: str, *, key: str, now: datetime, **facts: Any
) -> None:
    """Write the mail to the customer's address as they wrote it; without one there is none."""
    to = submission.purchase.customer.email or submission.customer.email
    if not to:
        return
    language = submission.language
    text = in_language(submission.ugc_offer.texts.all(), language)
    context = {
        "submission": submission,
        "theme": text.theme if text else "",
        "first_name": _greeted(submission.customer.first_name),
        "manage_url": whole(proof_path(submission_id=submission.pk, now=now)),
        **facts,
    }
    _write(to, template, context, key=key, language=language, now=now)


def _post_to(to: str, template: str, report: UGCReport, *, now: datetime) -> None:
    if to:
        key = f"{template.replace('_', '-')}:{report.pk}"
        _write(to, template, {"report": report}, key=key, language=report.language, now=now)


def _write(
    to: str, template: str, context: dict[str, Any], *, key: str, language: str, now: datetime
) -> None:
    content = render_mail(template, context, language=language)
    try:
        post_mail(key=key, to=to, content=content, language=language, now=now)
    except MailRefused as refused:
        # An address that nobody could write to must not stand in the way of the decision.
        logger.warning("A mail (%s) was not written: %s", template, refused.reason)
