"""What time makes happen, at its instant and once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from django_ppx.outbox.models import OutboxMail
from django_ppx.rewards.models import Reward
from django_ppx.testing import make_benefit, make_licence, make_reason, make_ugc_offer
from django_ppx.testing.ugc import NOW, photo
from django_ppx.ugc import due
from django_ppx.ugc.deciding import approve, reject
from django_ppx.ugc.drafts import open_draft
from django_ppx.ugc.due import DueUGC, run_due_ugc
from django_ppx.ugc.ending import withdraw
from django_ppx.ugc.models import UGCSubmission
from django_ppx.ugc.uploading import add_file
from tests.ugc.senders import a_sender, kept_bytes, mails, make_sent, stored_files

pytestmark = pytest.mark.django_db
TICK = timedelta(microseconds=1)
LICENCE_ENDS = datetime(2026, 4, 10, 22, tzinfo=UTC)
"""A month after `NOW`, when 10 April has passed in Berlin."""
NOTHING = DueUGC()


def with_a_term(**overrides):
    return make_ugc_offer(licence=make_licence(term_months=1), **overrides)


def make_approved(offer=None, **overrides) -> UGCSubmission:
    return approve(submission_id=make_sent(offer, **overrides).pk, by_id=None, now=NOW)


def test_a_licence_ends_at_its_instant_and_once() -> None:
    approved = make_approved(with_a_term(benefit=make_benefit(valid_days=None)))

    assert run_due_ugc(now=LICENCE_ENDS - TICK) == NOTHING
    assert run_due_ugc(now=LICENCE_ENDS) == DueUGC(licences_ended=1)
    assert run_due_ugc(now=LICENCE_ENDS) == NOTHING

    approved.refresh_from_db()
    assert approved.status == "taken_down"
    assert mails()[-1] == "ugc-ended"


def test_what_waits_ends_with_its_licence_too() -> None:
    sent = make_sent(with_a_term())

    assert run_due_ugc(now=LICENCE_ENDS).licences_ended == 1

    sent.refresh_from_db()
    assert sent.status == "taken_down"


def test_a_reward_is_reminded_of_once(settings) -> None:
    settings.PPX_UGC_REMINDER_DAYS = 7
    approved = make_approved(make_ugc_offer(benefit=make_benefit(valid_days=30)))
    expires = approved.reward.expires_at
    assert expires == datetime(2026, 4, 9, 22, tzinfo=UTC)

    assert run_due_ugc(now=expires - timedelta(days=7) - TICK) == NOTHING
    assert run_due_ugc(now=expires - timedelta(days=7)) == DueUGC(reminders=1)
    assert run_due_ugc(now=expires - TICK) == NOTHING

    assert mails() == ["ugc-received", "ugc-approved", "ugc-expiring"]


@pytest.mark.parametrize("over", ["redeemed", "reversed", "expired"])
def test_what_can_not_be_used_is_not_reminded_of(over: str) -> None:
    approved = make_approved()
    Reward.objects.update(status=over)

    assert run_due_ugc(now=approved.reward.expires_at - TICK) == NOTHING


def test_what_has_expired_is_not_reminded_of() -> None:
    approved = make_approved()

    assert run_due_ugc(now=approved.reward.expires_at) == NOTHING


def test_what_was_withdrawn_is_not_reminded_of() -> None:
    approved = make_approved()
    withdraw(submission_id=approved.pk, now=NOW)

    assert run_due_ugc(now=approved.reward.expires_at - TICK) == NOTHING


def test_what_was_used_since_it_was_looked_for_is_not_reminded_of(monkeypatch) -> None:
    approved = make_approved()
    expires = approved.reward.expires_at
    monkeypatch.setattr(due, "_expiring", lambda now, limit: [approved.pk])
    Reward.objects.update(status="redeemed")

    assert run_due_ugc(now=expires - TICK) == NOTHING
    assert "ugc-expiring" not in mails()


def test_a_short_reward_was_reminded_of_by_the_mail_that_brought_it() -> None:
    approved = make_approved(make_ugc_offer(benefit=make_benefit(valid_days=5)))

    assert run_due_ugc(now=approved.reward.expires_at - TICK) == NOTHING


def test_no_reminder_where_the_shop_wants_none(settings) -> None:
    settings.PPX_UGC_REMINDER_DAYS = 0
    approved = make_approved()

    assert run_due_ugc(now=approved.reward.expires_at - TICK) == NOTHING


@pytest.mark.django_db(transaction=True)
def test_the_files_of_what_was_rejected_go_after_their_days(settings) -> None:
    settings.PPX_UGC_REJECTED_DAYS = 30
    sent = make_sent(photos=1, posts=())
    reject(submission_id=sent.pk, reason_id=make_reason().pk, by_id=None, now=NOW)

    assert run_due_ugc(now=NOW + timedelta(days=30) - TICK) == NOTHING
    assert len(stored_files()) > 0
    assert run_due_ugc(now=NOW + timedelta(days=30)) == DueUGC(files_removed=1)
    assert run_due_ugc(now=NOW + timedelta(days=30)) == NOTHING

    assert (stored_files(), kept_bytes(sent)) == (set(), 0)
    assert sent.media.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_draft_goes_after_its_days_with_its_files(settings) -> None:
    settings.PPX_UGC_DRAFT_DAYS = 7
    draft = open_draft(a_sender(), now=NOW)
    add_file(draft=draft, upload=photo(), name="a.jpg", now=NOW)

    assert run_due_ugc(now=NOW + timedelta(days=7) - TICK) == NOTHING
    assert run_due_ugc(now=NOW + timedelta(days=7)) == DueUGC(drafts_removed=1)

    assert (stored_files(), kept_bytes(draft)) == (set(), 0)
    assert not UGCSubmission.objects.exists()


def test_what_was_sent_is_no_draft() -> None:
    make_sent()

    assert run_due_ugc(now=NOW + timedelta(days=365)) == NOTHING


def test_one_that_fails_does_not_keep_the_others(monkeypatch, caplog) -> None:
    first, second = make_approved(with_a_term()), make_approved(with_a_term())
    really = due.end_licence

    def end(*, submission_id, now):
        if submission_id == first.pk:
            raise RuntimeError("this one")
        return really(submission_id=submission_id, now=now)

    with monkeypatch.context() as broken:
        broken.setattr(due, "end_licence", end)
        work = run_due_ugc(now=LICENCE_ENDS)

    assert (work.licences_ended, work.failed) == (1, 1)
    assert [record.name for record in caplog.records if record.levelname == "ERROR"] == [
        "django_ppx"
    ]
    assert set(UGCSubmission.objects.values_list("pk", "status")) == {
        (first.pk, "approved"),
        (second.pk, "taken_down"),
    }
    assert run_due_ugc(now=LICENCE_ENDS).licences_ended == 1


def test_a_run_does_so_many_and_the_next_the_rest() -> None:
    for _submission in range(3):
        make_approved(with_a_term(benefit=make_benefit(valid_days=None)))

    done = [run_due_ugc(now=LICENCE_ENDS, limit=2).licences_ended for _run in range(3)]

    assert done == [2, 1, 0]
    assert OutboxMail.objects.filter(key__startswith="ugc-ended").count() == 3
