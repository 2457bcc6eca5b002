"""Codes as they are drawn, read and shown."""

from __future__ import annotations

import secrets
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_ppx.rewards.alphabet import ALPHABET, draw_codes, fold, grouped, shape_of, space_of


def test_the_alphabet_has_31_letters_without_look_alikes() -> None:
    assert len(set(ALPHABET)) == len(ALPHABET) == 31
    assert not set("0O1IL") & set(ALPHABET)


def test_codes_have_the_length_asked_for_behind_their_prefix() -> None:
    codes = draw_codes(50, shape="THANKS" + "#" * 12)

    assert len(codes) == 50
    assert {len(code) for code in codes} == {18}
    assert all(code.startswith("THANKS") for code in codes)
    assert set("".join(code[6:] for code in codes)) <= set(ALPHABET)


def test_no_codes_are_drawn_for_nobody() -> None:
    assert draw_codes(0, shape="#" * 12) == []


def test_a_draw_asks_for_random_bytes_once() -> None:
    asked: list[int] = []

    def token_bytes(count: int) -> bytes:
        asked.append(count)
        return secrets.token_bytes(count)

    draw_codes(1_000, shape="#" * 12, token_bytes=token_bytes)

    assert len(asked) == 1


def test_every_byte_value_gives_each_letter_alike() -> None:
    served = [bytes(range(256)), bytes(range(256))]

    codes = draw_codes(1, shape="#" * 248 * 2, token_bytes=lambda count: served.pop(0))

    assert set(Counter(codes[0]).values()) == {16}


def test_too_many_unfair_bytes_are_made_up_for() -> None:
    served = [b"\xff" * 40, bytes(12)]

    codes = draw_codes(1, shape="#" * 12, token_bytes=lambda count: served.pop(0))

    assert codes == ["2" * 12]


@pytest.mark.parametrize(
    "typed",
    [
        "ABCDEFGHJKMN",
        "abcd-efgh-jkmn",
        "  abcd efgh jkmn\n",
        "ABCD–EFGH—JKMN",
        "ABCD‑EFGH\u2212JKMN",
        "ABCD\u00a0EFGH\u202fJKMN",
        "ABCD\u200bEFGH\u00adJKMN",
        "ＡＢＣＤ－ｅｆｇｈ\u3000JKMN",
    ],
)
def test_a_code_is_read_however_it_is_typed(typed: str) -> None:
    assert fold(typed) == "ABCDEFGHJKMN"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "--",
        "SAVÉ",
        "SAVE'",
        "SA.VE",
        "SAVE\x00",
        "\ud800",
        "стоп",
        "straße",
        "ı2345678",
        "A" * 65,
    ],
)
def test_what_can_not_be_a_code_is_nothing(typed: str) -> None:
    assert fold(typed) == ""


def test_letters_that_look_alike_are_not_swapped_silently() -> None:
    assert fold("o0i1l") == "O0I1L"


@given(st.text(max_size=80))
def test_folding_twice_changes_nothing_and_leaves_ascii(text: str) -> None:
    folded = fold(text)

    assert fold(folded) == folded
    assert folded.isascii()
    assert folded == folded.upper()


@given(st.text(alphabet=ALPHABET, min_size=1, max_size=32), st.sampled_from(["", "THANKS", "A1"]))
def test_a_code_as_shown_is_read_back(random_part: str, prefix: str) -> None:
    code = prefix + random_part

    assert fold(grouped(code, prefix).lower()) == code


@pytest.mark.parametrize(
    ("code", "prefix", "shown"),
    [
        ("ABCDEFGHJKMN", "", "ABCD-EFGH-JKMN"),
        ("THANKSABCDEFGHJKMN", "THANKS", "THANKS-ABCD-EFGH-JKMN"),
        ("ABCDEFGHJ", "", "ABCD-EFGH-J"),
        ("ABCDEFGH", "OTHER", "ABCD-EFGH"),
    ],
)
def test_codes_are_shown_in_groups_of_four(code: str, prefix: str, shown: str) -> None:
    assert grouped(code, prefix) == shown


def test_a_pattern_keeps_its_letters_where_they_stand() -> None:
    shape = shape_of(pattern="Spring-####-##x##-####", length=12)

    codes = draw_codes(50, shape=shape)

    assert shape == "SPRING####" + "##X##" + "####"
    assert {code[:6] + code[12] for code in codes} == {"SPRINGX"}
    assert {len(code) for code in codes} == {19}
    assert len(set(codes)) == 50


def test_without_a_pattern_the_random_part_follows_the_prefix() -> None:
    assert shape_of(prefix="THX", length=8) == "THX########"


def test_the_space_is_31_to_the_number_of_random_characters() -> None:
    assert space_of("THX##") == 961


def test_a_code_with_a_pattern_is_shown_as_the_pattern_says() -> None:
    assert grouped("SPRINGABCDEFGH", "", "SPRING-####-####") == "SPRING-ABCD-EFGH"


def test_a_pattern_of_another_length_does_not_shape_the_code() -> None:
    assert grouped("THXABCDEFGH", "THX", "SPRING-####") == "THX-ABCD-EFGH"
