"""Where a link of a card may lead."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from django_ppx.offers.validators import validate_destination


@pytest.mark.parametrize(
    "value",
    [
        "https://shop.example.com/a?b=c#d",
        "http://example.com",
        "/",
        "/sale/",
        "/sale/?colour=blue&size=m#top",
    ],
)
def test_web_addresses_and_paths_of_the_own_site_are_fine(value: str) -> None:
    validate_destination(value)


@pytest.mark.parametrize(
    "value",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,hello",
        "mailto:shop@example.com",
        "ftp://example.com/",
        "sale/",
        "//example.com/",
        "/\\example.com/",
        "/sale\\x",
        "/sale /",
        "/sale\n",
        '/sale"',
        "/<sale>",
    ],
)
def test_everything_else_is_refused(value: str) -> None:
    with pytest.raises(ValidationError):
        validate_destination(value)
