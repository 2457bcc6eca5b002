"""Text from outside, made fit for every database. Pure."""

from __future__ import annotations


def clean_text(text: object, max_length: int | None = None) -> str:
    """Return `text` stripped, cut to `max_length`, and without NUL and lone surrogates. None is ""."""
    cleaned = "" if text is None else str(text)
    if not cleaned.isascii():  # most are, and an import cleans millions
        cleaned = cleaned.encode("utf-8", "ignore").decode()
    cleaned = cleaned.replace("\x00", "").strip()
    return cleaned if max_length is None else cleaned[:max_length].rstrip()
