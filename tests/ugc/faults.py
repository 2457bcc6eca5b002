"""Faults at the boundary to the storage, and what an interrupted submission must never come to."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.core.files.storage import FileSystemStorage
from django.db import connection
from django.utils import timezone

from django_ppx.events.models import OfferEvent
from django_ppx.offers.models import Offer, OfferPresentation, OfferVariant, OfferVariantText
from django_ppx.outbox.models import OutboxMail
from django_ppx.rewards.models import DiscountCode, Reward
from django_ppx.ugc.models import (
    UGCLicence,
    UGCLicenceGrant,
    UGCLicenceText,
    UGCLogEntry,
    UGCMedia,
    UGCPlaceCount,
    UGCPost,
    UGCReason,
    UGCReasonText,
    UGCReport,
    UGCRewardOffer,
    UGCRewardOfferText,
    UGCSubmission,
    UGCUpload,
    UGCUploadAllowance,
)
from django_ppx.ugc.pieces import part_names
from django_ppx.ugc.refusals import UploadRefused
from django_ppx.ugc.storage import media_storage
from django_ppx.ugc.sweeping import sweep_files
from tests.rewards.sweeping import TABLES, start_over
from tests.ugc.senders import stored_files

OURS: Final = (
    OutboxMail,
    OfferEvent,
    OfferPresentation,
    UGCReport,
    UGCLogEntry,
    UGCLicenceGrant,
    UGCPost,
    UGCUpload,
    UGCMedia,
    UGCSubmission,
    UGCPlaceCount,
    UGCUploadAllowance,
    UGCRewardOfferText,
    UGCRewardOffer,
    OfferVariantText,
    OfferVariant,
    Offer,
    UGCLicenceText,
    UGCLicence,
    UGCReasonText,
    UGCReason,
)
STORAGE_KINDS: Final = ("before", "after", "kill")
"""The call does not reach the storage; it is done and its answer lost; the process dies instead."""


class StorageBroken(OSError):
    """The storage went away at this very moment."""


@dataclass
class StorageFault:
    """Strikes at the call to the storage with this number; counts all of them. Afterwards it works again."""

    kind: str = ""
    at: int | None = None
    calls: int = 0

    def wrap(self, really: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **values: Any) -> Any:
            self.calls += 1
            is_mine = self.calls == self.at
            if is_mine and self.kind == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            if is_mine and self.kind == "before":
                raise StorageBroken("before")
            answer = really(*args, **values)
            if is_mine and self.kind == "after":
                if hasattr(answer, "close"):
                    answer.close()  # a file that was opened and never arrived
                raise StorageBroken("after")
            return answer

        return call


@contextmanager
def storage_struck_by(fault: StorageFault) -> Iterator[None]:
    storage = media_storage()
    for name in ("save", "delete", "open", "listdir", "get_modified_time"):
        setattr(storage, name, fault.wrap(getattr(storage, name)))
    try:
        yield
    finally:
        for name in ("save", "delete", "open", "listdir", "get_modified_time"):
            delattr(storage, name)


def clean() -> None:
    start_over((*OURS, *TABLES))
    storage = media_storage()
    assert isinstance(storage, FileSystemStorage), "a process that is killed must leave its files"
    for name in stored_files():
        storage.delete(name)


def sweep_storage(
    kind: str, prepare: Callable[[], Any], operation: Callable[[Any], Any], check: Callable[[], Any]
) -> int:
    """Strike the operation at each of its calls to the storage in turn, and return how many there are.

    `check` as with `tests.rewards.sweeping.sweep`.
    """
    clean()
    counted, prepared = StorageFault(), prepare()
    with storage_struck_by(counted):
        operation(prepared)
    expected = check()
    for number in range(1, counted.calls + 1):
        clean()
        prepared = prepare()
        _run_struck(lambda given=prepared: operation(given), StorageFault(kind=kind, at=number))
        check()
        operation(prepared)
        assert check() == expected, f"{kind} {number} of {counted.calls}"
    return counted.calls


def _run_struck(work: Callable[[], Any], fault: StorageFault) -> None:
    if fault.kind != "kill":
        try:
            with storage_struck_by(fault):
                work()
        except (StorageBroken, UploadRefused):  # the latter is what an upload makes of it
            pass
        assert fault.at is not None
        assert fault.calls >= fault.at, "the fault was to strike"
        return
    connection.close()
    child = os.fork()
    if not child:
        try:
            with storage_struck_by(fault):
                work()
        finally:
            os._exit(1)
    _pid, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the process was to be killed"


def broken_rules() -> list[str]:
    """Return what must never be, whatever was struck."""
    found = []
    for submission in UGCSubmission.objects.all():
        log = set(submission.log.values_list("kind", flat=True))
        rewards = Reward.objects.filter(reason_key=f"ugc:{submission.pk}").count()
        if rewards != int("approved" in log) or (submission.reward is not None) != bool(rewards):
            found.append(f"{submission.status}: {rewards} rewards")
        if (
            DiscountCode.objects.filter(reward__reason_key=f"ugc:{submission.pk}").count()
            != rewards
        ):
            found.append("a code too many, or too few")
        if (submission.published_at is not None) != (submission.status == "approved"):
            found.append(f"{submission.status}, published {submission.published_at}")
        for kind, mail in (
            ("sent", "received"),
            ("approved", "approved"),
            ("rejected", "rejected"),
        ):
            turn = ":1" if mail == "rejected" else ""
            keys = OutboxMail.objects.filter(key=f"ugc-{mail}:{submission.pk}{turn}")
            if keys.count() != int(kind in log):
                found.append(f"{keys.count()} mails {mail}")
        ended = OutboxMail.objects.filter(key=f"ugc-ended:{submission.pk}").count()
        if ended != int(submission.status in ("withdrawn", "taken_down")):
            found.append(f"{ended} mails ended")
        if UGCLicenceGrant.objects.filter(submission=submission).count() != int("sent" in log):
            found.append("a licence too many, or too few")
    counted = UGCSubmission.objects.filter(status__in=["waiting", "approved"]).count()
    counted += UGCSubmission.objects.filter(reward__isnull=False, ended_at__isnull=False).count()
    if set(UGCPlaceCount.objects.values_list("taken", flat=True)) - {counted, 0}:
        found.append("places")
    return found + _broken_files()


def _broken_files() -> list[str]:
    """Return what is wrong with the files: whatever may be served is there, and each byte is counted."""
    kept = list(UGCMedia.objects.filter(files_removed_at__isnull=True))
    found = [
        f"{name} is not there"
        for media in UGCMedia.objects.published(now=timezone.now())
        for name in _names(media)
        if not media_storage().exists(name)
    ]
    counted = sum(UGCUploadAllowance.objects.values_list("stored_bytes", flat=True))
    under_way = UGCUpload.objects.filter(media__isnull=True).values_list("size", flat=True)
    if counted != sum(media.stored_bytes for media in kept) + sum(under_way):
        found.append(f"{counted} bytes counted")
    return found


def files_after_sweep() -> str:
    """Sweep, and return whether then exactly the files are there that rows name."""
    sweep_files(now=timezone.now() + timedelta(days=2))
    kept = UGCMedia.objects.filter(files_removed_at__isnull=True)
    named = {name for media in kept for name in _names(media)}
    named |= {name for upload in UGCUpload.objects.all() for name in part_names(upload)}
    return "exactly" if stored_files() == named else f"{len(stored_files())} for {len(named)}"


def _names(media: UGCMedia) -> list[str]:
    return [str(file["name"]) for file in media.files.values()]
