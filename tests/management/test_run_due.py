"""`ppx_run_due`: every part has its turn, in one summary and with one rule for the exit status."""

from __future__ import annotations

import smtplib
from datetime import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from django_ppx.management import due_work
from django_ppx.management.due_work import DueCounts, do_due_work
from django_ppx.outbox.models import OutboxMail
from django_ppx.testing import make_code
from tests.outbox.posts import NOW, fail_with, mail_server, make_mail, refused

pytestmark = pytest.mark.django_db


def run() -> str:
    out = StringIO()
    call_command("ppx_run_due", stdout=out)
    return out.getvalue()


def test_rewards_and_mails_stand_in_one_summary() -> None:
    make_code(expires_at=NOW)
    make_mail()

    assert run() == "1 expired codes, 1 mails sent\n"
    assert run() == "Nothing is due.\n"


def test_a_mail_that_is_tried_again_ends_it_with_an_error() -> None:
    make_mail()

    gone = fail_with(smtplib.SMTPServerDisconnected("gone"))
    with mail_server(gone), pytest.raises(CommandError, match="tried again next time"):
        run()

    assert OutboxMail.objects.get().status == "waiting"


def test_an_address_that_is_refused_is_for_staff_alone() -> None:
    make_mail()

    with mail_server(fail_with(refused(550))):
        assert run() == "1 mails given up\n"


def test_a_part_that_breaks_leaves_the_others_their_turn(monkeypatch, caplog) -> None:
    def broken(now: datetime, limit: int) -> DueCounts:
        raise RuntimeError("broken")

    monkeypatch.setattr(due_work, "DUE_WORK", (broken, *due_work.DUE_WORK))
    make_mail()

    work = do_due_work(now=NOW, limit=10)

    assert (work.done, work.failed) == ({"mails sent": 1}, 1)
    assert [record.getMessage() for record in caplog.records] == ["Due work (broken) failed."]


def test_what_goes_out_comes_last() -> None:
    assert due_work.DUE_WORK[-2:] == (due_work.mails_due, due_work.webhooks_due)
