"""The receiver of the docs takes what we send, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from django_ppx.outbox.signing import new_secret, signed_headers

DOCS = Path(__file__).resolve().parent.parent.parent / "docs" / "webhooks.md"
BODY = '{"type":"code.issued","data":{"code":"Ä"}}'.encode()


@pytest.fixture
def is_ours() -> Callable[..., bool]:
    page = DOCS.read_text(encoding="utf-8")
    [code] = re.findall(r"\*\*`receiver.py`\*\*\n\n```python\n(.*?)```", page, flags=re.DOTALL)
    namespace: dict[str, Any] = {}
    exec(code, namespace)
    return namespace["is_ours"]  # type: ignore[no-any-return]


def signed(*secrets: str, minutes_ago: float = 0) -> dict[str, str]:
    at = timezone.now() - timedelta(minutes=minutes_ago)
    return signed_headers(message_id="msg_1", sent_at=at, body=BODY, secrets_=secrets)


def test_it_takes_what_is_ours(is_ours) -> None:
    old, new = new_secret(), new_secret()

    assert is_ours(signed(new), BODY, new)
    assert is_ours(signed(new, old), BODY, old)
    assert is_ours(signed(new, old), BODY, new)


def test_it_takes_nothing_else(is_ours) -> None:
    secret = new_secret()

    assert not is_ours(signed(new_secret()), BODY, secret)
    assert not is_ours(signed(secret), BODY + b" ", secret)
    assert not is_ours({**signed(secret), "webhook-id": "msg_2"}, BODY, secret)
    assert not is_ours(signed(secret, minutes_ago=6), BODY, secret)
    assert not is_ours({**signed(secret), "webhook-signature": "v1,"}, BODY, secret)


def test_the_example_of_the_specification_has_its_signature() -> None:
    """From https://github.com/standard-webhooks/standard-webhooks, its reference implementations' own test."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    at = datetime.fromtimestamp(1614265330, tz=UTC)

    headers = signed_headers(
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        sent_at=at,
        body=b'{"test": 2432232314}',
        secrets_=[secret],
    )

    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
