"""The catalogues in the package are complete, sound and compiled from what is beside them."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

import django_ppx

LOCALE = Path(django_ppx.__file__).parent / "locale"
LANGUAGES = ["de"]


def read_catalogue(language: str) -> Catalog:
    with (LOCALE / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, locale=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    catalogue = read_catalogue(language)

    missing = [
        message.id
        for message in catalogue
        if message.id
        and (
            message.fuzzy
            or not all([message.string] if isinstance(message.string, str) else message.string)
        )
    ]

    assert len(catalogue) > 0
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_survive_translation(language: str) -> None:
    problems = [
        (message.id, [str(error) for error in errors])
        for message, errors in read_catalogue(language).check()
    ]

    assert problems == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_catalogue_is_the_written_one(language: str) -> None:
    written = {
        (message.context, message.id): message.string
        for message in read_catalogue(language)
        if message.id
    }
    with (LOCALE / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        compiled = {
            (message.context, message.id): message.string for message in read_mo(file) if message.id
        }

    assert compiled == written
