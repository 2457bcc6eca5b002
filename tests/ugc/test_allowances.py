"""How much one person may upload: so many files in an hour, so many bytes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from django_ppx.testing.ugc import NOW
from django_ppx.ugc.allowances import free_bytes, keep_bytes, take_upload
from django_ppx.ugc.models import UGCUploadAllowance
from django_ppx.ugc.refusals import UploadRefused

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)


def rows() -> list[tuple[str, int, int]]:
    found = UGCUploadAllowance.objects.order_by("limit_key")
    return list(found.values_list("limit_key", "files_this_hour", "stored_bytes"))


def test_so_many_files_in_an_hour_and_no_more(settings) -> None:
    settings.PPX_UGC_FILES_PER_HOUR = 2
    take_upload(limit_keys=["a"], now=NOW)
    take_upload(limit_keys=["a"], now=NOW + HOUR - TICK)

    with pytest.raises(UploadRefused) as refused:
        take_upload(limit_keys=["a"], now=NOW + HOUR - TICK)

    assert refused.value.reason == "too_many_now"
    assert rows() == [("a", 2, 0)]


def test_an_hour_later_the_count_begins_anew(settings) -> None:
    settings.PPX_UGC_FILES_PER_HOUR = 1
    take_upload(limit_keys=["a"], now=NOW)

    take_upload(limit_keys=["a"], now=NOW + HOUR)

    assert UGCUploadAllowance.objects.get().hour_starts_at == NOW + HOUR
    assert rows() == [("a", 1, 0)]


def test_one_key_that_is_used_up_refuses_and_counts_nothing(settings) -> None:
    settings.PPX_UGC_FILES_PER_HOUR = 1
    take_upload(limit_keys=["b"], now=NOW)

    with pytest.raises(UploadRefused):
        take_upload(limit_keys=["a", "b"], now=NOW)

    assert rows() == [("b", 1, 0)]


def test_the_last_byte_fits_and_one_more_does_not(settings) -> None:
    settings.PPX_UGC_MEGABYTES_PER_CUSTOMER = 1
    take_upload(limit_keys=["a"], now=NOW)
    keep_bytes(limit_keys=["a"], count=999_999)
    keep_bytes(limit_keys=["a"], count=1)

    with pytest.raises(UploadRefused) as refused, transaction.atomic():
        keep_bytes(limit_keys=["a"], count=1)

    assert refused.value.reason == "no_room"
    assert rows() == [("a", 1, 1_000_000)]


def test_more_than_there_is_room_for_at_all_is_refused(settings) -> None:
    settings.PPX_UGC_MEGABYTES_PER_CUSTOMER = 1
    take_upload(limit_keys=["a"], now=NOW)

    with pytest.raises(UploadRefused):
        keep_bytes(limit_keys=["a"], count=1_000_001)

    assert rows() == [("a", 1, 0)]


def test_what_is_freed_is_room_again_and_never_less_than_nothing() -> None:
    take_upload(limit_keys=["a"], now=NOW)
    keep_bytes(limit_keys=["a"], count=100)

    free_bytes(limit_keys=["a"], count=100)
    free_bytes(limit_keys=["a"], count=100)

    assert rows() == [("a", 1, 0)]
