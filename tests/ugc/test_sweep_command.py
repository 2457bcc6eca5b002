"""`ppx_sweep_uploads`: what no row knows goes, what one knows stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.files.storage import InMemoryStorage, Storage
from django.core.management import CommandError, call_command

from django_ppx.ugc.storage import media_storage
from tests.ugc.published import publish, put_stray

pytestmark = pytest.mark.django_db


class BlindStorage(Storage):
    """A storage that can't list."""


def run(*arguments: str, hours: float = 25, **options: Any) -> str:
    out = StringIO()
    with time_machine.travel(datetime.now(tz=UTC) + timedelta(hours=hours), tick=False):
        call_command("ppx_sweep_uploads", *arguments, stdout=out, **options)
    return out.getvalue()


@pytest.fixture(autouse=True)
def _own_storage(settings) -> None:
    backend = f"{InMemoryStorage.__module__}.{InMemoryStorage.__qualname__}"
    settings.STORAGES = {**settings.STORAGES, "ppx_ugc": {"BACKEND": backend}}


def test_what_no_row_knows_is_removed() -> None:
    media = publish()
    strays = [put_stray("full.jpg"), put_stray("list.jpg")]

    assert run() == "2 files removed.\n"

    assert not any(media_storage().exists(name) for name in strays)
    assert all(media_storage().exists(file["name"]) for file in media.files.values())
    assert run() == "Nothing is left behind.\n"


def test_a_dry_run_names_it_and_leaves_it() -> None:
    stray = put_stray("full.jpg")

    assert run("--dry-run") == f"{stray}\n1 files would be removed.\n"

    assert media_storage().exists(stray)
    assert run("--verbosity", "2") == f"{stray}\n1 files removed.\n"


def test_a_young_file_may_belong_to_a_running_upload() -> None:
    stray = put_stray("full.jpg")

    assert run(hours=23.9) == "Nothing is left behind.\n"
    assert media_storage().exists(stray)


def test_an_empty_storage_is_no_error() -> None:
    assert run() == "Nothing is left behind.\n"


def test_a_storage_that_can_not_list_is_said_plainly(settings) -> None:
    blind = {"BACKEND": f"{__name__}.BlindStorage"}
    settings.STORAGES = {**settings.STORAGES, "ppx_ugc": blind}

    with pytest.raises(CommandError, match="The storage 'ppx_ugc' can't list its files"):
        run()


def test_a_storage_that_is_not_there_is_said_plainly(settings) -> None:
    settings.PPX_UGC_STORAGE = "elsewhere"

    with pytest.raises(CommandError, match="STORAGES has no 'elsewhere'"):
        run()
