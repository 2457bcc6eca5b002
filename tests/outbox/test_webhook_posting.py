"""Webhooks are posted with the change, once for each endpoint that wants them, and cost nothing where none does."""

from __future__ import annotations

import json
import re

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from django_ppx.outbox import subscribing
from django_ppx.outbox.endpoints import EndpointFacts, change_endpoint, switch_endpoints
from django_ppx.outbox.models import OutboxWebhook
from django_ppx.outbox.posting_webhooks import WebhookMessage, post_many_webhooks, post_webhooks
from tests.outbox.receivers import NOW, make_endpoint
from tests.racing import run_together

pytestmark = pytest.mark.django_db


def post(**overrides: object) -> int:
    values = {"event": "code.issued", "key": "code.issued:17", "data": {"code": "Ä"}, "now": NOW}
    return post_webhooks(**{**values, **overrides})


def test_each_endpoint_that_wants_to_hear_of_it_gets_one_message() -> None:
    first, second = make_endpoint(), make_endpoint(events=["code.issued"])
    make_endpoint(events=["ugc.approved"])
    make_endpoint(is_active=False)

    assert post() == 2
    assert post(data={"code": "another"}) == 2

    rows = list(OutboxWebhook.objects.order_by("endpoint"))
    assert [row.endpoint for row in rows] == [first, second]
    for row in rows:
        assert row.body == (
            '{"type":"code.issued","timestamp":"2026-03-10T12:00:00Z","data":{"code":"Ä"}}'
        )
        assert (row.event, row.key, row.status) == ("code.issued", "code.issued:17", "waiting")
        assert (row.due_at, row.created_at, row.attempts) == (NOW, NOW, 0)
        assert re.fullmatch(r"msg_[0-9a-f]{32}", row.message_id)
    assert rows[0].message_id != rows[1].message_id


def test_what_is_rolled_back_is_not_told() -> None:
    make_endpoint()

    with transaction.atomic():
        post()
        transaction.set_rollback(True)

    assert OutboxWebhook.objects.count() == 0


@pytest.mark.parametrize("key", ["", "Code:1", "code 1", "code:1\n", "x" * 192])
def test_what_is_no_key_is_refused(key: str) -> None:
    make_endpoint()

    with pytest.raises(ValueError, match="A key has"):
        post(key=key)


def test_with_no_endpoint_nothing_is_asked_while_the_list_is_known(
    django_assert_num_queries,
) -> None:
    subscribing.forget()
    with django_assert_num_queries(3):  # the list, in a savepoint
        assert post() == 0

    with django_assert_num_queries(0):
        assert post() == 0


@pytest.mark.parametrize("count", [1, 7])
def test_with_endpoints_it_is_one_statement(count: int, django_assert_num_queries) -> None:
    for _number in range(count):
        make_endpoint()
    post(key="the:first")

    with django_assert_num_queries(1):
        messages = [WebhookMessage(key=f"a:{number}", data={}) for number in range(5)]
        assert post_many_webhooks(event="offer.shown", messages=messages, now=NOW) == 5 * count


def test_the_list_is_asked_for_again_after_ten_seconds(monkeypatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr(subscribing, "monotonic", lambda: clock[0])
    subscribing.forget()
    assert post() == 0
    make_endpoint_silently()

    clock[0] = 1009.9
    assert post() == 0
    clock[0] = 1010.0
    assert post() == 1


def make_endpoint_silently() -> None:
    """Make an endpoint as another process does: this one is not told."""
    known = subscribing._memory.known
    make_endpoint()
    subscribing._memory.known = known


@pytest.mark.django_db(transaction=True)
def test_the_process_that_changes_an_endpoint_forgets_the_list_at_its_commit(settings) -> None:
    settings.PPX_WEBHOOKS_TO_PRIVATE_ADDRESSES = True
    endpoint = make_endpoint(url="http://127.0.0.1:1/")
    assert post() == 1

    with transaction.atomic():
        switch_endpoints(endpoint_ids=[endpoint.pk], is_active=False)
        assert post(key="during") == 1
    assert post(key="after") == 0
    switch_endpoints(endpoint_ids=[endpoint.pk], is_active=True)
    assert post(key="on") == 1
    facts = EndpointFacts(name="Other", url=endpoint.url, events=["ugc.approved"])
    change_endpoint(endpoint_id=endpoint.pk, facts=facts)
    assert post(key="changed") == 0


def test_a_list_that_was_read_before_a_change_is_not_kept(monkeypatch) -> None:
    make_endpoint()

    def meanwhile(work, **kwargs):
        rows = work()
        subscribing.forget()
        return rows

    with monkeypatch.context() as patched:
        patched.setattr(subscribing, "run_retrying", meanwhile)
        assert subscribing.subscribers("code.issued") != ()

    assert subscribing._memory.known is None


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_eight_workers_that_post_one_message_have_one() -> None:
    make_endpoint()

    run_together(lambda number: post())

    assert OutboxWebhook.objects.count() == 1


def test_amounts_and_letters_arrive_as_they_are() -> None:
    make_endpoint()

    post(data={"name": "Bär 🐻 \x00 '\"", "n": 1})

    assert json.loads(OutboxWebhook.objects.get().body)["data"] == {
        "name": "Bär 🐻 \x00 '\"",
        "n": 1,
    }


def test_nothing_is_asked_of_the_database_before_somebody_posts() -> None:
    with CaptureQueriesContext(connection) as captured:
        subscribing.forget()

    assert len(captured) == 0
