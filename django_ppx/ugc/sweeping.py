"""Removing what a crash left behind: files without a row, and drafts that were never sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django_ppx.core.committing import after_commit
from django_ppx.core.retrying import run_retrying
from django_ppx.ugc.allowances import free_bytes
from django_ppx.ugc.models import UGCMedia, UGCSubmission, UGCUpload
from django_ppx.ugc.pieces import drop_uploads, part_names
from django_ppx.ugc.storage import FOLDER, media_storage, remove

YOUNGEST: Final = timedelta(hours=24)
"""A file that is younger may belong to an upload that is still running."""
_CHUNK: Final = 500


def sweep_files(*, now: datetime, removes: bool = True) -> list[str]:
    """Remove files in the storage that belong to nothing that is kept, and return their names.

    With `removes=False` they are only named. What is younger than a day stays. The storage must be able to list.

    :raises NotImplementedError: when the storage can't list its files.
    """
    storage = media_storage()
    swept: list[str] = []
    for folders in _in_chunks(_folders()):
        keys = {folder.rsplit("/", 1)[1]: folder for folder in folders}
        kept: dict[str, set[str]] = {
            media.key: {str(file["name"]) for file in media.files.values()}
            for media in UGCMedia.objects.filter(key__in=keys, files_removed_at__isnull=True)
        }
        kept |= {
            upload.key: set(part_names(upload)) for upload in UGCUpload.objects.filter(key__in=keys)
        }
        for key, folder in keys.items():
            for name in storage.listdir(folder)[1]:
                path = f"{folder}/{name}"
                if path in kept.get(key, ()):
                    continue
                if not _is_old(path, now):
                    continue
                swept.append(path)
    if removes:
        remove(swept)
    return swept


def _is_old(path: str, now: datetime) -> bool:
    try:
        return media_storage().get_modified_time(path) <= now - YOUNGEST
    except FileNotFoundError:  # somebody else removes it this moment
        return False


def remove_draft(*, submission_id: int) -> int:
    """Remove a draft with its files, and return whether it was still one. Nobody ever sent it in.

    :raises TransactionConflict: see `run_retrying`.
    """
    names = run_retrying(partial(_delete_draft, submission_id))
    if names is None:
        return 0
    after_commit(partial(remove, names))  # what stays behind has no row, and is swept
    return 1


def _delete_draft(submission_id: int) -> list[str] | None:
    draft = UGCSubmission.objects.select_for_update().filter(pk=submission_id).first()
    if draft is None or draft.status != UGCSubmission.Status.DRAFT:
        return None
    drop_uploads(draft)
    media = list(draft.media.all())
    free_bytes(limit_keys=draft.limit_keys, count=sum(each.stored_bytes for each in media))
    draft.delete()
    return [str(file["name"]) for each in media for file in each.files.values()]


def _folders() -> Iterator[str]:
    storage = media_storage()
    with suppress(FileNotFoundError):  # nothing was ever stored
        for shelf in sorted(storage.listdir(FOLDER)[0]):
            for key in sorted(storage.listdir(f"{FOLDER}/{shelf}")[0]):
                yield f"{FOLDER}/{shelf}/{key}"


def _in_chunks(folders: Iterator[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    for folder in folders:
        chunk.append(folder)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
