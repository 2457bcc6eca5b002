from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from django_ppx.access import keys
from django_ppx.access.keys import (
    KeyRefused,
    NewKey,
    make_key,
    read_key,
    revoke_key,
    rotate_key,
)
from django_ppx.access.models import ApiKey
from django_ppx.testing import make_api_key

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def make(**overrides: Any) -> NewKey:
    return make_key(**{"name": "Sync", "scopes": ["orders:write"], "now": NOW, **overrides})


def secret_of(made: NewKey) -> str:
    return made.text.removeprefix(f"ppx_{made.key.prefix}_")


def test_what_is_stored_is_a_hash_and_nothing_else_of_the_secret() -> None:
    made = make()

    row = ApiKey.objects.values().get()

    assert row["secret_hash"] == hashlib.sha256(secret_of(made).encode()).hexdigest()
    assert secret_of(made) not in str(row)
    assert len(secret_of(made)) == 43


def test_the_text_opens_and_names_the_key() -> None:
    made = make()

    found = read_key(made.text, now=NOW)

    assert found == made.key
    assert made.text.startswith(f"ppx_{made.key.prefix}_")


def test_another_secret_under_the_same_prefix_opens_nothing() -> None:
    made, other = make(), make()

    assert read_key(f"ppx_{made.key.prefix}_{secret_of(other)}", now=NOW) is None


@pytest.mark.parametrize(
    "text", ["", "ppx_", "ppx_abc_def", "ppx_" + "a" * 12 + "_" + "é" * 43, "ppx_\x00", "x" * 2000]
)
def test_what_is_no_key_asks_no_database(text: str, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert read_key(text, now=NOW) is None


def test_secrets_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[str, str]] = []
    made = make()
    monkeypatch.setattr(keys, "compare_digest", lambda *pair: bool(compared.append(pair)))

    found = read_key(made.text, now=NOW)

    assert found is None
    assert compared == [(made.key.secret_hash, made.key.secret_hash)]


def test_a_renewed_key_opens_by_both_secrets_until_the_grace_ends() -> None:
    made = make()

    renewed = rotate_key(key_id=made.key.pk, now=NOW)

    end = NOW + timedelta(hours=24)
    assert renewed.key.prefix == made.key.prefix
    assert renewed.text != made.text
    assert read_key(renewed.text, now=NOW) == made.key
    assert read_key(made.text, now=end - timedelta(seconds=1)) == made.key
    assert read_key(made.text, now=end) is None
    assert read_key(renewed.text, now=end) == made.key


def test_renewing_twice_ends_the_first_secret_at_once() -> None:
    made = make()
    second = rotate_key(key_id=made.key.pk, now=NOW)

    third = rotate_key(key_id=made.key.pk, now=NOW)

    assert read_key(made.text, now=NOW) is None
    assert read_key(second.text, now=NOW) == made.key
    assert read_key(third.text, now=NOW) == made.key


def test_without_grace_the_old_secret_ends_at_once() -> None:
    made = make()

    rotate_key(key_id=made.key.pk, now=NOW, grace=timedelta(0))

    assert read_key(made.text, now=NOW) is None


def test_a_revoked_key_opens_nothing_and_is_not_renewed() -> None:
    made = make()
    renewed = rotate_key(key_id=made.key.pk, now=NOW)

    assert revoke_key(key_id=made.key.pk, now=NOW) is True

    assert revoke_key(key_id=made.key.pk, now=NOW) is False
    assert read_key(made.text, now=NOW) is None
    assert read_key(renewed.text, now=NOW) is None
    with pytest.raises(KeyRefused) as refused:
        rotate_key(key_id=made.key.pk, now=NOW)
    assert refused.value.reason == "revoked"


def test_an_expired_key_opens_nothing() -> None:
    made = make(expires_at=NOW + timedelta(days=1))

    assert read_key(made.text, now=NOW + timedelta(days=1, seconds=-1)) == made.key
    assert read_key(made.text, now=NOW + timedelta(days=1)) is None


@pytest.mark.parametrize(("seconds", "noted"), [(0, 0), (59, 0), (60, 60)])
def test_the_last_use_is_noted_at_most_once_a_minute(seconds: int, noted: int) -> None:
    made = make()
    read_key(made.text, now=NOW)

    read_key(made.text, now=NOW + timedelta(seconds=seconds))

    assert ApiKey.objects.get().last_used_at == NOW + timedelta(seconds=noted)


def test_within_the_minute_reading_a_key_is_one_query(django_assert_num_queries: Any) -> None:
    made = make()
    read_key(made.text, now=NOW)

    with django_assert_num_queries(1):
        read_key(made.text, now=NOW + timedelta(seconds=59))


def test_a_refused_secret_is_no_use() -> None:
    made = make()

    read_key(f"ppx_{made.key.prefix}_{'a' * 43}", now=NOW)

    assert ApiKey.objects.get().last_used_at is None


@pytest.mark.parametrize(
    ("overrides", "reason"),
    [
        ({"name": "  "}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["orders:write", "orders:write"]}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
    ],
)
def test_a_key_without_a_name_or_a_purpose_is_not_made(
    overrides: dict[str, Any], reason: str
) -> None:
    with pytest.raises(KeyRefused) as refused:
        make(**overrides)

    assert refused.value.reason == reason
    assert ApiKey.objects.count() == 0


def test_neither_the_key_nor_its_row_shows_the_secret_when_printed() -> None:
    made = make_api_key()

    assert secret_of(made) not in f"{made.key!r} {made.key}"
