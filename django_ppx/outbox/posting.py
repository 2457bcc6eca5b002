"""Putting a mail into the outbox, in the transaction of the change that it tells of, and taking it out again."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from email.utils import parseaddr
from functools import partial
from typing import Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.utils.encoding import punycode
from django.utils.translation import gettext_lazy as _

from django_ppx.conf import ppx_settings
from django_ppx.core.retrying import run_retrying
from django_ppx.core.texts import clean_text
from django_ppx.exceptions import Refusal
from django_ppx.outbox.mails import MailContent
from django_ppx.outbox.models import OutboxMail

LONGEST_SUBJECT: Final = 250
LONGEST_ADDRESS: Final = 254  # RFC 5321, erratum 1690
LONGEST_HEADER: Final = 900  # RFC 5322 ends a line at 998

# MariaDB compares regardless of case and of spaces at the end; this way every database means the same.
_KEY: Final = re.compile(r"[a-z0-9._:/-]{1,191}")
_HEADER_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,70}")
_DOMAIN: Final = re.compile(r"[A-Za-z0-9.-]{1,150}")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")
_OURS: Final = frozenset(
    {
        "bcc",
        "cc",
        "content-transfer-encoding",
        "content-type",
        "date",
        "from",
        "message-id",
        "mime-version",
        "sender",
        "subject",
        "to",
    }
)


class MailRefused(Refusal):
    """What was to be posted is no mail that could be sent."""

    class Reason(models.TextChoices):
        ADDRESS = "address", _("This is no e-mail address that mail could be sent to.")
        SUBJECT = "subject", _("A mail needs a subject of one line.")
        HEADER = "header", _("This header can't be sent.")
        KEY = "key", _("A key has 1 to 191 lower-case letters, digits or signs of “._:/-”.")


def post_mail(  # noqa: PLR0913 - each says one thing
    *,
    key: str,
    to: str,
    content: MailContent,
    language: str,
    now: datetime,
    due_at: datetime | None = None,
    headers: Mapping[str, str] | None = None,
) -> OutboxMail:
    """Store a mail that is to leave at `due_at`, or at once, and return it. The same `key` is the same mail, unchanged.

    Call it in the transaction of the change: what is rolled back is not sent. The address is kept as it is written.

    :raises MailRefused: when the address, the subject, a header or the key can't be.
    :raises TransactionConflict: see `run_retrying`.
    """
    if not _KEY.fullmatch(key):
        raise MailRefused(MailRefused.Reason.KEY)
    mail = OutboxMail(
        key=key,
        to=_address(to),
        subject=_subject(content.subject),
        text=clean_text(content.text),
        html=clean_text(content.html),
        language=clean_text(language, 35),
        headers=_headers(headers or {}),
        message_id=_new_message_id(),
        due_at=due_at or now,
        created_at=now,
    )
    return run_retrying(partial(_insert, mail))


def cancel_mail(*, key: str, now: datetime) -> bool:
    """Keep a mail from being sent, and return whether it was still waiting.

    One that a run is sending at this very moment may leave all the same; then it is noted as sent. What was cancelled
    is never tried again, and its key stays taken.

    :raises TransactionConflict: see `run_retrying`.
    """
    waiting = OutboxMail.objects.unsent().filter(key=key)
    cancel = partial(waiting.update, status="cancelled", due_at=now)
    return bool(run_retrying(cancel, is_one_statement=True))


def _insert(mail: OutboxMail) -> OutboxMail:
    OutboxMail.objects.bulk_create([mail], ignore_conflicts=True)
    # Locked, because at REPEATABLE READ a plain SELECT of MariaDB does not see what another transaction
    # has stored since ours began.
    return OutboxMail.objects.select_for_update().get(key=mail.key)


def _address(to: str) -> str:
    try:
        validate_email(to)
    except ValidationError:
        raise MailRefused(MailRefused.Reason.ADDRESS) from None
    if len(to) > LONGEST_ADDRESS:
        raise MailRefused(MailRefused.Reason.ADDRESS)
    return to


def _subject(subject: str) -> str:
    if _CONTROL.search(subject) or not subject.strip():
        raise MailRefused(MailRefused.Reason.SUBJECT)
    return clean_text(subject, LONGEST_SUBJECT)


def _headers(headers: Mapping[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        is_sendable = (
            _HEADER_NAME.fullmatch(name)
            and name.lower() not in _OURS
            and not _CONTROL.search(value)
            and len(value) <= LONGEST_HEADER
            and value == clean_text(value)
        )
        if not is_sendable:
            raise MailRefused(MailRefused.Reason.HEADER)
    return dict(headers)


def _new_message_id() -> str:
    """Return a Message-ID of the sender's domain. It names neither the machine nor the customer."""
    return f"<{secrets.token_hex(16)}@{_sender_domain()}>"


def _sender_domain() -> str:
    sender = ppx_settings.PPX_MAIL_FROM or settings.DEFAULT_FROM_EMAIL
    _local, at, domain = parseaddr(sender)[1].rpartition("@")
    try:
        encoded = punycode(domain)
    except UnicodeError:
        return "localhost"
    return encoded if at and _DOMAIN.fullmatch(encoded) else "localhost"
