"""What a mail says. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class MailContent:
    """A rendered mail: one line of subject, the text, and the same as HTML ("" for none)."""

    subject: str
    text: str
    html: str = ""
