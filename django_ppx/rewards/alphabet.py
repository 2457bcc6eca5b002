"""What a code is made of, how it is read and how it is shown. Pure.

Codes are stored folded: ASCII capitals and digits, nothing else. People see them in groups of four and may type them
with any spaces and dashes, in either case.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Callable, Mapping
from typing import Final

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""31 letters and digits: no 0 O, no 1 I L."""

LONGEST_CODE: Final = 64
"""Characters that the column holds, prefix included."""

RANDOM: Final = "#"
"""Stands for one random character in a pattern."""

_LONGEST_TYPED: Final = 200
_GROUP: Final = 4
_IGNORED_CATEGORIES: Final = frozenset({"Zs", "Zl", "Zp", "Pd", "Cf"})
_IGNORED: Final = frozenset("\t\n\r\v\f\N{MINUS SIGN}")

# A byte is taken modulo 31 below 248 = 8 × 31 and thrown away above, so that every letter is as likely as the next.
_FAIR: Final = len(ALPHABET) * (256 // len(ALPHABET))
_LETTERS: Final = bytes(ord(ALPHABET[byte % len(ALPHABET)]) for byte in range(256))
_UNFAIR: Final = bytes(range(_FAIR, 256))


def shape_of(*, prefix: str = "", pattern: str = "", length: int) -> str:
    """Return how a code is made, without dashes: "THANKS############", each # a random character."""
    return pattern.replace("-", "").upper() if pattern else prefix + RANDOM * length


def space_of(shape: str) -> int:
    """Return how many codes have this shape: 31 to the number of random characters."""
    return int(len(ALPHABET) ** shape.count(RANDOM))


def draw_codes(
    count: int, *, shape: str, token_bytes: Callable[[int], bytes] = secrets.token_bytes
) -> list[str]:
    """Return `count` codes of this shape, from one draw of random bytes.

    Two of them may be equal, as unlikely as that is: the unique constraint has the last word.
    """
    width = shape.count(RANDOM)
    needed = count * width
    letters = b""
    while len(letters) < needed:
        missing = needed - len(letters)
        letters += token_bytes(missing + missing // 16 + 16).translate(_LETTERS, _UNFAIR)
    text = letters[:needed].decode("ascii")
    head = shape.rstrip(RANDOM)
    if RANDOM not in head:
        return [head + text[start : start + width] for start in range(0, needed, width)]
    template = shape.replace(RANDOM, "%s")
    return [template % tuple(text[start : start + width]) for start in range(0, needed, width)]


def fold(text: str) -> str:
    """Return `text` as codes are stored, or "" when it can't be a code.

    Compatibility forms and case are folded, spaces and dashes of every script dropped. Nothing else is repaired: an
    accent, a dot or a quote makes it no code, since a database might call "SAVÉ" and "SAVE" equal.
    """
    if len(text) > _LONGEST_TYPED:
        return ""
    kept = "".join(
        mark
        for mark in unicodedata.normalize("NFKC", text)
        if mark not in _IGNORED and unicodedata.category(mark) not in _IGNORED_CATEGORIES
    )
    if not (kept.isascii() and kept.isalnum()) or len(kept) > LONGEST_CODE:
        return ""
    return kept.upper()


def grouped(code: str, prefix: str = "", pattern: str = "") -> str:
    """Return a stored code as people read it: "THANKS-ABCD-EFGH-JKLM"; the prefix is a group of its own.

    With a pattern the dashes stand where it has them.
    """
    if pattern and len(pattern.replace("-", "")) == len(code):
        marks = iter(code)
        return "".join(mark if mark == "-" else next(marks) for mark in pattern)
    head = prefix if prefix and code.startswith(prefix) else ""
    tail = code[len(head) :]
    groups = [tail[start : start + _GROUP] for start in range(0, len(tail), _GROUP)]
    return "-".join([head, *groups] if head else groups)


def grouped_as(code: str, terms: Mapping[str, object]) -> str:
    """Return a stored code as people read it, by the terms stored with it, readable or not."""
    return grouped(code, str(terms.get("code_prefix", "")), str(terms.get("code_pattern", "")))
