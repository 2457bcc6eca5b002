"""Where customers' files lie: a private storage of the shop (`STORAGES["ppx_ugc"]`), through Django's API alone.

No row, no access: a file that no row names is never served, and `sweeping` removes it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any, Final

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, storages
from django.utils.crypto import get_random_string

from django_ppx.conf import ppx_settings
from django_ppx.exceptions import Misconfigured, PpxError

logger: Final = logging.getLogger("django_ppx")

FOLDER: Final = "ugc"
_KEY_LETTERS: Final = "abcdefghijkmnpqrstuvwxyz23456789"
KEY_LENGTH: Final = 32
"""Letters of a key out of 32: 160 random bits."""


class FileUnavailable(PpxError):
    """The storage did not give a file, or did not take one. It is logged already."""


def has_storage() -> bool:
    """Return whether the shop has named a storage for customers' files."""
    return ppx_settings.PPX_UGC_STORAGE in settings.STORAGES


def media_storage() -> Storage:
    """Return the storage of customers' files.

    :raises Misconfigured: when `STORAGES` has none of the name that `PPX_UGC_STORAGE` says.
    """
    if not has_storage():
        raise Misconfigured(
            f"STORAGES has no {ppx_settings.PPX_UGC_STORAGE!r}: customers' files need a private one."
        )
    return storages[ppx_settings.PPX_UGC_STORAGE]


def new_key() -> str:
    """Return a new random key, in lower-case letters and digits that every file system tells apart."""
    return get_random_string(KEY_LENGTH, _KEY_LETTERS)


def folder_of(key: str) -> str:
    """Return the folder of one photo or video: "ugc/ab/ab…", so that no folder grows beyond measure."""
    return f"{FOLDER}/{key[:2]}/{key}"


def store(*, key: str, name: str, content: bytes | File[bytes]) -> str:
    """Store one file and return its name in the storage.

    :raises FileUnavailable: when it can't be stored.
    """
    file = ContentFile(content) if isinstance(content, bytes) else content
    wanted = f"{folder_of(key)}/{name}"
    try:
        return media_storage().save(wanted, file)
    except Exception as error:  # a storage of the host may raise anything
        logger.error("A customer's file can't be stored: %s", wanted, exc_info=error)
        raise FileUnavailable from error


def open_stored(name: str) -> File[Any]:
    """Return the open file of this name in the storage.

    :raises FileUnavailable: when the storage does not give it.
    """
    try:
        return media_storage().open(name, "rb")
    except Exception as error:  # a storage of the host may raise anything
        logger.error("A customer's file can't be read: %s", name, exc_info=error)
        raise FileUnavailable from error


def remove(names: Iterable[str]) -> None:
    """Remove files. One that is gone already is no error."""
    storage = media_storage()
    for name in names:
        storage.delete(name)
