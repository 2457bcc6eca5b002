"""Text from outside, made fit for every database. Pure."""

from __future__ import annotations


def clean_text(text: str, max_length: int | None = None) -> str:
    """Return `text` stripped, cut to `max_length`, and without NUL and lone surrogates."""
    text = text.replace("\x00", "").encode("utf-8", "ignore").decode().strip()
    return text if max_length is None else text[:max_length].rstrip()
