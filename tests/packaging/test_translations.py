"""The catalogues are complete, sound and compiled from what is beside them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import django
import pytest
from babel.messages import Catalog, Message
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

import django_ppx

PACKAGE = Path(django_ppx.__file__).parent
CATALOGUES = {
    "package": PACKAGE / "locale" / "de" / "LC_MESSAGES" / "django.po",
    "example shop": PACKAGE.parent.joinpath(
        *("example_project", "shop", "locale", "de", "LC_MESSAGES", "django.po")
    ),
}
EACH = pytest.mark.parametrize("path", CATALOGUES.values(), ids=CATALOGUES)


def read_catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="de")


def texts(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def key(message: Message) -> tuple[str, Any]:
    """Return context and text; Babel reads contexts of compiled catalogues as bytes."""
    context = message.context or ""
    return (
        context.decode() if isinstance(context, bytes) else context,
        message.id if isinstance(message.id, str) else tuple(message.id),
    )


def by_id(catalogue: Catalog) -> dict[Any, tuple[str, ...]]:
    return {key(message): texts(message) for message in catalogue if message.id}


@EACH
def test_every_text_is_translated(path: Path) -> None:
    catalogue = read_catalogue(path)

    missing = [
        message.id
        for message in catalogue
        if message.id and (message.fuzzy or not all(texts(message)))
    ]

    assert len(catalogue) > 0
    assert missing == []


@EACH
def test_placeholders_survive_translation(path: Path) -> None:
    problems = [
        (message.id, [str(error) for error in errors])
        for message, errors in read_catalogue(path).check()
    ]

    assert problems == []


@EACH
def test_what_is_between_braces_survives_translation(path: Path) -> None:
    for (_context, source), translated in by_id(read_catalogue(path)).items():
        for text in translated:
            assert sorted(re.findall(r"\{\w+\}", text)) == sorted(
                re.findall(r"\{\w+\}", source if isinstance(source, str) else source[0])
            ), source


@EACH
def test_compiled_catalogue_is_the_written_one(path: Path) -> None:
    written = by_id(read_catalogue(path))
    with path.with_suffix(".mo").open("rb") as file:
        compiled = by_id(read_mo(file))

    assert compiled == written


def test_words_that_django_has_too_are_translated_alike() -> None:
    """Catalogues of apps are merged: another word of ours would stand in the host's own admin."""
    ours = by_id(read_catalogue(CATALOGUES["package"]))
    theirs: dict[Any, set[tuple[str, ...]]] = {}
    for path in Path(django.__file__).parent.rglob("locale/de/LC_MESSAGES/django.po"):
        for known, translated in by_id(read_catalogue(path)).items():
            theirs.setdefault(known, set()).add(translated)

    other = {known: text for known, text in ours.items() if text not in theirs.get(known, {text})}

    assert other == {}


def test_german_addresses_its_readers_formally() -> None:
    familiar = re.compile(r"\b(du|dich|dir|dein\w*|euch|euer|eure\w*)\b", re.IGNORECASE)

    found = [
        text
        for translated in by_id(read_catalogue(CATALOGUES["package"])).values()
        for text in translated
        if familiar.search(text)
    ]

    assert found == []


def test_german_has_german_quotation_marks() -> None:
    for source, translated in by_id(read_catalogue(CATALOGUES["package"])).items():
        for text in translated:
            plain = re.sub(r"<[^>]+>", "", text)
            assert '"' not in plain, source
            assert plain.count("„") == plain.count("“"), source
            assert "”" not in plain, source
