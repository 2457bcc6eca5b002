"""Making, renewing, revoking and reading API keys.

A key is `ppx_<prefix>_<secret>`: the prefix finds the row, the secret (256 random bits) is compared by its SHA-256. A
slow hash protects what people choose; it would only slow down every call here.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hmac import compare_digest
from typing import Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext_lazy as _

from django_ppx.access.models import ApiKey
from django_ppx.access.scopes import validate_scopes
from django_ppx.core.retrying import run_retrying
from django_ppx.core.texts import clean_text
from django_ppx.exceptions import Refusal

GRACE: Final = timedelta(hours=24)
"""For so long the previous secret works beside the new one."""
_NOTED_EVERY: Final = timedelta(minutes=1)
PREFIX: Final = re.compile(r"[a-z0-9]{12}")
_KEY: Final = re.compile(rf"ppx_({PREFIX.pattern})_([A-Za-z0-9_-]{{43}})")
_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz0123456789"


class KeyRefused(Refusal):
    """A key can't be made or renewed like this."""

    class Reason(models.TextChoices):
        NAME = "name", _("Give the key a name: which program uses it.")
        SCOPES = "scopes", _("Choose what the key is for.")
        MADE = "made", _("This key is made already, and its text was shown. Make another one.")
        REVOKED = "revoked", _("This key is revoked. Make a new one.")


@dataclass(frozen=True, kw_only=True, slots=True)
class NewKey:
    """A key with its text, which is known now and never again."""

    key: ApiKey
    text: str


def new_prefix() -> str:
    """Return what a key may begin with: a form that is sent twice then makes one key."""
    return "".join(secrets.choice(_ALPHABET) for _letter in range(12))


def make_key(
    *,
    name: str,
    scopes: Sequence[str],
    now: datetime,
    by_id: int | None = None,
    expires_at: datetime | None = None,
    prefix: str = "",
) -> NewKey:
    """Store a new key and return it with its text. `prefix` is one of `new_prefix`; "" draws one.

    :raises KeyRefused: without a name, with scopes that there are not, or when the prefix is taken.
    """
    if not clean_text(name):
        raise KeyRefused(KeyRefused.Reason.NAME)
    try:
        validate_scopes(list(scopes))
    except ValidationError:
        raise KeyRefused(KeyRefused.Reason.SCOPES) from None
    secret = secrets.token_urlsafe(32)
    key = ApiKey(
        name=clean_text(name, 120),
        prefix=prefix or new_prefix(),
        secret_hash=_hash(secret),
        scopes=sorted(scopes),
        expires_at=expires_at,
        created_by_id=by_id,
        created_at=now,
    )
    try:
        with transaction.atomic():
            key.save(force_insert=True)
    except IntegrityError:
        if not ApiKey.objects.filter(prefix=key.prefix).exists():
            raise
        raise KeyRefused(KeyRefused.Reason.MADE) from None
    return NewKey(key=key, text=_text(key.prefix, secret))


def rotate_key(*, key_id: int, now: datetime, grace: timedelta = GRACE) -> NewKey:
    """Give a key a new secret and return it; the old one works for `grace` more, the one before no longer.

    :raises KeyRefused: when the key is revoked.
    :raises TransactionConflict: see `run_retrying`.
    """
    secret = secrets.token_urlsafe(32)

    def rotate() -> ApiKey:
        key = ApiKey.objects.select_for_update().get(pk=key_id)
        if key.revoked_at is not None:
            raise KeyRefused(KeyRefused.Reason.REVOKED)
        key.previous_hash, key.previous_until = key.secret_hash, now + grace
        key.secret_hash = _hash(secret)
        key.save(update_fields=["previous_hash", "previous_until", "secret_hash"])
        return key

    key = run_retrying(rotate)
    return NewKey(key=key, text=_text(key.prefix, secret))


def revoke_key(*, key_id: int, now: datetime) -> bool:
    """End a key at once, for good, and return whether it was not before.

    :raises TransactionConflict: see `run_retrying`.
    """
    mine = ApiKey.objects.filter(pk=key_id, revoked_at__isnull=True)
    return bool(run_retrying(partial(mine.update, revoked_at=now), is_one_statement=True))


def is_key(text: str) -> bool:
    """Return whether a text is meant as a key of ours."""
    return text.startswith("ppx_")


def read_key(text: str, *, now: datetime) -> ApiKey | None:
    """Return the usable key of this text, noting its use; None for every other text. One query, seldom two."""
    found = _KEY.fullmatch(text)
    if found is None:
        return None
    prefix, secret = found.groups()
    key = ApiKey.objects.usable(now=now).filter(prefix=prefix).first()
    if key is None or not _is_its(key, secret, now):
        return None
    if key.last_used_at is None or now - key.last_used_at >= _NOTED_EVERY:
        unnoted = ApiKey.objects.filter(pk=key.pk, last_used_at=key.last_used_at)
        run_retrying(partial(unnoted.update, last_used_at=now), is_one_statement=True)
    return key


def _is_its(key: ApiKey, secret: str, now: datetime) -> bool:
    given = _hash(secret)
    is_current = compare_digest(given, key.secret_hash)
    has_previous = key.previous_until is not None and now < key.previous_until
    return is_current or (has_previous and compare_digest(given, key.previous_hash))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _text(prefix: str, secret: str) -> str:
    return f"ppx_{prefix}_{secret}"
