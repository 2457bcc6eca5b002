"""Large numbers as people read them."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import ngettext


def grouped_number(number: int) -> str:
    """Return "1,000,000" as the active language writes it."""
    return number_format(number, force_grouping=True)


def in_words(codes: int) -> str:
    """Return "1,000 codes"."""
    text = ngettext("%(count)s code", "%(count)s codes", codes)
    return text % {"count": grouped_number(codes)}
