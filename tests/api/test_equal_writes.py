"""Every write, asked fifty times with one Idempotency-Key, from ten connections at once."""

from __future__ import annotations

import time
from itertools import count
from typing import Any

import pytest

from django_ppx.access.models import StoredAnswer
from django_ppx.testing import FakeShop
from tests.api.endpoints import Endpoint, endpoints
from tests.api.world import QUESTIONS, Question, World
from tests.racing import run_together

AT_ONCE, EACH = 10, 5
WRITES = [each for each in endpoints() if each.is_write]
WHOLE = frozenset({"POST ugc/submissions/{form_key}/files/", "PATCH ugc/uploads/{key}/"})
"""Files repeat by what is in them, without a transaction around: the answer is equal, and the file is one."""


def ask_patiently(world: World, endpoint: Endpoint, question: Question, headers: Any) -> Any:
    """Ask as a client should: again after a moment, while the answer is that it is being worked on."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        response = world.ask(endpoint, question, headers=headers)
        is_busy = response.status_code == 409 and response.json()["reason"] == "in_flight"
        if not is_busy and response.status_code != 503:
            return response
        time.sleep(0.01)
    raise AssertionError("never answered")


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_fifty_equal_writes_are_one_and_get_one_answer(settings: Any) -> None:
    numbers = count(1)

    for endpoint in WRITES:
        world = World(settings, number=next(numbers))
        question = QUESTIONS[str(endpoint)](world)
        headers = {**world.rightful(endpoint), "Idempotency-Key": "one"}
        StoredAnswer.objects.all().delete()

        def work(
            _number: int,
            endpoint: Any = endpoint,
            world: Any = world,
            question: Any = question,
            headers: Any = headers,
        ) -> list[Any]:
            return [ask_patiently(world, endpoint, question, headers) for _time in range(EACH)]

        answers = [each for some in run_together(work, times=AT_ONCE) for each in some]

        assert len(answers) == AT_ONCE * EACH
        assert {each.status_code for each in answers} <= {200, 201, 204}, (
            endpoint,
            answers[0].content,
        )
        assert len({each.content for each in answers}) == 1, endpoint
        if str(endpoint) not in WHOLE:
            assert sum("Idempotent-Replayed" not in each for each in answers) == 1, endpoint
            assert StoredAnswer.objects.filter(finished_at__isnull=False).count() == 1
    FakeShop.clear()
