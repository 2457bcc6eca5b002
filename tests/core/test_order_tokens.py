from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_ppx.core.order_tokens import (
    make_order_token,
    make_page_token,
    read_order_token,
    read_page_token,
)
from django_ppx.core.tokens import InvalidToken, make_token

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=64))
def test_an_order_token_gives_back_the_number(order_ref: str) -> None:
    assert read_order_token(make_order_token(order_ref, now=NOW), now=NOW) == order_ref


def test_a_page_token_gives_back_the_number() -> None:
    assert read_page_token(make_page_token("1001", now=NOW), now=NOW) == "1001"


@pytest.mark.parametrize("purpose", ["page", "card", "click", "dismiss", "ugc", ""])
def test_a_token_of_another_purpose_is_no_order_token(purpose: str) -> None:
    token = make_token(purpose=purpose, payload="1001", now=NOW)

    with pytest.raises(InvalidToken):
        read_order_token(token, now=NOW)


def test_an_order_token_is_no_page_token() -> None:
    with pytest.raises(InvalidToken):
        read_page_token(make_order_token("1001", now=NOW), now=NOW)


def test_a_token_about_no_order_is_refused() -> None:
    with pytest.raises(InvalidToken):
        read_order_token(make_order_token("", now=NOW), now=NOW)


@pytest.mark.parametrize("text", ["", "~", "é", "1001", "MTAwMQ.1", "a.b~c", "\x00", "9" * 5000])
def test_a_string_that_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(InvalidToken):
        read_order_token(text, now=NOW)


def test_a_changed_token_is_refused_wherever_it_is_changed() -> None:
    token = make_order_token("1001", now=NOW)

    for place, sign in enumerate(token):
        changed = token[:place] + ("A" if sign != "A" else "B") + token[place + 1 :]
        with pytest.raises(InvalidToken):
            read_order_token(changed, now=NOW)


def test_an_order_token_is_good_for_its_days_and_not_a_moment_longer(settings: Any) -> None:
    settings.PPX_ORDER_TOKEN_DAYS = 2
    token = make_order_token("1001", now=NOW)

    assert read_order_token(token, now=NOW + timedelta(days=2, seconds=-1)) == "1001"
    with pytest.raises(InvalidToken):
        read_order_token(token, now=NOW + timedelta(days=2))


def test_a_token_of_the_future_is_good_within_the_skew_of_clocks() -> None:
    assert read_order_token(make_order_token("1", now=NOW + timedelta(minutes=10)), now=NOW) == "1"
    with pytest.raises(InvalidToken):
        read_order_token(make_order_token("1", now=NOW + timedelta(minutes=11)), now=NOW)


def test_a_token_of_another_secret_is_refused(settings: Any) -> None:
    token = make_order_token("1001", now=NOW)
    settings.SECRET_KEY = "another"

    with pytest.raises(InvalidToken):
        read_order_token(token, now=NOW)
