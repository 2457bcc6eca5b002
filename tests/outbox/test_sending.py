"""Every mail leaves once, as it was posted, and loses text and address when its days are over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail as django_mail
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from django_ppx.outbox.mails import MailContent
from django_ppx.outbox.models import OutboxMail
from django_ppx.outbox.posting import cancel_mail
from django_ppx.outbox.sending import Sent, resend_mails, send_due
from tests.outbox.posts import NOW, fail_with, mail_server, make_mail, refused

pytestmark = pytest.mark.django_db


def test_a_due_mail_is_sent_as_it_was_posted(settings) -> None:
    settings.PPX_MAIL_FROM = "The Book Barn <hello@example.com>"
    posted = make_mail(headers={"Reply-To": "ask@example.com"})

    assert send_due(now=NOW) == Sent(sent=1)
    assert send_due(now=NOW) == Sent()

    (message,) = django_mail.outbox
    assert (message.subject, message.body) == ("It is on the page", "Thank you, Ada.")
    assert (message.to, message.from_email) == (
        ["ada@example.com"],
        "The Book Barn <hello@example.com>",
    )
    assert [tuple(part) for part in message.alternatives] == [
        ("<p>Thank you, Ada.</p>", "text/html")
    ]
    sent = message.message()
    assert sent.get_all("Message-ID") == [posted.message_id]
    assert sent["Auto-Submitted"] == "auto-generated"
    assert sent["Reply-To"] == "ask@example.com"
    posted.refresh_from_db()
    assert (posted.status, posted.sent_at, posted.attempts) == ("sent", NOW, 1)
    assert posted.claimed_until is None


def test_without_a_sender_of_ours_it_is_the_projects() -> None:
    make_mail()

    send_due(now=NOW)

    assert django_mail.outbox[0].from_email == "shop@example.com"


def test_a_mail_without_html_is_text_alone() -> None:
    make_mail(content=MailContent(subject="Hi", text="Hello"))

    send_due(now=NOW)

    assert django_mail.outbox[0].message().get_content_type() == "text/plain"


def test_a_mail_waits_for_its_time() -> None:
    make_mail(due_at=NOW + timedelta(hours=1))

    assert send_due(now=NOW + timedelta(minutes=59)) == Sent()
    assert send_due(now=NOW + timedelta(hours=1)) == Sent(sent=1)


def test_a_run_sends_no_more_than_its_limit_the_longest_due_first() -> None:
    for number in range(3):
        make_mail(key=f"mail:{number}", due_at=NOW - timedelta(minutes=number))

    assert send_due(now=NOW, limit=2) == Sent(sent=2)

    assert OutboxMail.objects.get(status="waiting").key == "mail:0"


def test_cancelled_mail_is_not_sent() -> None:
    make_mail()
    cancel_mail(key="ugc-approved:17", now=NOW)

    assert send_due(now=NOW) == Sent()
    assert django_mail.outbox == []


def test_a_failed_mail_is_sent_again_from_the_beginning() -> None:
    posted, other = make_mail(), make_mail(key="mail:2", due_at=NOW + timedelta(days=1))
    with mail_server(fail_with(refused(550))):
        send_due(now=NOW)
    later = NOW + timedelta(days=2)

    assert resend_mails(mail_ids=[posted.pk, other.pk], now=later) == 1
    assert resend_mails(mail_ids=[posted.pk], now=later) == 0

    posted.refresh_from_db()
    assert (posted.status, posted.attempts, posted.due_at) == ("waiting", 0, later)
    assert send_due(now=later) == Sent(sent=2)
    assert posted.message_id in [sent.message()["Message-ID"] for sent in django_mail.outbox]


@pytest.mark.parametrize("ending", ["sent", "failed", "cancelled"])
def test_what_is_over_loses_text_and_address_after_its_days(settings, ending: str) -> None:
    settings.PPX_OUTBOX_DAYS = 30
    posted = make_mail(headers={"Reply-To": "ask@example.com"})
    if ending == "cancelled":
        cancel_mail(key=posted.key, now=NOW)
    with mail_server(fail_with(refused(550)) if ending == "failed" else lambda message: None):
        send_due(now=NOW)

    assert send_due(now=NOW + timedelta(days=30)) == Sent()
    assert send_due(now=NOW + timedelta(days=30, microseconds=1)) == Sent(emptied=1)
    assert send_due(now=NOW + timedelta(days=60)) == Sent()

    posted.refresh_from_db()
    assert (posted.status, posted.key) == (ending, "ugc-approved:17")
    assert (posted.to, posted.subject, posted.text, posted.html) == ("", "", "", "")
    assert (posted.headers, posted.last_error) == ({}, "")
    assert resend_mails(mail_ids=[posted.pk], now=NOW) == 0
    assert make_mail().pk == posted.pk


def test_the_days_count_from_the_end_not_from_when_it_was_due() -> None:
    make_mail(due_at=NOW - timedelta(days=400))

    assert send_due(now=NOW) == Sent(sent=1)
    assert send_due(now=NOW) == Sent()


def test_what_waits_is_never_emptied() -> None:
    posted = make_mail(due_at=NOW)
    OutboxMail.objects.update(claimed_until=NOW + timedelta(days=900))

    assert send_due(now=NOW + timedelta(days=800)) == Sent()

    posted.refresh_from_db()
    assert posted.to == "ada@example.com"


def test_what_ends_as_a_line_is_no_longer_than_a_server_takes() -> None:
    content = MailContent(
        subject="Straße " + "größer " * 30,
        text="word " * 500 + "x" * 3000 + " ä\n.\n" + "short",
        html=f"<p>{'y' * 5000} ä</p>",
    )
    make_mail(content=content, headers={"List-Unsubscribe": f"<https://example.com/{'z' * 120}>"})

    send_due(now=NOW)

    message = django_mail.outbox[0].message()
    lines = message.as_bytes().splitlines()
    headers = lines[: lines.index(b"")]
    assert max(map(len, lines)) <= 998
    assert max(len(line) for line in headers if b"zzz" not in line) <= 78
    assert all(line.isascii() for line in headers)


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_the_server_is_talked_to() -> None:
    make_mail()
    seen = []

    with mail_server(lambda message: seen.append(connection.in_atomic_block)):
        send_due(now=NOW)

    assert seen == [False]


@pytest.mark.django_db(transaction=True)
def test_inside_a_transaction_nothing_is_sent() -> None:
    make_mail()

    with pytest.raises(RuntimeError), transaction.atomic():
        send_due(now=NOW)

    assert django_mail.outbox == []
    assert OutboxMail.objects.get().attempts == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("mails", [0, 1, 5])
def test_a_mail_costs_three_statements(mails: int) -> None:
    for number in range(mails):
        make_mail(key=f"mail:{number}")

    with CaptureQueriesContext(connection) as captured:
        send_due(now=NOW)

    verbs = [query["sql"].split()[0] for query in captured.captured_queries]
    assert (verbs.count("SELECT"), verbs.count("UPDATE")) == (2 + mails, 2 * mails)
