"""What fails is tried again, what was cut short leaves at most twice, and none of it holds up the others."""

from __future__ import annotations

import smtplib
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.db import connection

from django_ppx.outbox import sending
from django_ppx.outbox.backoff import MOST_ATTEMPTS, pause_after
from django_ppx.outbox.failures import describe_failure, is_permanent
from django_ppx.outbox.models import OutboxMail
from django_ppx.outbox.posting import cancel_mail
from django_ppx.outbox.sending import CLAIM, Sent, send_due
from tests.outbox.posts import NOW, fail_with, mail_server, make_mail, refused

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """The process was killed at this point."""


def test_what_fails_is_put_off_and_tried_again(caplog, monkeypatch) -> None:
    monkeypatch.setattr(sending.random, "random", lambda: 0.5)
    posted = make_mail()
    error = smtplib.SMTPDataError(451, "try later, ada@example.com")

    with mail_server(fail_with(error)) as taken:
        assert send_due(now=NOW) == Sent(put_off=1)

    posted.refresh_from_db()
    assert (posted.status, posted.attempts, posted.claimed_until) == ("waiting", 1, None)
    assert posted.due_at == NOW + timedelta(seconds=264)
    assert posted.last_error == "SMTPDataError: (451, 'try later, a…@e….com')"
    assert taken == []
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "ada@example.com" not in caplog.text
    assert send_due(now=NOW + timedelta(seconds=263)) == Sent()
    assert send_due(now=NOW + timedelta(seconds=264)) == Sent(sent=1)
    posted.refresh_from_db()
    assert (posted.status, posted.attempts, posted.last_error) == ("sent", 2, "")


@pytest.mark.parametrize(
    ("attempts", "spread", "minutes"),
    [(1, 0.0, 4), (2, 0.0, 8), (3, 0.0, 16), (10, 0.0, 2048), (1, 1.0, 4.8), (10, 1.0, 2457.6)],
)
def test_pauses_double_and_are_spread(attempts: int, spread: float, minutes: float) -> None:
    assert pause_after(attempts, spread=spread) == timedelta(minutes=minutes)


def test_a_mail_is_given_up_after_about_three_days(caplog) -> None:
    posted = make_mail()
    now = NOW

    with mail_server(fail_with(ConnectionRefusedError(111, "Connection refused"))):
        for attempt in range(1, MOST_ATTEMPTS):
            assert send_due(now=now) == Sent(put_off=1), attempt
            now = OutboxMail.objects.get().due_at
        assert send_due(now=now) == Sent(failed=1)
        assert send_due(now=now + timedelta(days=1)) == Sent()

    posted.refresh_from_db()
    assert (posted.status, posted.attempts) == ("failed", 11)
    assert timedelta(minutes=4092) <= now - NOW <= timedelta(minutes=4911)
    assert posted.last_error == "ConnectionRefusedError: [Errno 111] Connection refused"
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 10 + ["ERROR"]


def test_a_recipient_refused_for_good_fails_at_once() -> None:
    posted = make_mail()

    with mail_server(fail_with(refused(550))):
        assert send_due(now=NOW) == Sent(failed=1)

    posted.refresh_from_db()
    assert (posted.status, posted.attempts) == ("failed", 1)
    assert posted.last_error == "SMTPRecipientsRefused: 550 <a…@e….com>: no such mailbox"


@pytest.mark.parametrize(
    ("error", "permanent"),
    [
        (refused(550), True),
        (refused(450), False),
        (smtplib.SMTPRecipientsRefused({}), False),
        (smtplib.SMTPDataError(554, b"spam"), False),
        (smtplib.SMTPServerDisconnected("gone"), False),
        (TimeoutError(), False),
    ],
)
def test_only_a_refused_recipient_is_for_good(error: Exception, permanent: bool) -> None:
    assert is_permanent(error) is permanent


def test_an_error_is_one_short_line_without_an_address() -> None:
    error = RuntimeError("a\r\n b\x00 <ada@example.com>, 'eve@example.com' " + "x" * 600)

    words = describe_failure(error)

    assert words.startswith("RuntimeError: a b <a…@e….com>, 'e…@e….com' xxx")
    assert len(words) == 500


def test_one_mail_that_fails_leaves_the_others_their_turn() -> None:
    for number in range(5):
        make_mail(key=f"mail:{number}", to=f"ada{number}@example.com")

    def answer(message: EmailMessage) -> None:
        if message.to == ["ada1@example.com"]:
            raise smtplib.SMTPDataError(451, b"try later")

    with mail_server(answer) as taken:
        assert send_due(now=NOW) == Sent(sent=4, put_off=1)

    assert [message.to[0][3] for message in taken] == ["0", "2", "3", "4"]


def test_a_server_that_is_down_is_asked_three_times_a_run() -> None:
    for number in range(5):
        make_mail(key=f"mail:{number}")

    with mail_server(fail_with(TimeoutError("timed out"))):
        assert send_due(now=NOW) == Sent(put_off=3)

    untouched = OutboxMail.objects.filter(attempts=0, due_at=NOW, claimed_until=None)
    assert untouched.count() == 2


def test_addresses_that_are_refused_do_not_make_a_server_down() -> None:
    for number in range(5):
        make_mail(key=f"mail:{number}")

    with mail_server(fail_with(refused(550))):
        assert send_due(now=NOW) == Sent(failed=5)


def test_a_slow_server_ends_the_run_and_the_rest_stays_due(monkeypatch) -> None:
    for number in range(3):
        make_mail(key=f"mail:{number}")
    clock = iter([0.0, 1.0, 240.0, 241.0])
    monkeypatch.setattr(sending.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(sending, "run_retrying", lambda do, **kwargs: do())

    assert send_due(now=NOW) == Sent(sent=2)

    assert OutboxMail.objects.due(now=NOW).count() == 1


def test_killed_after_sending_it_is_sent_once_more_under_the_same_id() -> None:
    posted = make_mail()
    seen: list[str] = []

    def answer(message: EmailMessage) -> None:
        seen.append(message.message()["Message-ID"])
        if len(seen) == 1:
            raise Killed

    with mail_server(answer):
        with pytest.raises(Killed):
            send_due(now=NOW)
        assert send_due(now=NOW + CLAIM - timedelta(microseconds=1)) == Sent()
        assert send_due(now=NOW + CLAIM) == Sent(sent=1)
        assert send_due(now=NOW + 2 * CLAIM) == Sent()

    assert seen == [posted.message_id] * 2


@pytest.mark.django_db(transaction=True)
def test_whichever_statement_fails_a_mail_leaves_once_or_twice() -> None:
    outcomes = set()

    for broken in range(5):  # what is due, what is old, the claim, the mail itself, the mark
        OutboxMail.objects.all().delete()
        posted = make_mail()
        numbers = count(-broken)

        def fail_once(execute: Any, sql: str, *args: Any, left: Any = numbers) -> Any:
            if sql.startswith(("SELECT", "UPDATE")) and next(left) == 0:
                raise Killed
            return execute(sql, *args)

        with mail_server(lambda message: None) as taken:
            with pytest.raises(Killed), connection.execute_wrapper(fail_once):
                send_due(now=NOW)
            send_due(now=NOW + CLAIM)
        posted.refresh_from_db()
        assert posted.status == "sent", broken
        assert {sent.message()["Message-ID"] for sent in taken} == {posted.message_id}
        outcomes.add(len(taken))

    assert outcomes == {1, 2}


def test_a_run_that_was_overtaken_undoes_nothing() -> None:
    posted = make_mail()

    def answer(message: EmailMessage) -> None:
        # Its claim is over, and the next run has sent the mail and said so.
        OutboxMail.objects.update(status="sent", sent_at=NOW, attempts=2, claimed_until=None)
        raise TimeoutError

    with mail_server(answer):
        send_due(now=NOW)

    posted.refresh_from_db()
    assert (posted.status, posted.attempts, posted.last_error) == ("sent", 2, "")


def test_cancelled_while_it_is_sent_it_is_not_tried_again() -> None:
    posted = make_mail()

    def answer(message: EmailMessage) -> None:
        assert cancel_mail(key="ugc-approved:17", now=NOW)
        raise TimeoutError

    with mail_server(answer):
        send_due(now=NOW)

    posted.refresh_from_db()
    assert (posted.status, posted.due_at) == ("cancelled", NOW)
    assert send_due(now=NOW + timedelta(days=1)) == Sent()


def test_cancelled_while_it_left_it_is_noted_as_sent() -> None:
    posted = make_mail()

    with mail_server(lambda message: cancel_mail(key="ugc-approved:17", now=NOW) and None):
        assert send_due(now=NOW) == Sent(sent=1)

    posted.refresh_from_db()
    assert (posted.status, posted.sent_at) == ("sent", NOW)
