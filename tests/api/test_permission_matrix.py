"""Who may call what, read from the table in docs/api.md and asked cell by cell, with real rows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from django_ppx.testing import FakeShop
from tests.api.endpoints import Endpoint, endpoints
from tests.api.roles import ROLES
from tests.api.world import QUESTIONS, World

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"


@pytest.fixture
def world(settings: Any) -> Any:
    yield World(settings)
    FakeShop.clear()


def table() -> list[list[str]]:
    """Return the cells of the matrix, the row of names first."""
    section = PAGE.read_text(encoding="utf-8").partition("## Who may call what")[2]
    rows = re.findall(r"^\|(.+)\|$", section.partition("\n## ")[0], flags=re.MULTILINE)
    cells = [[cell.strip().strip("`") for cell in row.split("|")] for row in rows]
    return [cells[0], *cells[2:]]


def test_the_table_has_every_endpoint_once_and_every_role() -> None:
    names, *rows = table()

    assert names == ["endpoint", *ROLES]
    assert sorted(row[0] for row in rows) == sorted(str(each) for each in endpoints())


def test_every_endpoint_has_its_question() -> None:
    assert sorted(QUESTIONS) == sorted(str(each) for each in endpoints())


def answered(world: World, endpoint: Endpoint) -> list[str]:
    """Return the status that each role gets, nothing of one asking being left to the next."""
    question = QUESTIONS[str(endpoint)](world)
    statuses = []
    for asking in ROLES.values():
        with transaction.atomic():
            response = asking(world, endpoint, question)
            response.getvalue()  # a picture is read to its end, which closes the file
            statuses.append(str(response.status_code))
            transaction.set_rollback(True)
    return statuses


@pytest.mark.django_db
@pytest.mark.parametrize("endpoint", endpoints(), ids=str)
def test_each_cell_is_as_it_is_answered(endpoint: Endpoint, world: World) -> None:
    [row] = [row for row in table()[1:] if row[0] == str(endpoint)]

    assert answered(world, endpoint) == row[1:]
