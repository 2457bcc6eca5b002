"""Several runs at once: each mail leaves once. The control shows that the race is real."""

from __future__ import annotations

import time
from collections import Counter
from threading import Barrier

import pytest
from django.core.mail import EmailMessage

from django_ppx.outbox.models import OutboxMail
from django_ppx.outbox.sending import _mark_sent, _message, send_due
from tests.outbox.posts import NOW, mail_server, make_mail
from tests.racing import run_together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_eight_runs_at_once_send_each_mail_once() -> None:
    posted = {make_mail(key=f"mail:{number}").message_id for number in range(24)}

    with mail_server(lambda message: time.sleep(0.005)) as taken:
        runs = run_together(lambda number: send_due(now=NOW))

    assert Counter(_ids(taken)) == Counter(posted)
    assert sum(run.sent for run in runs) == 24
    assert set(OutboxMail.objects.values_list("status", "attempts")) == {("sent", 1)}


def test_one_mail_that_eight_runs_want_leaves_once() -> None:
    for round_ in range(10):
        OutboxMail.objects.all().delete()
        posted = make_mail(key=f"mail:{round_}")

        with mail_server(lambda message: time.sleep(0.02)) as taken:
            runs = run_together(lambda number: send_due(now=NOW))

        assert _ids(taken) == [posted.message_id]
        assert sorted(run.sent for run in runs) == [0] * 7 + [1]


def test_eight_workers_that_post_one_mail_have_one() -> None:
    rows = run_together(lambda number: make_mail())

    assert len({row.pk for row in rows}) == 1
    assert OutboxMail.objects.count() == 1


def test_control_reading_before_sending_sends_eight_times() -> None:
    make_mail()
    read = Barrier(8, timeout=20)

    def naive(number: int) -> None:
        mails = list(OutboxMail.objects.due(now=NOW))
        read.wait()
        for mail in mails:
            _message(mail).send()
            _mark_sent(mail, NOW)

    with mail_server(lambda message: None) as taken:
        run_together(naive)

    assert len(taken) == 8


def _ids(taken: list[EmailMessage]) -> list[str]:
    return [str(message.message()["Message-ID"]) for message in taken]
