"""Which submissions show what another one shows: the same file, a picture that looks alike, the same post."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final, Literal

from django_ppx.ugc.fingerprints import DUPLICATE_DISTANCE
from django_ppx.ugc.models import UGCMedia, UGCPost, UGCSubmission

COMPARED: Final = 20_000
"""Files that a file is compared with: the newest ones. 50 pictures against all of them take about 0.1 s."""

How = Literal["file", "picture", "post"]
_UNSIGNED: Final = (1 << 64) - 1
_RANK: Final[dict[How, int]] = {"file": 0, "post": 1, "picture": 2}


@dataclass(frozen=True, kw_only=True, slots=True)
class Duplicate:
    """Another submission, where it stands, and what it has in common."""

    other_id: int
    status: str
    how: How


def find_duplicates(
    *, media: Iterable[UGCMedia], posts: Collection[UGCPost]
) -> dict[int, tuple[Duplicate, ...]]:
    """Return the duplicates of the submissions that `media` belong to, by their ids. One query.

    `posts` are theirs and those with the same addresses, as `posts_alike` returns them. The same file goes before
    what looks alike, and each other submission stands there once.
    """
    found: dict[int, dict[int, Duplicate]] = defaultdict(dict)
    mine = [each for each in media if each.type in (UGCMedia.Type.PHOTO, UGCMedia.Type.VIDEO)]
    if mine:
        _compare_files(mine, found)
    _compare_posts(posts, found)
    return {pk: _in_order(others.values()) for pk, others in found.items()}


def posts_alike(submission_ids: Collection[int]) -> list[UGCPost]:
    """Return the posts of these submissions, and of any that was sent those with the same address. One query."""
    theirs = UGCPost.objects.filter(submission__in=submission_ids).values("url_digest")
    alike = UGCPost.objects.filter(url_digest__in=theirs, submission__sent_at__isnull=False)
    return list(alike.select_related("submission").order_by("pk"))


def waiting_with_duplicates() -> list[int]:
    """Return the ids of those that wait and have a duplicate. Three queries, however many wait."""
    media = UGCMedia.objects.filter(submission__status=UGCSubmission.Status.WAITING)
    media = media.only("submission_id", "type", "digest", "fingerprint")
    waiting = UGCSubmission.objects.waiting().order_by().values("pk")
    posts = UGCPost.objects.filter(submission__in=waiting).values("url_digest")
    alike = UGCPost.objects.filter(url_digest__in=posts, submission__sent_at__isnull=False)
    found = find_duplicates(media=media, posts=list(alike.select_related("submission")))
    return sorted(found)


def _compare_files(mine: list[UGCMedia], found: dict[int, dict[int, Duplicate]]) -> None:
    rows = (
        UGCMedia.objects.filter(submission__sent_at__isnull=False)
        .order_by("-pk")
        .values_list("submission_id", "submission__status", "digest", "fingerprint")[:COMPARED]
    )
    by_digest: dict[str, list[tuple[int, str]]] = defaultdict(list)
    prints: list[tuple[int, int, str]] = []
    for submission_id, status, digest, print_ in rows:
        by_digest[digest].append((submission_id, status))
        if print_ is not None:
            prints.append((print_ & _UNSIGNED, submission_id, status))
    for each in mine:
        own = each.submission_id
        for other, status in by_digest.get(each.digest, ()):
            _add(found, own, Duplicate(other_id=other, status=status, how="file"))
        if each.fingerprint is None:
            continue
        wanted = each.fingerprint & _UNSIGNED
        for print_, other, status in prints:
            # `fingerprints.distance`, spelt out: it runs a million times on a page.
            if (wanted ^ print_).bit_count() <= DUPLICATE_DISTANCE and other != own:
                _add(found, own, Duplicate(other_id=other, status=status, how="picture"))


def _compare_posts(posts: Collection[UGCPost], found: dict[int, dict[int, Duplicate]]) -> None:
    by_digest: dict[str, list[UGCSubmission]] = defaultdict(list)
    for post in posts:
        by_digest[post.url_digest].append(post.submission)
    for submissions in by_digest.values():
        for own in submissions:
            for other in submissions:
                _add(
                    found,
                    own.pk,
                    Duplicate(other_id=other.pk, status=other.status, how="post"),
                )


def _add(found: dict[int, dict[int, Duplicate]], own: int, duplicate: Duplicate) -> None:
    if duplicate.other_id == own:
        return
    known = found[own].get(duplicate.other_id)
    if known is None or _RANK[duplicate.how] < _RANK[known.how]:
        found[own][duplicate.other_id] = duplicate


def _in_order(duplicates: Iterable[Duplicate]) -> tuple[Duplicate, ...]:
    return tuple(sorted(duplicates, key=lambda each: (_RANK[each.how], -each.other_id)))
