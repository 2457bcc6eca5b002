"""What a page of the queue says of each submission, ready for its template, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_ppx.core.admin import money_text
from django_ppx.core.models import PurchaseLine
from django_ppx.rewards.admin import cells
from django_ppx.ugc.admin.licences import scopes_text
from django_ppx.ugc.admin.media import ShownMedia, shown_media
from django_ppx.ugc.admin.people import Person, person_of
from django_ppx.ugc.duplicates import Duplicate, find_duplicates, posts_alike
from django_ppx.ugc.models import UGCMedia, UGCPost, UGCSubmission

_HOW = {
    "file": _("The same file as in"),
    "picture": _("Looks like a picture of"),
    "post": _("The same post as in"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """Who looks: on which admin site, and whether they may see whole names and addresses."""

    site_name: str
    may_see: bool
    now: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownDuplicate:
    how: str
    link: SafeString | str
    status: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownOrder:
    """The order beside the pictures."""

    link: SafeString | str
    placed_at: datetime
    status: str
    total: str
    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """One submission."""

    pk: int
    url: str
    label: str
    caption: str
    product: str
    offer: str
    sent_at: datetime
    waiting: str
    person: Person
    customer: SafeString | str
    record: str
    media: tuple[ShownMedia, ...]
    posts: tuple[UGCPost, ...]
    duplicates: tuple[ShownDuplicate, ...]
    scopes: str
    terms: str

    @property
    def cover(self) -> ShownMedia | None:
        return self.media[0] if self.media else None


def cards_of(submissions: Sequence[UGCSubmission], reader: Reader) -> list[Card]:
    """Return the cards of submissions that came `with_record`. Three queries, however many there are."""
    ids = [submission.pk for submission in submissions]
    media = list(UGCMedia.objects.filter(submission__in=ids).order_by("position", "pk"))
    posts = posts_alike(ids) if ids else []
    duplicates = find_duplicates(media=media, posts=posts)
    return [
        _card(
            submission,
            reader,
            media=[each for each in media if each.submission_id == submission.pk],
            posts=[post for post in posts if post.submission_id == submission.pk],
            duplicates=duplicates.get(submission.pk, ()),
        )
        for submission in submissions
    ]


def order_of(submission: UGCSubmission, reader: Reader) -> ShownOrder:
    """Return the order of a submission. One query, for its lines."""
    purchase = submission.purchase
    lines = PurchaseLine.objects.filter(purchase=purchase.pk).order_by("position")
    return ShownOrder(
        link=cells.purchase_link(purchase, site_name=reader.site_name),
        placed_at=purchase.placed_at,
        status=cells.sentence_case(purchase.get_status_display()),
        total=money_text(purchase.total_minor, purchase.currency),
        lines=tuple(f"{line.quantity.normalize():f} × {line.title}" for line in lines),
    )


def _card(
    submission: UGCSubmission,
    reader: Reader,
    *,
    media: list[UGCMedia],
    posts: list[UGCPost],
    duplicates: Sequence[Duplicate],
) -> Card:
    sent_at = submission.sent_at or submission.created_at
    grant = submission.licence_grant
    person = person_of(submission.customer, may_see=reader.may_see)
    return Card(
        pk=submission.pk,
        url=submission_url(submission.pk, reader.site_name),
        label=gettext("Submission #%(number)d") % {"number": submission.pk},
        caption=submission.caption,
        product=submission.product_title,
        offer=submission.ugc_offer.name,
        sent_at=sent_at,
        waiting=timesince(sent_at, reader.now, depth=1),
        person=person,
        customer=cells.row_link(
            "customer", submission.customer_id, person.name, site_name=reader.site_name
        ),
        record=record_text(
            getattr(submission, "ppx_approved", 0), getattr(submission, "ppx_rejected", 0)
        ),
        media=tuple(shown_media(each, site_name=reader.site_name) for each in media),
        posts=tuple(posts),
        duplicates=tuple(_duplicate(each, reader) for each in duplicates[:5]),
        scopes=scopes_text(grant.scopes),
        terms=gettext("until %(day)s") % {"day": cells.last_day(grant.ends_at)}
        if grant.ends_at
        else gettext("until it is revoked"),
    )


def _duplicate(duplicate: Duplicate, reader: Reader) -> ShownDuplicate:
    pk = duplicate.other_id
    return ShownDuplicate(
        how=str(_HOW[duplicate.how]),
        link=cells.row_link("ugcsubmission", pk, f"#{pk}", site_name=reader.site_name),
        status=str(UGCSubmission.Status(duplicate.status).label),
    )


def record_text(approved: int, rejected: int) -> str:
    """Return what became of the customer's submissions so far."""
    parts = []
    if approved:
        text = ngettext("%(count)d approved", "%(count)d approved", approved)
        parts.append(text % {"count": approved})
    if rejected:
        text = ngettext("%(count)d rejected", "%(count)d rejected", rejected)
        parts.append(text % {"count": rejected})
    return ", ".join(parts) or gettext("nothing decided before")


def submission_url(pk: int, site_name: str) -> str:
    return reverse("admin:django_ppx_ugcsubmission_change", args=[pk], current_app=site_name)
