"""Filling the prepared text of a share prompt. Pure: no Django."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

PLACEHOLDERS: Final = ("product", "handle", "hashtags", "shop")
_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
_SPACES: Final = re.compile(r"[ \t]{2,}")
_SPACE_BEFORE_STOP: Final = re.compile(r"[ \t]+(?=[.,!?;:](?:\s|$))")


@dataclass(frozen=True, kw_only=True, slots=True)
class ShareText:
    """One language of the prepared text."""

    text: str
    hashtags: str = ""


def placeholders(text: str) -> tuple[str, ...]:
    """Return the names between braces, in order, each once."""
    return tuple(dict.fromkeys(_PLACEHOLDER.findall(text)))


def unknown_placeholders(text: str) -> tuple[str, ...]:
    """Return the names between braces that nothing would fill."""
    return tuple(name for name in placeholders(text) if name not in PLACEHOLDERS)


def has_stray_brace(text: str) -> bool:
    """Return whether a brace is left when the placeholders are taken out: "{product" is a slip of the pen."""
    rest = _PLACEHOLDER.sub("", text)
    return "{" in rest or "}" in rest


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return the text with its placeholders filled in one pass, so that no value is read as a placeholder.

    An empty value leaves no double space and no space before a full stop.
    """
    filled = _PLACEHOLDER.sub(lambda match: values.get(match[1], ""), text)
    lines = (
        _SPACE_BEFORE_STOP.sub("", _SPACES.sub(" ", line)).strip() for line in filled.split("\n")
    )
    return "\n".join(lines).strip()


def normalised_hashtags(hashtags: str) -> str:
    """Return hashtags one space apart, each with one "#": "handmade, #slow" is "#handmade #slow"."""
    words = re.split(r"[\s,;]+", hashtags.strip())
    return " ".join(dict.fromkeys("#" + word.lstrip("#") for word in words if word.strip("#")))


def choose(texts: Mapping[str, ShareText], *, language: str, default: str) -> ShareText | None:
    """Return the text in `language`, else in its base language, else in the default, else the first there is.

    Keys are lower-case language codes.
    """
    wanted, fallback = language.lower(), default.lower()
    for candidate in (wanted, wanted.split("-")[0], fallback, fallback.split("-")[0]):
        if candidate in texts:
            return texts[candidate]
    return next(iter(texts.values()), None)
