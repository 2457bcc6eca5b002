"""Mails to test with, and servers that do with them what a test wants."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import django
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.test import override_settings

from django_ppx.outbox.mails import MailContent
from django_ppx.outbox.models import OutboxMail
from django_ppx.outbox.posting import post_mail

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
CONTENT = MailContent(
    subject="It is on the page", text="Thank you, Ada.", html="<p>Thank you, Ada.</p>"
)


def make_mail(**overrides: Any) -> OutboxMail:
    values = {
        "key": "ugc-approved:17",
        "to": "ada@example.com",
        "content": CONTENT,
        "language": "en",
        "now": NOW,
    }
    return post_mail(**{**values, **overrides})


def refused(code: int, to: str = "ada@example.com") -> smtplib.SMTPRecipientsRefused:
    return smtplib.SMTPRecipientsRefused({to: (code, f"<{to}>: no such mailbox".encode())})


class Server(BaseEmailBackend):
    """A mail server at the end of Django's API: does `answer` with each message, and keeps what it took."""

    answer: Callable[[EmailMessage], None] = staticmethod(lambda message: None)
    taken: list[EmailMessage] = []

    def send_messages(self, email_messages: Any) -> int:
        for message in email_messages:
            Server.answer(message)
            Server.taken.append(message)
        return len(email_messages)


@contextmanager
def mail_server(answer: Callable[[EmailMessage], None]) -> Iterator[list[EmailMessage]]:
    """Send through a server that calls `answer`, which may raise, and return what it took."""
    path = "tests.outbox.posts.Server"
    chosen: dict[str, Any] = {"EMAIL_BACKEND": path}
    if django.VERSION >= (6, 1):
        chosen = {"MAILERS": {"default": {"BACKEND": path}}}
    Server.answer, Server.taken = staticmethod(answer), []
    with override_settings(**chosen):
        yield Server.taken


def fail_with(error: Exception) -> Callable[[EmailMessage], None]:
    def answer(message: EmailMessage) -> None:
        raise error

    return answer
