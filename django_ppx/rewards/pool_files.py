"""Reading codes out of a file, line by line: a code per line, or one column of a CSV file. Pure.

Nothing of the file is kept, so its size does not matter. A cell may be quoted, and never goes on in the next line.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import BinaryIO, Final

from django_ppx.exceptions import PpxError

CODE_COLUMNS: Final = frozenset({"code", "codes", "coupon", "coupon code", "voucher", "gutschein"})
"""Headings that are taken for the codes' one when nobody says which column it is."""

_HEAD: Final = 10
_LONGEST_LINE: Final = 20_000
_DELIMITERS: Final = (";", "\t", ",")
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_UTF_8_MARK: Final = b"\xef\xbb\xbf"


class UnreadableFile(PpxError):
    """Nothing can be imported from this file; `problem` says why."""

    def __init__(self, problem: str, detail: str = "") -> None:
        self.problem = problem
        self.detail = detail
        super().__init__(f"{problem}: {detail}" if detail else problem)


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """Where the codes stand in a file."""

    column: str = ""
    """The heading of the codes' column, or its number from 1 on. "": a column called "code", or else the first."""
    has_heading: bool = False
    """Whether the first line is a heading; one with a heading of `CODE_COLUMNS` in it is found to be."""


def read_codes(file: BinaryIO, *, layout: Layout) -> Iterator[tuple[int, str]]:
    """Yield (line number from 1, what stands where the code should be) for each line but the heading.

    UTF-8, with or without a mark at its beginning; columns are parted by semicolons, tabs or commas. Bytes that are no
    UTF-8 come as U+FFFD, so that their line is reported as no code.

    :raises UnreadableFile: "utf_16", "no_text", "empty", or "no_column" with the headings there are.
    """
    lines = _lines(file)
    head = list(islice(lines, _HEAD))
    if not head:
        raise UnreadableFile("empty")
    if any(
        "\0" in line for line in head
    ):  # a spreadsheet or an image: some line of it may look like a code
        raise UnreadableFile("no_text")
    first, *rest = head
    delimiter = next((mark for mark in _DELIMITERS if mark in first), ",")
    cells = _cells(first, delimiter)
    index, is_heading = _find_column(cells, layout)
    if not is_heading:
        yield 1, _cell(cells, index)
    for number, line in enumerate(chain(rest, lines), start=2):
        yield number, _cell(_cells(line, delimiter), index)


def _find_column(cells: list[str], layout: Layout) -> tuple[int, bool]:
    """Return the position of the codes' column, and whether `cells` are headings."""
    headings = [cell.strip().casefold() for cell in cells]
    wanted = layout.column.strip().casefold()
    if wanted in headings and wanted:
        return headings.index(wanted), True
    if wanted.isdecimal() and int(wanted) > 0:
        return int(wanted) - 1, layout.has_heading or not CODE_COLUMNS.isdisjoint(headings)
    if wanted:
        raise UnreadableFile("no_column", ", ".join(cell.strip()[:40] for cell in cells[:20]))
    for position, heading in enumerate(headings):
        if heading in CODE_COLUMNS:
            return position, True
    return 0, layout.has_heading


def _lines(file: BinaryIO) -> Iterator[str]:
    """Yield the lines without their ends. What is longer than any line with a code is cut off."""
    is_first = True
    while line := file.readline(_LONGEST_LINE):
        is_whole = line.endswith(b"\n") or len(line) < _LONGEST_LINE
        while not is_whole:
            rest = file.readline(_LONGEST_LINE)
            is_whole = rest.endswith(b"\n") or len(rest) < _LONGEST_LINE
        if is_first and line.startswith(_UTF_16):
            raise UnreadableFile("utf_16")
        line = line.removeprefix(_UTF_8_MARK) if is_first else line
        is_first = False
        yield line.decode("utf-8", "replace").rstrip("\r\n")


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:  # a quote that is not closed, or a carriage return on its own
        return [line]


def _cell(cells: list[str], index: int) -> str:
    return cells[index].strip() if index < len(cells) else ""
