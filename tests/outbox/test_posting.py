"""A mail is posted once, with the change it tells of, and nothing reaches a header that has no business there."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction

from django_ppx.outbox.mails import MailContent
from django_ppx.outbox.models import OutboxMail
from django_ppx.outbox.posting import MailRefused, cancel_mail
from tests.outbox.posts import CONTENT, NOW, make_mail

pytestmark = pytest.mark.django_db


def test_a_mail_waits_as_it_was_posted() -> None:
    later = NOW + timedelta(hours=1)

    mail = make_mail(due_at=later, headers={"Reply-To": "shop@example.com"})

    mail.refresh_from_db()
    assert (mail.key, mail.to, mail.language) == ("ugc-approved:17", "ada@example.com", "en")
    assert (mail.subject, mail.text, mail.html) == (CONTENT.subject, CONTENT.text, CONTENT.html)
    assert (mail.status, mail.attempts, mail.claimed_until, mail.sent_at) == (
        "waiting",
        0,
        None,
        None,
    )
    assert (mail.due_at, mail.created_at) == (later, NOW)
    assert mail.headers == {"Reply-To": "shop@example.com"}


def test_the_same_key_is_the_same_mail_unchanged() -> None:
    first = make_mail()

    second = make_mail(to="eve@example.com", content=MailContent(subject="Other", text="Other"))

    assert (second.pk, second.to, second.subject) == (first.pk, "ada@example.com", first.subject)
    assert second.message_id == first.message_id
    assert OutboxMail.objects.count() == 1


def test_posting_twice_leaves_the_transaction_of_the_caller_usable() -> None:
    make_mail()

    with transaction.atomic():
        make_mail()
        Group.objects.create(name="afterwards")

    assert Group.objects.filter(name="afterwards").exists()


def test_control_inserting_twice_breaks_on_the_key() -> None:
    mail = make_mail()
    mail.pk = None
    mail.message_id = "<another@example.com>"

    with pytest.raises(IntegrityError), transaction.atomic():
        mail.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_not_posted() -> None:
    def post_and_fail() -> None:
        with transaction.atomic():
            make_mail()
            raise RuntimeError("the change did not happen")

    with pytest.raises(RuntimeError):
        post_and_fail()

    assert OutboxMail.objects.count() == 0


def test_posting_takes_two_statements(django_assert_num_queries) -> None:
    with django_assert_num_queries(4):  # and the savepoint around them
        make_mail()


def test_a_message_id_is_of_the_senders_domain_and_tells_nothing(settings) -> None:
    settings.PPX_MAIL_FROM = "The Book Barn <hello@mail.example.com>"

    ids = [make_mail(key=f"mail:{number}").message_id for number in range(3)]

    assert all(re.fullmatch(r"<[0-9a-f]{32}@mail\.example\.com>", one) for one in ids)
    assert len(set(ids)) == 3


@pytest.mark.parametrize(
    ("sender", "domain"),
    [
        ("", "example.com"),
        ("hello@bücher.example", "xn--bcher-kva.example"),
        ("nonsense", "localhost"),
        ("hello@" + "ä" * 70 + ".example", "localhost"),
    ],
)
def test_a_message_id_is_ascii_whatever_the_sender(settings, sender: str, domain: str) -> None:
    settings.PPX_MAIL_FROM = sender
    if sender == "nonsense":
        settings.DEFAULT_FROM_EMAIL = sender

    assert make_mail().message_id.partition("@")[2] == f"{domain}>"


@pytest.mark.parametrize("to", ["Ada.L+shop@Example.COM", "ada@bücher.example"])
def test_an_address_is_kept_as_it_is_written(to: str) -> None:
    assert make_mail(to=to).to == to


@pytest.mark.parametrize(
    "to",
    [
        "",
        "ada",
        "ada@example.com\nBcc: eve@example.com",
        "ada@example.com\r\n",
        "Ada <ada@example.com>",
        "ada@example.com, eve@example.com",
        "ada\x00@example.com",
        "a" * 64 + "@" + ".".join(["b" * 60] * 4) + ".com",
    ],
)
def test_what_is_no_address_is_refused(to: str) -> None:
    with pytest.raises(MailRefused) as refusal:
        make_mail(to=to)

    assert refusal.value.reason == "address"
    assert OutboxMail.objects.count() == 0


@pytest.mark.parametrize(
    "subject", ["", "  ", "Hello\nBcc: eve@example.com", "a\rb", "a\x00b", "a\u2028b"]
)
def test_a_subject_is_one_line(subject: str) -> None:
    with pytest.raises(MailRefused) as refusal:
        make_mail(content=MailContent(subject=subject, text="Hello"))

    assert refusal.value.reason == "subject"
    assert OutboxMail.objects.count() == 0


def test_a_long_subject_is_cut() -> None:
    assert make_mail(content=MailContent(subject="a" * 251, text="x")).subject == "a" * 250


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Reply-To", "a@example.com\nBcc: eve@example.com"),
        ("Reply-To\nBcc", "eve@example.com"),
        ("Reply-To:", "a@example.com"),
        ("Bcc", "eve@example.com"),
        ("MESSAGE-ID", "<1@example.com>"),
        ("From", "eve@example.com"),
        ("List-Unsubscribe", "x" * 901),
        ("X-Odd", "\ud800"),
    ],
)
def test_a_header_that_could_do_harm_is_refused(name: str, value: str) -> None:
    with pytest.raises(MailRefused) as refusal:
        make_mail(headers={name: value})

    assert refusal.value.reason == "header"
    assert OutboxMail.objects.count() == 0


@pytest.mark.parametrize("key", ["", "Mail:1", "mail 1", "mail:1 ", "mäil:1", "m" * 192])
def test_a_key_means_the_same_on_every_database(key: str) -> None:
    with pytest.raises(MailRefused) as refusal:
        make_mail(key=key)

    assert refusal.value.reason == "key"


def test_text_that_no_database_takes_is_cleaned() -> None:
    mail = make_mail(content=MailContent(subject="Hi", text="a\x00b\ud800", html="<p>\x00</p>"))

    assert (mail.text, mail.html) == ("ab", "<p></p>")


def test_a_waiting_mail_is_cancelled_once() -> None:
    make_mail(due_at=NOW + timedelta(days=60))

    answers = [cancel_mail(key="ugc-approved:17", now=NOW) for _time in range(2)]

    mail = OutboxMail.objects.get()
    assert answers == [True, False]
    assert (mail.status, mail.due_at) == ("cancelled", NOW)
    assert cancel_mail(key="no-such-mail", now=NOW) is False


def test_a_cancelled_mail_is_not_posted_anew() -> None:
    make_mail()
    cancel_mail(key="ugc-approved:17", now=NOW)

    assert make_mail().status == "cancelled"


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"due_at": None}, "waiting_is_due"),
        ({"to": ""}, "waiting_is_due"),
        ({"status": "sent"}, "sent_at"),
        ({"sent_at": NOW}, "sent_at"),
    ],
)
def test_the_database_refuses_what_can_not_be(change: dict[str, object], rule: str) -> None:
    mail = make_mail()

    with pytest.raises(IntegrityError, match=f"ppx_outboxmail_{rule}"), transaction.atomic():
        OutboxMail.objects.filter(pk=mail.pk).update(**change)
