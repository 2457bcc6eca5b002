from __future__ import annotations

import io

import pytest

from django_ppx.rewards.pool_files import Layout, UnreadableFile, read_codes


def read(content: bytes | str, **layout) -> list[tuple[int, str]]:
    raw = content.encode() if isinstance(content, str) else content
    return list(read_codes(io.BytesIO(raw), layout=Layout(**layout)))


def problem(content: bytes | str, **layout) -> tuple[str, str]:
    with pytest.raises(UnreadableFile) as caught:
        read(content, **layout)
    return caught.value.problem, caught.value.detail


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_a_code_per_line(end: str) -> None:
    assert read(f"AAAA\nBB-BB{end}") == [(1, "AAAA"), (2, "BB-BB")]


def test_an_empty_line_is_a_line() -> None:
    assert read("AAAA\n\nBBBB\n") == [(1, "AAAA"), (2, ""), (3, "BBBB")]


@pytest.mark.parametrize("mark", [";", ",", "\t"])
def test_the_first_column_unless_a_heading_says_code(mark: str) -> None:
    assert read(f"AAAA{mark}x\nBBBB{mark}y") == [(1, "AAAA"), (2, "BBBB")]
    assert read(f"No{mark} Code \n1{mark}AAAA") == [(2, "AAAA")]


def test_a_column_by_its_heading_or_its_number() -> None:
    text = "no;Voucher No;price\n1;AAAA;5,00\n2;BBBB;6,00\n3\n"

    by_name = read(text, column="voucher no")

    assert by_name == [(2, "AAAA"), (3, "BBBB"), (4, "")]
    assert read(text, column="2", has_heading=True) == by_name
    assert read(text, column="2")[0] == (1, "Voucher No")


def test_a_heading_that_we_know_is_no_code_whichever_column_is_named() -> None:
    assert read("name;code;note\nA;AAAA;BBBB\n", column="3") == [(2, "BBBB")]


def test_a_heading_without_a_name_we_know_is_left_out_when_told() -> None:
    assert read("Nummern\nAAAA", has_heading=True) == [(2, "AAAA")]


def test_quotes_and_the_mark_of_excel_are_read() -> None:
    assert read(b'\xef\xbb\xbf"Code";"Note"\r\n"AA AA";"x; y"\r\n') == [(2, "AA AA")]


def test_a_quote_that_is_not_closed_swallows_no_other_line() -> None:
    assert read('"AAAA\nBBBB\n') == [(1, "AAAA"), (2, "BBBB")]


def test_bytes_that_are_no_utf_8_stay_in_their_line() -> None:
    assert read(b"AAAA\nB\xe4BB\nCCCC") == [
        (1, "AAAA"),
        (2, "B\N{REPLACEMENT CHARACTER}BB"),
        (3, "CCCC"),
    ]


def test_an_endless_line_is_cut_off() -> None:
    [first, second] = read("A" * 100_000 + "\nBBBB\n")

    assert (first[0], len(first[1])) == (1, 20_000)
    assert second == (2, "BBBB")


@pytest.mark.parametrize("length", [19_999, 20_000, 20_001, 40_000])
def test_a_line_as_long_as_the_limit_is_one_line(length: int) -> None:
    assert [number for number, _text in read("A" * length + "\nB")] == [1, 2]


@pytest.mark.parametrize(
    ("content", "layout", "expected"),
    [
        (b"", {}, ("empty", "")),
        ("AAAA".encode("utf-16"), {}, ("utf_16", "")),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\nAAAA\n", {}, ("no_text", "")),
        ("AAAA".encode("utf-16-le"), {}, ("no_text", "")),
        ("no;price\n1;2", {"column": "code"}, ("no_column", "no, price")),
        ("no;price\n1;2", {"column": "0"}, ("no_column", "no, price")),
    ],
)
def test_a_file_that_can_not_be_read_says_why(content, layout, expected) -> None:
    assert problem(content, **layout) == expected
