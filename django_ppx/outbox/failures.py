"""What a failed attempt means, and how it reads to staff: addresses are masked."""

from __future__ import annotations

import re
from smtplib import SMTPRecipientsRefused
from typing import Final

from django_ppx.core.masking import mask_email
from django_ppx.core.texts import clean_text

_ADDRESS: Final = re.compile(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+")
_LONGEST: Final = 500


def is_permanent(error: Exception) -> bool:
    """Return whether the server refused the recipient for good (5xx); 4xx means later."""
    if not isinstance(error, SMTPRecipientsRefused):
        return False
    codes = [code for code, _answer in error.recipients.values()]
    return bool(codes) and all(500 <= code < 600 for code in codes)


def describe_failure(error: Exception) -> str:
    """Return what went wrong, in one line without an address."""
    if isinstance(error, SMTPRecipientsRefused):
        words = "; ".join(
            f"{code} {_decoded(answer)}" for code, answer in error.recipients.values()
        )
    else:
        words = str(error)
    masked = _ADDRESS.sub(lambda found: mask_email(found.group()), words)
    line = " ".join(f"{type(error).__name__}: {masked}".split())
    return clean_text(line, _LONGEST)


def _decoded(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
