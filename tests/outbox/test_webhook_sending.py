"""Every webhook arrives signed, as it was posted; what fails is tried again, and none of it holds up the others."""

from __future__ import annotations

import base64
import json
import logging
import socket
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from django_ppx import __version__
from django_ppx.management.due_work import webhooks_due
from django_ppx.outbox import sending_webhooks
from django_ppx.outbox.backoff import MOST_ATTEMPTS
from django_ppx.outbox.endpoints import rotate_secret, switch_endpoints
from django_ppx.outbox.models import OutboxWebhook, WebhookAttempt
from django_ppx.outbox.sending_webhooks import (
    CLAIM,
    SentWebhooks,
    resend_webhooks,
    send_due_webhooks,
)
from tests.outbox.receivers import (
    NOW,
    NotOurs,
    make_endpoint,
    make_webhook,
    raw_server,
    read_request,
    receiver,
    resolves_to,
    verify,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _to_this_machine(settings) -> None:
    settings.PPX_WEBHOOKS_TO_PRIVATE_ADDRESSES = True


@pytest.fixture(autouse=True)
def clock(monkeypatch) -> list[float]:
    """Let no time pass, unless a test says so."""
    seconds = [0.0]
    monkeypatch.setattr(sending_webhooks, "monotonic", lambda: seconds[0])
    monkeypatch.setattr(sending_webhooks.random, "random", lambda: 0.5)
    return seconds


def test_a_due_webhook_arrives_signed_and_as_it_was_posted() -> None:
    with receiver() as mine:
        webhook = make_webhook(make_endpoint(url=mine.url))
        assert send_due_webhooks(now=NOW) == SentWebhooks(sent=1)
        assert send_due_webhooks(now=NOW) == SentWebhooks()

    [request] = mine.got
    assert request.headers["webhook-id"] == webhook.message_id
    assert request.headers["webhook-timestamp"] == "1773144000"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"] == f"django-ppx/{__version__}"
    message = verify(request.headers, request.body, secret=webhook.endpoint.secret, now=NOW)
    assert message == {
        "type": "code.issued",
        "timestamp": "2026-03-10T12:00:00Z",
        "data": {"code": "A"},
    }
    webhook.refresh_from_db()
    assert (webhook.status, webhook.sent_at, webhook.attempts) == ("sent", NOW, 1)
    assert (webhook.claimed_until, webhook.last_error) == (None, "")
    attempt = webhook.log.get()
    assert (attempt.attempted_at, attempt.status_code, attempt.error) == (NOW, 204, "")


def test_the_time_of_the_signature_is_that_of_the_attempt(clock) -> None:
    with receiver() as mine:
        endpoint = make_endpoint(url=mine.url)
        for number in range(2):
            make_webhook(endpoint, key=f"a:{number}")

        def slow(request: Any) -> int:
            clock[0] += 200
            return 200

        mine.answer = slow
        send_due_webhooks(now=NOW)

    assert [each.headers["webhook-timestamp"] for each in mine.got] == ["1773144000", "1773144200"]


@pytest.mark.parametrize("part", ["body", "webhook-id", "webhook-timestamp"])
def test_a_message_that_was_changed_on_the_way_is_found_out(part: str) -> None:
    with receiver() as mine:
        webhook = make_webhook(make_endpoint(url=mine.url))
        send_due_webhooks(now=NOW)
    [request] = mine.got
    body = request.body + b" " if part == "body" else request.body
    headers = {**request.headers}
    if part != "body":
        headers[part] = {"webhook-id": "msg_other", "webhook-timestamp": "1773144001"}[part]

    with pytest.raises(NotOurs):
        verify(headers, body, secret=webhook.endpoint.secret, now=NOW)


def test_a_message_of_long_ago_is_found_out() -> None:
    with receiver() as mine:
        webhook = make_webhook(make_endpoint(url=mine.url))
        send_due_webhooks(now=NOW)

    [request] = mine.got
    later = NOW + timedelta(minutes=6)
    with pytest.raises(NotOurs):
        verify(request.headers, request.body, secret=webhook.endpoint.secret, now=later)


@pytest.mark.parametrize(
    ("hours", "known"), [(0, [True, True]), (23.9, [True, True]), (24, [False, True])]
)
def test_for_24_hours_the_old_secret_and_the_new_one_fit(hours: float, known: list[bool]) -> None:
    with receiver() as mine:
        endpoint = make_endpoint(url=mine.url)
        renewed = rotate_secret(endpoint_id=endpoint.pk, seen=endpoint.secret, now=NOW)
        at = NOW + timedelta(hours=hours)
        make_webhook(endpoint, now=at)
        send_due_webhooks(now=at)

    [request] = mine.got
    assert renewed.secret != endpoint.secret
    assert len(base64.b64decode(renewed.secret.removeprefix("whsec_"))) == 32
    found = []
    for secret in (endpoint.secret, renewed.secret):
        try:
            verify(request.headers, request.body, secret=secret, now=at)
        except NotOurs:
            found.append(False)
        else:
            found.append(True)
    assert found == known


@pytest.mark.parametrize("status", [199, 301, 400, 404, 429, 500, 503])
def test_any_answer_but_2xx_is_put_off_and_tried_again(status: int, caplog) -> None:
    with receiver(status=status) as mine:
        webhook = make_webhook(make_endpoint(url=mine.url))
        assert send_due_webhooks(now=NOW) == SentWebhooks(put_off=1)
        webhook.refresh_from_db()
        assert (webhook.status, webhook.attempts, webhook.claimed_until) == ("waiting", 1, None)
        assert webhook.due_at == NOW + timedelta(seconds=264)
        assert webhook.last_error == f"The endpoint answered {status}."
        assert send_due_webhooks(now=NOW + timedelta(seconds=263)) == SentWebhooks()
        mine.status = 200
        assert send_due_webhooks(now=NOW + timedelta(seconds=264)) == SentWebhooks(sent=1)

    assert mine.ids == [webhook.message_id] * 2
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert list(webhook.log.order_by("pk").values_list("status_code", "error")) == [
        (status, f"The endpoint answered {status}."),
        (200, ""),
    ]


def test_a_webhook_is_given_up_after_about_three_days(caplog, monkeypatch) -> None:
    def unreachable(*args: Any, **kwargs: Any) -> int:
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(sending_webhooks, "post_to", unreachable)
    webhook, now = make_webhook(), NOW

    for attempt in range(1, MOST_ATTEMPTS):
        assert send_due_webhooks(now=now) == SentWebhooks(put_off=1), attempt
        now = OutboxWebhook.objects.get().due_at
    assert send_due_webhooks(now=now) == SentWebhooks(failed=1)
    assert send_due_webhooks(now=now + timedelta(days=1)) == SentWebhooks()

    webhook.refresh_from_db()
    assert (webhook.status, webhook.attempts) == ("failed", 11)
    assert timedelta(days=2.8) < now - NOW < timedelta(days=3.5)
    assert webhook.last_error == "ConnectionRefusedError: [Errno 111] Connection refused"
    assert webhook.log.count() == 11
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 10 + ["ERROR"]


def test_an_endpoint_that_is_gone_is_switched_off_and_hears_no_more(caplog) -> None:
    with receiver(status=410) as mine:
        endpoint = make_endpoint(url=mine.url)
        webhook = make_webhook(endpoint)
        waiting = make_webhook(endpoint, key="code.issued:18", now=NOW + timedelta(hours=1))
        assert send_due_webhooks(now=NOW) == SentWebhooks(failed=1)

    endpoint.refresh_from_db()
    webhook.refresh_from_db()
    assert (endpoint.is_active, webhook.status) == (False, "failed")
    assert webhook.last_error == "The endpoint answered 410."
    assert send_due_webhooks(now=NOW + timedelta(hours=2)) == SentWebhooks(cancelled=1)
    waiting.refresh_from_db()
    assert (waiting.status, waiting.attempts) == ("cancelled", 0)
    assert f"Webhook endpoint {endpoint.pk} answered 410 Gone" in caplog.text


def test_what_waits_for_an_endpoint_that_was_switched_off_is_cancelled() -> None:
    with receiver() as mine:
        endpoint = make_endpoint(url=mine.url)
        webhook = make_webhook(endpoint)
        switch_endpoints(endpoint_ids=[endpoint.pk], is_active=False)
        assert send_due_webhooks(now=NOW) == SentWebhooks(cancelled=1)

    webhook.refresh_from_db()
    assert (webhook.status, webhook.due_at, mine.got) == ("cancelled", NOW, [])


def test_switched_off_in_the_middle_of_a_run_nothing_more_is_sent() -> None:
    with receiver() as mine:
        endpoint = make_endpoint(url=mine.url)
        for number in range(3):
            make_webhook(endpoint, key=f"code.issued:{number}")

        def answer(request: Any) -> int:
            return 410

        mine.answer = answer
        assert send_due_webhooks(now=NOW) == SentWebhooks(failed=1)

    assert len(mine.got) == 1


def test_an_endpoint_that_is_down_is_asked_three_times_a_run_and_the_others_go_on() -> None:
    with receiver(status=500) as broken, receiver() as fine:
        down, up = make_endpoint(url=broken.url), make_endpoint(url=fine.url)
        for number in range(6):
            make_webhook(down, key=f"code.issued:{number}")
        assert OutboxWebhook.objects.filter(endpoint=up).count() == 6
        assert send_due_webhooks(now=NOW) == SentWebhooks(sent=6, put_off=3)

    untouched = OutboxWebhook.objects.filter(endpoint=down, attempts=0, claimed_until=None)
    assert untouched.count() == 3


def test_an_endpoint_with_much_to_hear_keeps_no_other_waiting() -> None:
    with receiver(status=500) as broken, receiver() as fine:
        busy = make_endpoint(url=broken.url, events=["code.issued"])
        for number in range(30):
            make_webhook(busy, key=f"code.issued:{number}")
        other = make_endpoint(url=fine.url, events=["ugc.approved"])
        make_webhook(
            other, event="ugc.approved", key="ugc.approved:1", now=NOW + timedelta(hours=1)
        )
        assert send_due_webhooks(now=NOW + timedelta(hours=1), limit=2).sent == 1

    assert len(fine.got) == 1


def test_a_run_makes_no_more_attempts_than_its_limit_the_longest_due_first() -> None:
    with receiver() as mine:
        endpoint = make_endpoint(url=mine.url)
        for number in range(3):
            make_webhook(endpoint, key=f"a:{number}", now=NOW - timedelta(minutes=number))
        assert send_due_webhooks(now=NOW, limit=2) == SentWebhooks(sent=2)

    assert OutboxWebhook.objects.get(status="waiting").key == "a:0"


def test_a_slow_run_ends_and_the_rest_stays_due(clock) -> None:
    with receiver() as mine:
        endpoint = make_endpoint(url=mine.url)
        for number in range(3):
            make_webhook(endpoint, key=f"a:{number}")

        def slow(request: Any) -> int:
            clock[0] += 121
            return 200

        mine.answer = slow
        assert send_due_webhooks(now=NOW) == SentWebhooks(sent=2)

    assert OutboxWebhook.objects.due(now=NOW).count() == 1


def test_a_name_that_leads_into_the_network_is_put_off_and_says_so(settings, monkeypatch) -> None:
    settings.PPX_WEBHOOKS_TO_PRIVATE_ADDRESSES = False
    monkeypatch.setattr("socket.getaddrinfo", resolves_to("10.0.0.1"))
    webhook = make_webhook()

    assert send_due_webhooks(now=NOW) == SentWebhooks(put_off=1)

    webhook.refresh_from_db()
    assert webhook.last_error == (
        "AddressRefused: This address leads into a private network, and webhooks go to public ones alone."
    )


def test_a_call_that_fails_like_no_other_does_not_end_the_run(monkeypatch) -> None:
    def broken(url: str, **kwargs: Any) -> int:
        if "broken" in url:
            raise ValueError("odd")
        return 204

    monkeypatch.setattr(sending_webhooks, "post_to", broken)
    odd = make_endpoint(url="https://broken.example.com/")
    make_webhook(make_endpoint())

    assert send_due_webhooks(now=NOW) == SentWebhooks(sent=1, put_off=1)

    assert OutboxWebhook.objects.get(endpoint=odd).last_error == "ValueError: odd"


def test_what_another_service_says_is_not_kept() -> None:
    def talk(connected: socket.socket) -> None:
        read_request(connected)
        connected.sendall(b"SSH-2.0-OpenSSH_9.6 hush\r\n")

    with raw_server(talk) as port:
        webhook = make_webhook(make_endpoint(url=f"http://127.0.0.1:{port}/"))
        assert send_due_webhooks(now=NOW) == SentWebhooks(put_off=1)

    webhook.refresh_from_db()
    assert webhook.last_error == "BadStatusLine: What answers does not speak HTTP."


def test_neither_log_nor_error_names_the_secret_or_the_address(caplog) -> None:
    caplog.set_level(logging.DEBUG)
    with receiver(status=500) as mine:
        endpoint = make_endpoint(url=mine.url.replace("shop=1", "token=hush"))
        webhook = make_webhook(endpoint)
        send_due_webhooks(now=NOW)
    webhook.refresh_from_db()

    said = (
        caplog.text
        + webhook.last_error
        + "".join(WebhookAttempt.objects.values_list("error", flat=True))
    )
    assert "hush" not in said
    assert endpoint.secret not in said


@pytest.mark.parametrize("ending", ["sent", "failed", "cancelled"])
def test_what_ended_is_sent_again_from_the_beginning_under_the_same_id(ending: str) -> None:
    with receiver() as mine:
        webhook = make_webhook(make_endpoint(url=mine.url))
        changes = {"sent_at": NOW} if ending == "sent" else {}
        OutboxWebhook.objects.update(status=ending, attempts=11, **changes)
        later = NOW + timedelta(days=2)

        assert resend_webhooks(webhook_ids=[webhook.pk], now=later) == 1
        assert resend_webhooks(webhook_ids=[webhook.pk], now=later) == 0

        webhook.refresh_from_db()
        assert (webhook.status, webhook.attempts, webhook.due_at) == ("waiting", 0, later)
        assert send_due_webhooks(now=later) == SentWebhooks(sent=1)

    assert mine.ids == [webhook.message_id]


def test_what_is_for_an_endpoint_that_is_off_is_not_sent_again() -> None:
    webhook = make_webhook()
    OutboxWebhook.objects.update(status="failed")
    switch_endpoints(endpoint_ids=[webhook.endpoint_id], is_active=False)

    assert resend_webhooks(webhook_ids=[webhook.pk], now=NOW) == 0


@pytest.mark.parametrize("ending", ["sent", "failed", "cancelled"])
def test_what_is_over_loses_body_and_attempts_after_its_days(settings, ending: str) -> None:
    settings.PPX_OUTBOX_DAYS = 30
    webhook = make_webhook()
    webhook.log.create(attempted_at=NOW, duration_ms=1, error="x")
    changes = {"sent_at": NOW} if ending == "sent" else {}
    OutboxWebhook.objects.update(status=ending, due_at=NOW, last_error="x", **changes)

    assert send_due_webhooks(now=NOW + timedelta(days=30)) == SentWebhooks()
    after = NOW + timedelta(days=30, microseconds=1)
    assert send_due_webhooks(now=after) == SentWebhooks(emptied=1)
    assert send_due_webhooks(now=NOW + timedelta(days=60)) == SentWebhooks()

    webhook.refresh_from_db()
    assert (webhook.status, webhook.key) == (ending, "code.issued:17")
    assert (webhook.body, webhook.last_error, webhook.due_at) == ("", "", None)
    assert webhook.log.count() == 0
    assert resend_webhooks(webhook_ids=[webhook.pk], now=NOW) == 0


def test_what_waits_is_never_emptied() -> None:
    webhook = make_webhook()
    OutboxWebhook.objects.update(claimed_until=NOW + timedelta(days=900))

    assert send_due_webhooks(now=NOW + timedelta(days=800)) == SentWebhooks()

    webhook.refresh_from_db()
    assert webhook.body != ""


def test_a_run_that_was_overtaken_undoes_nothing() -> None:
    with receiver() as mine:
        webhook = make_webhook(make_endpoint(url=mine.url))
        posted = sending_webhooks.post_to

        def overtaken(*args: Any, **kwargs: Any) -> int:
            posted(*args, **kwargs)
            # Its claim is over, and the next run has sent it and said so.
            OutboxWebhook.objects.update(status="sent", sent_at=NOW, attempts=2, claimed_until=None)
            raise TimeoutError("timed out")

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(sending_webhooks, "post_to", overtaken)
            send_due_webhooks(now=NOW)

    webhook.refresh_from_db()
    assert (webhook.status, webhook.attempts, webhook.last_error) == ("sent", 2, "")


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_the_endpoint_is_called(monkeypatch) -> None:
    make_webhook()
    seen = []

    def look(*args: Any, **kwargs: Any) -> int:
        seen.append(connection.in_atomic_block)
        return 204

    monkeypatch.setattr(sending_webhooks, "post_to", look)
    send_due_webhooks(now=NOW)

    assert seen == [False]


@pytest.mark.django_db(transaction=True)
def test_inside_a_transaction_nothing_is_sent() -> None:
    make_webhook()

    with pytest.raises(RuntimeError), transaction.atomic():
        send_due_webhooks(now=NOW)

    assert OutboxWebhook.objects.get().attempts == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("webhooks", [0, 1, 5])
def test_a_webhook_costs_four_statements(webhooks: int, monkeypatch) -> None:
    monkeypatch.setattr(sending_webhooks, "post_to", lambda *args, **kwargs: 204)
    endpoint = make_endpoint()
    for number in range(webhooks):
        make_webhook(endpoint, key=f"a:{number}")

    with CaptureQueriesContext(connection) as captured:
        send_due_webhooks(now=NOW)

    verbs = [query["sql"].split()[0] for query in captured.captured_queries]
    asked = 3 + bool(webhooks)  # whose turn it is, what is due, what is unwanted, what is old
    assert verbs.count("SELECT") == asked + webhooks
    assert (verbs.count("UPDATE"), verbs.count("INSERT")) == (2 * webhooks, webhooks)


def test_due_work_sends_webhooks() -> None:
    with receiver() as mine:
        make_webhook(make_endpoint(url=mine.url))
        counts = webhooks_due(NOW, 10)

    assert (counts.done["webhooks sent"], counts.failed) == (1, 0)
    assert json.loads(mine.got[0].body)["type"] == "code.issued"


def test_a_claim_keeps_others_away_for_a_quarter_of_an_hour(monkeypatch) -> None:
    class Killed(BaseException):
        pass

    def killed(*args: Any, **kwargs: Any) -> int:
        raise Killed

    webhook = make_webhook()
    with monkeypatch.context() as patched:
        patched.setattr(sending_webhooks, "post_to", killed)
        with pytest.raises(Killed):
            send_due_webhooks(now=NOW)
    monkeypatch.setattr(sending_webhooks, "post_to", lambda *args, **kwargs: 204)

    assert send_due_webhooks(now=NOW + CLAIM - timedelta(microseconds=1)) == SentWebhooks()
    assert send_due_webhooks(now=NOW + CLAIM) == SentWebhooks(sent=1)
    webhook.refresh_from_db()
    assert webhook.attempts == 2
