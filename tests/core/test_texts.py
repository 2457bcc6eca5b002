from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from django_ppx.core.texts import clean_text


def test_text_is_stripped_and_cut() -> None:
    assert clean_text("  a bowl of soup ", 7) == "a bowl"


def test_none_is_no_text_and_a_number_is_its_digits() -> None:
    assert clean_text(None) == ""
    assert clean_text(17) == "17"


def test_what_a_database_refuses_is_left_out() -> None:
    assert clean_text("so\x00up \ud800bowl") == "soup bowl"


@given(st.text(), st.integers(0, 20))
def test_any_text_fits_afterwards(text: str, max_length: int) -> None:
    cleaned = clean_text(text, max_length)

    assert len(cleaned) <= max_length
    assert "\x00" not in cleaned
    cleaned.encode("utf-8")
