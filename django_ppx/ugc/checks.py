"""What the system checks ask of the settings for customers' photos and videos. Registered in `django_ppx.checks`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.core.files.storage import FileSystemStorage, storages
from django.db import DEFAULT_DB_ALIAS, DatabaseError, transaction

from django_ppx.conf import ppx_settings
from django_ppx.ugc.models import UGCRewardOffer
from django_ppx.ugc.storage import has_storage

_STORAGE_HINT: Final = (
    "Add a storage of that name to STORAGES, in a place that is not served. See docs/ugc.md."
)


def check_site_url(**kwargs: Any) -> list[CheckMessage]:
    """Return an error unless `PPX_SITE_URL` is empty, or a scheme and a host."""
    url: Any = getattr(settings, "PPX_SITE_URL", "")
    if url == "" or (isinstance(url, str) and _is_site(url)):
        return []
    hint = "The scheme and the host alone, such as 'https://shop.example.com'."
    return [Error(f"PPX_SITE_URL {url!r} is no site.", hint=hint, id="django_ppx.E034")]


def _is_site(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    is_clean = url.isascii() and url.isprintable() and " " not in url and "@" not in parts.netloc
    is_bare = not (parts.path.strip("/") or parts.query or parts.fragment)
    return parts.scheme in {"http", "https"} and bool(host) and is_clean and is_bare


def check_ugc_storage(**kwargs: Any) -> list[CheckMessage]:
    """Return what is wrong with `PPX_UGC_STORAGE`, or a warning where anybody can reach what lies there."""
    name: Any = ppx_settings.PPX_UGC_STORAGE
    if not isinstance(name, str) or not name:
        hint = "The name of a storage in STORAGES. Leave it out for 'ppx_ugc'."
        return [Error(f"PPX_UGC_STORAGE {name!r} is no name.", hint=hint, id="django_ppx.E035")]
    if not has_storage():
        return []  # a shop without UGC offers needs none: see check_ugc_offers
    try:
        storage = storages[name]
    except Exception as error:  # the storage's own module may raise anything
        message = f"The storage {name!r} of PPX_UGC_STORAGE can't be made: {error}"
        return [Error(message, hint="Correct it in STORAGES.", id="django_ppx.E035")]
    if not (isinstance(storage, FileSystemStorage) and settings.MEDIA_ROOT):
        return []
    public = Path(settings.MEDIA_ROOT).resolve()
    if not Path(storage.location).resolve().is_relative_to(public):
        return []
    message = f"The storage {name!r} lies in MEDIA_ROOT: customers' files are served before anybody looked at them."
    hint = "Give it a location outside of MEDIA_ROOT. See docs/ugc.md."
    return [Warning(message, hint=hint, id="django_ppx.W009")]


def check_ugc_offers(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Return a warning where there is a UGC offer, and no storage for what customers send."""
    if DEFAULT_DB_ALIAS not in (databases or ()) or has_storage():
        return []
    try:
        with transaction.atomic():
            is_wanted = UGCRewardOffer.objects.exists()
    except DatabaseError:  # not migrated yet
        return []
    if not is_wanted:
        return []
    message = (
        f"STORAGES has no {ppx_settings.PPX_UGC_STORAGE!r}: nobody can take part in a UGC offer."
    )
    return [Warning(message, hint=_STORAGE_HINT, id="django_ppx.W010")]
