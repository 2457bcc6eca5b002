"""Making an API key from the command line."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from django_ppx.access.keys import read_key
from django_ppx.access.models import ApiKey

pytestmark = pytest.mark.django_db


def run(*args: Any) -> tuple[str, str]:
    out, error = io.StringIO(), io.StringIO()
    call_command("ppx_make_key", *args, no_color=True, stdout=out, stderr=error)
    return out.getvalue(), error.getvalue()


def test_the_key_alone_is_printed_and_works() -> None:
    printed, told = run("Checkout", "--scope=orders:write", "--scope", "codes:write")

    key = ApiKey.objects.get()
    assert printed.count("\n") == 1
    assert read_key(printed.strip(), now=timezone.now()) == key
    assert (key.name, key.scopes) == ("Checkout", ["codes:write", "orders:write"])
    assert (key.expires_at, key.created_by) == (None, None)
    assert "“Checkout”" in told
    assert printed.strip() not in told


def test_the_last_day_counts_in_full(settings) -> None:
    settings.PPX_TIME_ZONE = "Europe/Berlin"

    run("Checkout", "--scope=orders:write", "--expires=2099-03-31")

    assert ApiKey.objects.get().expires_at == datetime(2099, 3, 31, 22, tzinfo=UTC)


def test_a_scope_that_is_named_twice_counts_once() -> None:
    run("Checkout", "--scope=orders:write", "--scope=orders:write")

    assert ApiKey.objects.get().scopes == ["orders:write"]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["Checkout"], "--scope"),
        (["Checkout", "--scope=everything"], "invalid choice"),
        ([" ", "--scope=orders:write"], "Give the key a name"),
        (["Checkout", "--scope=orders:write", "--expires=tomorrow"], "no day"),
        (["Checkout", "--scope=orders:write", "--expires=2020-01-01"], "is over"),
        (["Checkout", "--scope=orders:write", "--expires=9999-12-31"], "too far away"),
    ],
)
def test_what_can_not_be_made_is_said(args, words) -> None:
    with pytest.raises(CommandError, match=words):
        run(*args)

    assert ApiKey.objects.count() == 0
