"""Signing webhooks as Standard Webhooks says (https://www.standardwebhooks.com, version 1.0.0). Pure.

A signature is "v1," and the Base64 of the HMAC-SHA256 over "<id>.<timestamp>.<body>". Of several secrets, several
signatures stand side by side, parted by spaces: so a receiver changes over to a new secret without a pause.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Final

_PREFIX: Final = "whsec_"
_SECRET_BYTES: Final = 32


def new_secret() -> str:
    """Return a new secret as receivers store it: "whsec_" and the Base64 of 32 random bytes."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signed_headers(
    *, message_id: str, sent_at: datetime, body: bytes, secrets_: Sequence[str]
) -> dict[str, str]:
    """Return the three headers by which the receiver knows that `body` is ours, and new."""
    timestamp = str(int(sent_at.timestamp()))
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_signature(secret, signed) for secret in secrets_),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
