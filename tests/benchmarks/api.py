"""The decisions of the API through gunicorn with two workers: an order's first question, and its repetitions."""

from __future__ import annotations

import json
import re

from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from django_ppx.offers.snapshot import current_snapshot
from django_ppx.testing import make_audience, make_benefit, make_offer, make_purchase, order_token
from tests.benchmarks.cases import Row
from tests.benchmarks.serving import Load, Request, ask_all, gunicorn

ORDERS = 300
REPETITIONS = 3
OFFERS = 10
PATH = "/ppx/api/v1/decisions/"
SHOP = {"PPX_SHOP": "django_ppx.testing.FakeShop", "PPX_API_RATES": {"shopper": None}}
MOST_FIRST, MOST_REPEATED = 12, 5


def rows(database: str) -> list[Row]:
    """Return the times of the first and the repeated question, and the statements of each."""
    benefit = make_benefit()
    audience = make_audience([("order_total", "gte", {"amount": "20", "currency": "EUR"})])
    for number in range(OFFERS):
        make_offer(
            "next_purchase_discount", benefit=benefit, audience=audience if number % 2 else None
        )
    for number in range(ORDERS + 2):
        make_purchase(number=f"api-{number}")
    asked = [_question(f"api-{number}") for number in range(ORDERS)]
    with gunicorn(**SHOP) as port:
        ask_all(port, [_question(f"api-{ORDERS}")] * 20)
        first = ask_all(port, asked)
        repeated = ask_all(port, asked * REPETITIONS)
    with override_settings(ROOT_URLCONF="tests.hosts", **SHOP):
        current_snapshot()
        statements = [_statements(f"api-{ORDERS + 1}") for _time in range(2)]
    return [
        _row(f"api-{database}-first", first, ORDERS),
        _row(f"api-{database}-repeated", repeated, ORDERS * REPETITIONS),
        Row(
            f"api-{database}-statements",
            f"{statements[0]} first, {statements[1]} repeated",
            f"{MOST_FIRST}, {MOST_REPEATED}",
            is_ok=statements[0] <= MOST_FIRST and statements[1] <= MOST_REPEATED,
        ),
    ]


def _row(name: str, load: Load, total: int) -> Row:
    return Row(name, load.words, "every answer 200", is_ok=load.statuses == {200: total})


def _question(order_ref: str) -> Request:
    return Request(
        path=PATH,
        body=json.dumps({}),
        headers={
            "Content-Type": "application/json",
            "PPX-Order-Token": order_token(order_ref),
            "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
        },
    )


def _statements(order_ref: str) -> int:
    question = _question(order_ref)
    headers = {name: value for name, value in question.headers.items() if name != "Content-Type"}
    with CaptureQueriesContext(connection) as captured:
        answer = Client().post(
            PATH, question.body, content_type="application/json", headers=headers
        )
    if not answer.json()["offers"]:
        raise AssertionError(answer.content)
    ignored = re.compile(r"SAVEPOINT|RELEASE|ROLLBACK|BEGIN|COMMIT")
    return sum(not ignored.match(query["sql"]) for query in captured.captured_queries)
