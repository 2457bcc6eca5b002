"""The sentences of refusals that name a limit."""

from __future__ import annotations

import pytest
from django.utils import translation

from django_ppx.ugc.refusals import size_in_words, too_large


@pytest.mark.parametrize(
    ("count", "words"),
    [(20_000_000, "20 MB"), (1_000_000, "1 MB"), (2_500_000, "2.5 MB"), (999_999, "976.6\xa0KB")],
)
def test_a_limit_is_said_as_staff_typed_it(count, words) -> None:
    assert size_in_words(count) == words
    assert str(too_large(count)) == f"This file is too large. Please choose one of at most {words}."


def test_a_limit_is_written_in_the_customers_language() -> None:
    with translation.override("de"):
        assert size_in_words(2_500_000) == "2,5 MB"
