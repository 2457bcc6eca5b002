"""Reports from the public: a receipt, one decision, read by both sides."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model

from django_ppx.outbox.models import OutboxMail
from django_ppx.rewards.models import Reward
from django_ppx.testing.ugc import NOW
from django_ppx.ugc.deciding import approve
from django_ppx.ugc.ending import withdraw
from django_ppx.ugc.models import UGCReport, UGCSubmission
from django_ppx.ugc.refusals import DecisionRefused
from django_ppx.ugc.reporting import decide_report, file_report
from tests.ugc.senders import complaint_about, log_of, mails, make_sent

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)


def make_approved() -> UGCSubmission:
    return approve(submission_id=make_sent().pk, by_id=None, now=NOW)


def report(submission: UGCSubmission, **overrides) -> UGCReport:
    return file_report(complaint=complaint_about(submission, **overrides), now=LATER)


def decide(filed: UGCReport, *, upholds: bool = True, decision: str = "You did not agree."):
    return decide_report(
        report_id=filed.pk, upholds=upholds, decision=decision, by_id=None, now=LATER
    )


def test_a_report_has_a_receipt_by_mail_and_is_in_the_log() -> None:
    approved = make_approved()

    filed = report(approved, text=" That is\x00 me. ")

    assert (filed.status, filed.text, filed.reported_at) == ("open", "That is me.", LATER)
    assert len(filed.receipt) == 12
    assert set(filed.receipt) <= set("ABCDEFGHJKMNPQRSTUVWXYZ23456789")
    mail = OutboxMail.objects.get(key=f"ugc-report-received:{filed.pk}")
    assert mail.to == "reader@example.com"
    assert filed.receipt in mail.subject
    assert approved.log.get(kind="reported").note == filed.receipt
    assert UGCSubmission.objects.published(now=LATER).count() == 1


def test_a_report_that_is_sent_twice_is_one() -> None:
    approved = make_approved()
    first = report(approved, form_key="a" * 32)

    again = report(approved, form_key="a" * 32, text="Other")

    assert (again.pk, again.receipt, again.text) == (first.pk, first.receipt, "That is me.")
    assert mails().count("ugc-report-received") == 1
    assert log_of(approved).count("reported") == 1


def test_the_key_of_another_report_swallows_none() -> None:
    first = report(make_approved(), form_key="a" * 32)
    other = make_approved()

    second = report(other, form_key="a" * 32, text="Mine as well.", email="second@example.com")

    assert (second.submission_id, second.text) == (other.pk, "Mine as well.")
    assert second.receipt != first.receipt
    assert second.form_key != first.form_key
    assert mails().count("ugc-report-received") == 2
    assert log_of(other).count("reported") == 1


@pytest.mark.parametrize("email", ["", "no address", "a@b"])
def test_without_an_address_that_works_there_is_a_report_and_no_mail(email: str) -> None:
    filed = report(make_approved(), email=email)
    decide(filed)

    assert not OutboxMail.objects.filter(key__startswith="ugc-report").exists()


def test_upheld_the_content_is_gone_the_reward_stays_and_both_sides_hear_why() -> None:
    approved = make_approved()
    staff = get_user_model().objects.create_user("staff", "staff@example.com", "pw")
    filed = report(approved)

    decided = decide_report(
        report_id=filed.pk, upholds=True, decision="You did not agree.", by_id=staff.pk, now=LATER
    )

    assert (decided.status, decided.decision, decided.decided_at, decided.decided_by_id) == (
        "upheld",
        "You did not agree.",
        LATER,
        staff.pk,
    )
    approved.refresh_from_db()
    assert (approved.status, approved.published_at) == ("taken_down", None)
    assert Reward.objects.get().status == "issued"
    for key in (f"ugc-ended:{approved.pk}", f"ugc-report-decided:{filed.pk}"):
        assert "You did not agree." in OutboxMail.objects.get(key=key).text


def test_upheld_other_open_reports_are_upheld_with_it() -> None:
    approved = make_approved()
    first, second, dismissed = report(approved), report(approved), report(approved)
    decide(dismissed, upholds=False, decision="It is fine.")

    decide(first)

    states = dict(UGCReport.objects.values_list("pk", "status"))
    assert states == {first.pk: "upheld", second.pk: "upheld", dismissed.pk: "dismissed"}
    assert mails().count("ugc-report-decided") == 3
    assert mails().count("ugc-ended") == 1


def test_dismissed_the_content_stays() -> None:
    approved = make_approved()
    filed = report(approved)

    decided = decide(filed, upholds=False, decision="It shows nobody.")

    assert (decided.status, decided.decision) == ("dismissed", "It shows nobody.")
    assert UGCSubmission.objects.published(now=LATER).count() == 1
    assert approved.log.get(kind="report_dismissed").note == "It shows nobody."
    assert mails()[-1] == "ugc-report-decided"


def test_decided_again_the_first_decision_stands() -> None:
    approved = make_approved()
    filed = report(approved)
    decide(filed, upholds=False, decision="It shows nobody.")

    again = decide(filed)

    assert (again.status, again.decision) == ("dismissed", "It shows nobody.")
    assert UGCSubmission.objects.published(now=LATER).count() == 1
    assert mails().count("ugc-report-decided") == 1


@pytest.mark.parametrize("decision", ["", "  ", "\x00"])
def test_a_decision_needs_its_reason(decision: str) -> None:
    filed = report(make_approved())

    with pytest.raises(DecisionRefused) as error:
        decide(filed, decision=decision)

    filed.refresh_from_db()
    assert (error.value.reason, filed.status) == ("no_reason", "open")


def test_content_that_is_gone_already_stays_as_it_is() -> None:
    approved = make_approved()
    filed = report(approved)
    withdraw(submission_id=approved.pk, now=LATER)

    assert decide(filed).status == "upheld"

    approved.refresh_from_db()
    assert approved.status == "withdrawn"
    assert mails().count("ugc-ended") == 1
