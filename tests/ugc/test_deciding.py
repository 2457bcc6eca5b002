"""Approving, rejecting, and putting back: one decision with one reward and one mail; refused, nothing changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model

from django_ppx.core.following import refund_purchase
from django_ppx.outbox.models import OutboxMail
from django_ppx.rewards.due import run_due
from django_ppx.rewards.granting import code_of
from django_ppx.rewards.models import DiscountCode, Reward
from django_ppx.shop.types import Customer
from django_ppx.signals import submission_approved, submission_rejected
from django_ppx.testing import (
    make_benefit,
    make_code,
    make_licence,
    make_purchase,
    make_reason,
    make_ugc_offer,
)
from django_ppx.testing.ugc import NOW
from django_ppx.ugc.deciding import approve, reconsider, reject
from django_ppx.ugc.models import UGCSubmission
from django_ppx.ugc.refusals import DecisionRefused
from tests.ugc.senders import log_of, mails, make_sent, taken

pytestmark = pytest.mark.django_db
TICK = timedelta(microseconds=1)


def yes(submission: UGCSubmission, *, by_id: int | None = None, now: datetime = NOW):
    return approve(submission_id=submission.pk, by_id=by_id, now=now)


def no(submission: UGCSubmission, **overrides):
    values = {"by_id": None, "now": NOW, **overrides}
    values.setdefault("reason_id", None)
    values["reason_id"] = values["reason_id"] or make_reason().pk
    return reject(submission_id=submission.pk, **values)


def assert_unchanged(submission: UGCSubmission, decide, reason: str) -> None:
    before = (mails(), log_of(submission), Reward.objects.count(), taken(submission.ugc_offer))
    submission.refresh_from_db()
    status, decided_at = submission.status, submission.decided_at

    with pytest.raises(DecisionRefused) as error:
        decide(submission)

    assert error.value.reason == reason
    submission.refresh_from_db()
    assert (submission.status, submission.decided_at) == (status, decided_at)
    assert before == (
        mails(),
        log_of(submission),
        Reward.objects.count(),
        taken(submission.ugc_offer),
    )


def test_approved_it_is_published_and_rewarded_by_whoever_decided() -> None:
    staff = get_user_model().objects.create_user("staff", "staff@example.com", "pw")
    sent = make_sent()

    approved = yes(sent, by_id=staff.pk)

    assert (approved.status, approved.decided_at, approved.decided_by_id) == (
        "approved",
        NOW,
        staff.pk,
    )
    assert (approved.published_at, approved.published_until) == (NOW, None)
    reward = Reward.objects.get()
    assert (reward.reason_key, reward.reason_type, reward.status) == (
        f"ugc:{sent.pk}",
        "ugc",
        "issued",
    )
    assert (reward.customer_id, reward.purchase_id, reward.granted_by_id) == (
        sent.customer_id,
        sent.purchase_id,
        staff.pk,
    )
    assert log_of(sent) == ["sent", "approved", "rewarded"]
    assert mails() == ["ugc-received", "ugc-approved"]
    assert taken(sent.ugc_offer) == 1


def test_approved_again_nothing_more_happens() -> None:
    sent = make_sent()
    first = yes(sent)

    again = yes(sent, now=NOW + timedelta(days=1))

    assert (again.decided_at, again.reward_id) == (NOW, first.reward_id)
    assert (Reward.objects.count(), DiscountCode.objects.count()) == (1, 1)
    assert mails() == ["ugc-received", "ugc-approved"]


def test_the_reward_keeps_the_terms_of_the_moment() -> None:
    sent = make_sent()
    reward = yes(sent).reward

    sent.ugc_offer.benefit.percent = 50
    sent.ugc_offer.benefit.save()

    assert Reward.objects.get(pk=reward.pk).terms["percent"] == "10.00"


@pytest.mark.parametrize("status", ["draft", "rejected", "withdrawn", "taken_down"])
def test_what_does_not_wait_is_not_approved(status: str) -> None:
    sent = make_sent()
    UGCSubmission.objects.filter(pk=sent.pk).update(status=status)

    assert_unchanged(sent, yes, "not_waiting")


@pytest.mark.parametrize("status", ["draft", "approved", "withdrawn", "taken_down"])
def test_what_does_not_wait_is_not_rejected(status: str) -> None:
    sent = make_sent()
    UGCSubmission.objects.filter(pk=sent.pk).update(status=status)

    assert_unchanged(sent, no, "not_waiting")


def test_the_licences_last_instant() -> None:
    licence = make_licence(term_months=1)
    offer = make_ugc_offer(licence=licence, max_per_customer=None)
    last, late = make_sent(offer), make_sent(offer)
    ends = datetime(2026, 4, 10, 22, tzinfo=UTC)
    assert last.licence_grant.ends_at == ends

    approved = yes(last, now=ends - TICK)

    assert approved.published_until == ends
    assert UGCSubmission.objects.published(now=ends - TICK).count() == 1
    assert UGCSubmission.objects.published(now=ends).count() == 0
    assert_unchanged(late, lambda each: yes(each, now=ends), "licence_over")


def test_a_revoked_licence_is_over() -> None:
    sent = make_sent()
    grant = sent.licence_grant
    grant.revoked_at = NOW
    grant.save()

    assert_unchanged(sent, yes, "licence_over")


def test_without_the_website_in_its_licence_it_is_rewarded_and_not_published() -> None:
    licence = make_licence(scopes=["social", "ads"])

    approved = yes(make_sent(make_ugc_offer(licence=licence)))

    assert (approved.status, approved.published_at) == ("approved", None)
    assert approved.reward is not None
    assert UGCSubmission.objects.published(now=NOW).count() == 0


def test_an_empty_pool_of_codes_refuses_and_changes_nothing() -> None:
    benefit = make_benefit(code_source="pool")
    offer = make_ugc_offer(benefit=benefit, max_per_customer=None)
    make_code(benefit, status="pooled", expires_at=None, code="LASTCODE2222")
    first, second = make_sent(offer), make_sent(offer)
    assert code_of(yes(first).reward).code == "LASTCODE2222"

    assert_unchanged(second, yes, "no_codes_left")

    make_code(benefit, status="pooled", expires_at=None, code="NEWCODE33333")
    assert code_of(yes(second).reward).code == "NEWCODE33333"


def test_a_reward_that_has_to_wait_is_promised_and_becomes_usable() -> None:
    approved = yes(make_sent(make_ugc_offer(benefit=make_benefit(vesting_days=14))))
    assert approved.reward.status == "promised"
    assert approved.reward.vests_at == datetime(2026, 3, 24, 23, tzinfo=UTC)

    run_due(now=datetime(2026, 3, 24, 23, tzinfo=UTC))

    assert Reward.objects.get().status == "issued"


@pytest.mark.parametrize("type_", ["gift", "points"])
def test_a_gift_or_points_need_no_code(type_: str) -> None:
    benefit = make_benefit(type=type_, gift="A mug", points=100)

    approved = yes(make_sent(make_ugc_offer(benefit=benefit)))

    assert (approved.reward.status, code_of(approved.reward)) == ("issued", None)
    assert not DiscountCode.objects.exists()
    assert mails() == ["ugc-received", "ugc-approved"]


def test_an_order_refunded_later_leaves_the_reward() -> None:
    """It was earned by the pictures, not by the order."""
    approved = yes(make_sent())

    refund_purchase(purchase=approved.purchase, now=NOW)
    run_due(now=NOW + timedelta(days=1))

    assert Reward.objects.get().status == "issued"
    assert DiscountCode.objects.get().status == "issued"


def test_a_customer_who_became_an_account_gets_one_reward() -> None:
    sent = make_sent(purchase=make_purchase(customer=Customer(email="ada@example.com")))
    account = make_purchase(customer=Customer(account_id="7", email="ada@example.com")).customer

    approved = yes(sent)
    yes(sent)

    assert approved.customer_id == account.pk
    assert Reward.objects.get().customer_id == account.pk


def test_rejected_it_says_why_and_frees_its_place() -> None:
    sent = make_sent()
    reason = make_reason("Too dark.", name="Dark")

    rejected = no(sent, reason_id=reason.pk, words=" Nearly! ")

    assert (rejected.status, rejected.reason_id, rejected.note) == (
        "rejected",
        reason.pk,
        "Nearly!",
    )
    assert log_of(sent) == ["sent", "rejected"]
    assert sent.log.get(kind="rejected").note == "Dark"
    assert mails() == ["ugc-received", "ugc-rejected"]
    assert taken(sent.ugc_offer) == 0
    assert not Reward.objects.exists()


def test_rejected_again_keeps_the_first_reason() -> None:
    sent = make_sent()
    first = no(sent)

    again = no(sent, reason_id=make_reason().pk, words="Other")

    assert (again.reason_id, again.note) == (first.reason_id, "")
    assert mails() == ["ugc-received", "ugc-rejected"]
    assert taken(sent.ugc_offer) == 0


def test_a_reason_that_does_not_exist_is_refused() -> None:
    assert_unchanged(make_sent(), lambda each: no(each, reason_id=987654), "no_reason")


def test_put_back_it_waits_again_and_its_mail_is_kept_back() -> None:
    sent = make_sent()
    no(sent, words="Nearly!")

    back = reconsider(submission_id=sent.pk, by_id=None, now=NOW)

    assert (back.status, back.decided_at, back.reason_id, back.note) == ("waiting", None, None, "")
    assert mails() == ["ugc-received"]
    assert taken(sent.ugc_offer) == 1
    assert log_of(sent) == ["sent", "rejected", "reconsidered"]
    assert yes(sent).status == "approved"


def test_rejected_a_second_time_there_is_a_second_mail() -> None:
    sent = make_sent()
    no(sent)
    OutboxMail.objects.filter(key__startswith="ugc-rejected").update(status="sent", sent_at=NOW)
    reconsider(submission_id=sent.pk, by_id=None, now=NOW)

    no(sent)

    keys = OutboxMail.objects.filter(key__startswith="ugc-rejected").order_by("pk")
    assert list(keys.values_list("key", "status")) == [
        (f"ugc-rejected:{sent.pk}:1", "sent"),
        (f"ugc-rejected:{sent.pk}:2", "waiting"),
    ]


@pytest.mark.parametrize("status", ["draft", "waiting", "approved", "withdrawn", "taken_down"])
def test_only_what_is_rejected_is_put_back(status: str) -> None:
    sent = make_sent()
    UGCSubmission.objects.filter(pk=sent.pk).update(status=status)

    assert_unchanged(
        sent, lambda each: reconsider(submission_id=each.pk, by_id=None, now=NOW), "not_waiting"
    )


def test_a_place_that_is_taken_by_now_keeps_it_rejected() -> None:
    offer = make_ugc_offer(max_total=1)
    sent = make_sent(offer)
    no(sent)
    make_sent(offer)

    with pytest.raises(DecisionRefused) as error:
        reconsider(submission_id=sent.pk, by_id=None, now=NOW)

    sent.refresh_from_db()
    assert (error.value.reason, sent.status, taken(offer)) == ("no_place", "rejected", 1)
    assert mails() == ["ugc-received", "ugc-rejected", "ugc-received"]


def test_what_has_no_files_any_more_is_not_put_back() -> None:
    sent = make_sent(photos=1, posts=())
    no(sent)
    sent.media.update(files_removed_at=NOW)

    assert_unchanged(
        sent, lambda each: reconsider(submission_id=each.pk, by_id=None, now=NOW), "files_gone"
    )


def test_the_shop_is_told_of_each_decision_once(django_capture_on_commit_callbacks) -> None:
    told = []

    def hear_yes(sender, submission, **kwargs):
        told.append(("approved", sender, submission.pk, submission.reward.status))

    def hear_no(sender, submission, **kwargs):
        told.append(("rejected", sender, submission.pk, submission.reason.name))

    submission_approved.connect(hear_yes)
    submission_rejected.connect(hear_no)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            good, bad = make_sent(), make_sent()
            for _time in range(2):
                yes(good)
                no(bad, reason_id=make_reason(name="Dark").pk)
            assert told == []
    finally:
        submission_approved.disconnect(hear_yes)
        submission_rejected.disconnect(hear_no)

    assert told == [
        ("approved", UGCSubmission, good.pk, "issued"),
        ("rejected", UGCSubmission, bad.pk, "Dark"),
    ]
