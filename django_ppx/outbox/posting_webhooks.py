"""Putting webhooks into the outbox, in the transaction of the change that they tell of."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django_ppx.outbox.models import OutboxWebhook
from django_ppx.outbox.subscribing import subscribers

# MariaDB compares regardless of case and of spaces at the end; this way every database means the same.
_KEY: Final = re.compile(r"[a-z0-9._:/-]{1,191}")


@dataclass(frozen=True, kw_only=True, slots=True)
class WebhookMessage:
    """What is told. `key` names what happened: each endpoint hears of it once. `data` is made of JSON types."""

    key: str
    data: Mapping[str, Any]


def is_wanted(event: str) -> bool:
    """Return whether anybody wants to hear of `event`, so that nothing is looked up for nobody."""
    return bool(subscribers(event))


def post_webhooks(*, event: str, key: str, data: Mapping[str, Any], now: datetime) -> int:
    """Store a message for each endpoint that wants to hear of `event`, and return how many do.

    See `post_many_webhooks`.
    """
    message = WebhookMessage(key=key, data=data)
    return post_many_webhooks(event=event, messages=[message], now=now)


def post_many_webhooks(*, event: str, messages: Sequence[WebhookMessage], now: datetime) -> int:
    """Store the messages for each endpoint that wants to hear of `event`, and return how many rows they are.

    Call it in the transaction of the change: what is rolled back is not sent. Posted before, a message stays as it is.
    One statement; none where nobody wants to hear of it.
    """
    rows = [
        new_webhook(endpoint_id=endpoint_id, event=event, message=message, now=now)
        for endpoint_id in subscribers(event)
        for message in messages
    ]
    if rows:
        OutboxWebhook.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def new_webhook(
    *, endpoint_id: int, event: str, message: WebhookMessage, now: datetime
) -> OutboxWebhook:
    """Return a message to one endpoint, not stored yet.

    :raises ValueError: when the key is none.
    """
    if not _KEY.fullmatch(message.key):
        raise ValueError("A key has 1 to 191 lower-case letters, digits or signs of “._:/-”.")
    body = {"type": str(event), "timestamp": instant_text(now), "data": message.data}
    return OutboxWebhook(
        endpoint_id=endpoint_id,
        key=message.key,
        message_id=f"msg_{secrets.token_hex(16)}",
        event=event,
        body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        due_at=now,
        created_at=now,
    )


def instant_text(instant: datetime) -> str:
    """Return an instant as the body of a webhook has it: ISO 8601 in UTC, "2026-03-10T12:00:00Z"."""
    return instant.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"
