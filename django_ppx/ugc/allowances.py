"""How much one person may upload: files in an hour, bytes that are kept.

One row a person, changed by conditional `UPDATE`s. An hour is a window of the clock that begins with the first upload.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.db.models import F

from django_ppx.conf import ppx_settings
from django_ppx.core.retrying import run_retrying
from django_ppx.ugc.models import UGCUploadAllowance
from django_ppx.ugc.refusals import UploadRefused

_HOUR: Final = timedelta(hours=1)
_MEGABYTE: Final = 1_000_000


def take_upload(*, limit_keys: Sequence[str], now: datetime) -> None:
    """Count one more file in the running hour, whatever will become of it: looking at it costs too.

    :raises UploadRefused: when the hour's files are used up.
    :raises TransactionConflict: see `run_retrying`.
    """
    run_retrying(partial(_take_upload, limit_keys, now))


def keep_bytes(*, limit_keys: Iterable[str], count: int) -> None:
    """Count bytes that are to be kept. In a transaction that is given up when this refuses.

    :raises UploadRefused: when the person has no room for so many.
    """
    most = ppx_settings.PPX_UGC_MEGABYTES_PER_CUSTOMER * _MEGABYTE
    for key in sorted(limit_keys):
        kept = UGCUploadAllowance.objects.filter(limit_key=key, stored_bytes__lte=most - count)
        if count > most or not kept.update(stored_bytes=F("stored_bytes") + count):
            raise UploadRefused(UploadRefused.Reason.NO_ROOM)


def free_bytes(*, limit_keys: Iterable[str], count: int) -> None:
    """Take bytes off that are not kept any more."""
    for key in sorted(limit_keys):
        UGCUploadAllowance.objects.filter(limit_key=key, stored_bytes__gte=count).update(
            stored_bytes=F("stored_bytes") - count
        )


def _take_upload(limit_keys: Sequence[str], now: datetime) -> None:
    most = ppx_settings.PPX_UGC_FILES_PER_HOUR
    for key in sorted(limit_keys):
        mine = UGCUploadAllowance.objects.filter(limit_key=key)
        if not mine.exists():
            UGCUploadAllowance.objects.bulk_create(
                [UGCUploadAllowance(limit_key=key, hour_starts_at=now)], ignore_conflicts=True
            )
        mine.filter(hour_starts_at__lte=now - _HOUR).update(hour_starts_at=now, files_this_hour=0)
        if not mine.filter(files_this_hour__lt=most).update(
            files_this_hour=F("files_this_hour") + 1
        ):
            raise UploadRefused(UploadRefused.Reason.TOO_MANY_NOW)
