"""What breaks parsers and databases, sent to every endpoint that reads JSON: refused, and never an error of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from django_ppx.testing import FakeShop
from tests.api.asking import reason
from tests.api.endpoints import Endpoint, endpoints
from tests.api.test_parsing import TRAPS
from tests.api.world import QUESTIONS, Question, World

READS_JSON = [
    each
    for each in endpoints()
    if each.method in ("POST", "PATCH")
    and str(each) not in ("POST ugc/submissions/{form_key}/files/", "PATCH ugc/uploads/{key}/")
]
WRONG: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2**31,
    2**63,
    10**39,
    1.5,
    "",
    " ",
    "x" * 5000,
    "\u202e\ufeff\u0301",
    "0001-01-01T00:00:00Z",
    "9" * 15 + ".999999",
    [],
    [None],
    {},
    {"a": {"b": [[[]]]}},
)
"""Values that are JSON, each wrong for most fields."""


@pytest.fixture
def world(settings: Any) -> Any:
    yield World(settings)
    FakeShop.clear()


def send(world: World, endpoint: Endpoint, question: Question, body: Any) -> Any:
    """Return the answer to the question with another body; what it did is undone."""
    asked = Question(args=question.args, body=body)
    with transaction.atomic():
        response = world.ask(endpoint, asked, headers=world.rightful(endpoint))
        transaction.set_rollback(True)
    return response


def changed(value: Any) -> Iterator[Any]:
    """Yield `value` with each of its parts, one at a time, replaced by each wrong value."""
    yield from WRONG
    if isinstance(value, dict):
        for name, inner in value.items():
            for other in changed(inner):
                yield {**value, name: other}
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            for other in changed(inner):
                yield [*value[:index], other, *value[index + 1 :]]


@pytest.mark.django_db
@pytest.mark.parametrize("endpoint", READS_JSON, ids=str)
def test_a_body_that_is_a_trap_is_refused(endpoint: Endpoint, world: World) -> None:
    question = QUESTIONS[str(endpoint)](world)

    for name, body in TRAPS.items():
        response = send(world, endpoint, question, body)

        assert (response.status_code, reason(response)) == (400, "malformed"), name
    response = send(world, endpoint, question, b'{"a": "' + b"x" * 10_000_000 + b'"}')
    assert (response.status_code, reason(response)) == (413, "too_large")


@pytest.mark.django_db
@pytest.mark.slow
@pytest.mark.parametrize("endpoint", READS_JSON, ids=str)
def test_no_value_of_the_wrong_type_is_an_error_of_the_server(
    endpoint: Endpoint, world: World
) -> None:
    question = QUESTIONS[str(endpoint)](world)

    for body in changed(question.body):
        response = send(world, endpoint, question, json.dumps(body).encode())

        assert response.status_code < 500, body
        if response.status_code >= 400:
            reason(response)


@pytest.mark.django_db
@pytest.mark.parametrize("endpoint", [each for each in endpoints() if "{" in each.path], ids=str)
def test_no_address_is_an_error_of_the_server(endpoint: Endpoint, world: World) -> None:
    question = QUESTIONS[str(endpoint)](world)
    odd = (
        "%00",
        "%ff",
        "%ed%a0%80",
        "0",
        "-1",
        "9" * 30,
        "9" * 5000,
        "a" * 3000,
        "%F0%9F%98%80",
        "'",
    )

    for name in question.args:
        for value in odd:
            asked = Question(
                args={**question.args, name: value},
                body=question.body,
                content_type=question.content_type,
                headers=question.headers,
            )
            with transaction.atomic():
                response = world.ask(endpoint, asked, headers=world.rightful(endpoint))
                transaction.set_rollback(True)

            assert response.status_code in (400, 404), (name, value)
