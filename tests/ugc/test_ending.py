"""Taking down: gone with the commit, its files right after, and what becomes of the reward is said."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model

from django_ppx.outbox.models import OutboxMail
from django_ppx.rewards.models import DiscountCode, Reward
from django_ppx.signals import submission_ended
from django_ppx.testing import make_benefit, make_licence, make_reason, make_ugc_offer
from django_ppx.testing.ugc import NOW
from django_ppx.ugc.deciding import approve, reject
from django_ppx.ugc.drafts import open_draft
from django_ppx.ugc.due import run_due_ugc
from django_ppx.ugc.ending import end_licence, revoke_licence, take_down, withdraw
from django_ppx.ugc.models import UGCMedia, UGCSubmission
from django_ppx.ugc.refusals import DecisionRefused
from django_ppx.ugc.storage import media_storage
from tests.ugc.senders import a_sender, kept_bytes, log_of, mails, make_sent, stored_files, taken

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)


def make_approved(offer=None, **overrides) -> UGCSubmission:
    return approve(submission_id=make_sent(offer, **overrides).pk, by_id=None, now=NOW)


def down(submission: UGCSubmission, **overrides):
    values = {"takes_back": False, "why": "It shows a child.", "by_id": None, "now": LATER}
    return take_down(submission_id=submission.pk, **{**values, **overrides})


def taking_back(**overrides):
    return make_ugc_offer(after_withdrawal="take_back", **overrides)


def test_withdrawn_it_is_gone_and_the_consent_revoked() -> None:
    approved = make_approved()

    ended = withdraw(submission_id=approved.pk, now=LATER)

    submission = ended.submission
    assert (ended.reward, ended.is_new) == ("kept", True)
    assert (submission.status, submission.published_at, submission.ended_at) == (
        "withdrawn",
        None,
        LATER,
    )
    grant = submission.licence_grant
    assert (grant.revoked_at, grant.revoked_by, grant.revoked_why) == (LATER, None, "")
    assert log_of(approved) == ["sent", "approved", "rewarded", "withdrawn", "reward_kept"]
    assert (Reward.objects.get().status, DiscountCode.objects.get().status) == ("issued", "issued")
    assert UGCSubmission.objects.published(now=LATER).count() == 0


def test_withdrawn_again_nothing_changes() -> None:
    approved = make_approved()
    withdraw(submission_id=approved.pk, now=LATER)
    before = (mails(), log_of(approved), taken(approved.ugc_offer))

    again = withdraw(submission_id=approved.pk, now=LATER + timedelta(days=1))

    assert (again.is_new, again.reward, again.submission.ended_at) == (False, "kept", LATER)
    assert before == (mails(), log_of(approved), taken(approved.ugc_offer))


@pytest.mark.django_db(transaction=True)
def test_the_files_go_with_it_and_their_room_is_free() -> None:
    approved = make_approved(photos=2, posts=())
    assert kept_bytes(approved) > 0

    withdraw(submission_id=approved.pk, now=LATER)

    assert (stored_files(), kept_bytes(approved)) == (set(), 0)
    assert set(approved.media.values_list("files_removed_at", flat=True)) == {LATER}


@pytest.mark.django_db(transaction=True)
def test_a_storage_that_fails_does_not_keep_it_in_the_shop(monkeypatch, caplog) -> None:
    approved = make_approved(photos=1, posts=())
    with monkeypatch.context() as broken:
        broken.setattr(media_storage(), "delete", _refuse)

        assert withdraw(submission_id=approved.pk, now=LATER).is_new

    assert UGCMedia.objects.published(now=LATER).count() == 0
    assert len(stored_files()) > 0
    assert run_due_ugc(now=LATER).files_removed == 1
    assert stored_files() == set()


def _refuse(name: str) -> None:
    raise OSError("the storage is away")


def test_a_withdrawal_takes_the_reward_back_where_the_offer_says_so() -> None:
    approved = make_approved(taking_back())

    ended = withdraw(submission_id=approved.pk, now=LATER)

    assert ended.reward == "taken_back"
    assert (Reward.objects.get().status, DiscountCode.objects.get().status) == (
        "reversed",
        "revoked",
    )
    assert log_of(approved)[-2:] == ["withdrawn", "reward_taken_back"]
    # The mail with a code that is worth nothing must not leave any more.
    assert mails() == ["ugc-ended"]


def test_the_mail_with_the_code_leaves_where_the_reward_is_kept() -> None:
    approved = make_approved()

    withdraw(submission_id=approved.pk, now=LATER)

    assert mails() == ["ugc-approved", "ugc-ended"]


def test_a_reward_that_was_used_stays_used() -> None:
    approved = make_approved(taking_back())
    Reward.objects.update(status="redeemed")

    ended = withdraw(submission_id=approved.pk, now=LATER)

    assert ended.reward == "used"
    assert log_of(approved)[-1] == "reward_kept"
    assert Reward.objects.get().status == "redeemed"


def test_a_promised_reward_is_taken_back_too() -> None:
    approved = make_approved(taking_back(benefit=make_benefit(vesting_days=14)))

    assert withdraw(submission_id=approved.pk, now=LATER).reward == "taken_back"


def test_what_waits_is_withdrawn_without_a_reward_and_frees_its_place() -> None:
    sent = make_sent()

    ended = withdraw(submission_id=sent.pk, now=LATER)

    assert (ended.reward, ended.submission.status, taken(sent.ugc_offer)) == (
        "none",
        "withdrawn",
        0,
    )
    assert mails() == ["ugc-ended"]
    with pytest.raises(DecisionRefused):
        approve(submission_id=sent.pk, by_id=None, now=LATER)


def test_what_was_rejected_frees_its_place_once() -> None:
    offer = make_ugc_offer(max_per_customer=None)
    sent, other = make_sent(offer), make_sent(offer)
    reject(submission_id=sent.pk, reason_id=make_reason().pk, by_id=None, now=NOW)
    assert taken(offer) == 1

    withdraw(submission_id=sent.pk, now=LATER)

    assert taken(offer) == 1
    assert UGCSubmission.objects.get(pk=other.pk).status == "waiting"


def test_what_was_approved_still_counts() -> None:
    """Or one could earn reward after reward by withdrawing."""
    approved = make_approved()

    withdraw(submission_id=approved.pk, now=LATER)

    assert taken(approved.ugc_offer) == 1


def test_a_draft_is_withdrawn_without_a_word() -> None:
    draft = open_draft(a_sender(), now=NOW)

    ended = withdraw(submission_id=draft.pk, now=LATER)

    assert (ended.submission.status, ended.reward) == ("withdrawn", "none")
    assert mails() == []


def test_taken_down_the_customer_reads_why_and_keeps_the_reward() -> None:
    approved = make_approved()
    staff = get_user_model().objects.create_user("staff", "staff@example.com", "pw")

    ended = down(approved, by_id=staff.pk)

    assert (ended.submission.status, ended.reward) == ("taken_down", "kept")
    entry = approved.log.get(kind="taken_down")
    assert (entry.note, entry.by_id) == ("It shows a child.", staff.pk)
    grant = ended.submission.licence_grant
    assert (grant.revoked_at, grant.revoked_by_id) == (LATER, staff.pk)
    assert "It shows a child." in OutboxMail.objects.get(key__startswith="ugc-ended").text


def test_taken_down_with_its_reward() -> None:
    approved = make_approved()

    assert down(approved, takes_back=True).reward == "taken_back"
    assert down(approved, takes_back=True).is_new is False
    assert Reward.objects.get().status == "reversed"


@pytest.mark.parametrize("status", ["draft", "waiting", "rejected"])
def test_only_what_is_approved_is_taken_down(status: str) -> None:
    sent = make_sent()
    UGCSubmission.objects.filter(pk=sent.pk).update(status=status)

    with pytest.raises(DecisionRefused) as error:
        down(sent)

    sent.refresh_from_db()
    assert (error.value.reason, sent.status) == ("not_published", status)
    assert log_of(sent) == ["sent"]


def test_a_licence_revoked_for_the_customer_ends_it_with_the_reason_in_the_register() -> None:
    approved = make_approved(taking_back())
    staff = get_user_model().objects.create_user("staff", "staff@example.com", "pw")

    ended = revoke_licence(
        submission_id=approved.pk, why="Asked by phone", by_id=staff.pk, now=LATER
    )

    grant = ended.submission.licence_grant
    assert (ended.submission.status, ended.reward) == ("withdrawn", "taken_back")
    assert (grant.revoked_at, grant.revoked_by_id, grant.revoked_why) == (
        LATER,
        staff.pk,
        "Asked by phone",
    )


def test_the_end_of_the_term_is_no_revocation_and_keeps_the_reward() -> None:
    licence = make_licence(term_months=1)
    approved = make_approved(taking_back(licence=licence))

    ended = end_licence(submission_id=approved.pk, now=approved.published_until)

    assert (ended.submission.status, ended.reward) == ("taken_down", "kept")
    assert ended.submission.licence_grant.revoked_at is None
    assert log_of(approved)[-2:] == ["licence_ended", "reward_kept"]


def test_the_end_of_the_term_leaves_what_was_rejected_meanwhile() -> None:
    sent = make_sent(make_ugc_offer(licence=make_licence(term_months=1)))
    reject(submission_id=sent.pk, reason_id=make_reason().pk, by_id=None, now=NOW)

    ended = end_licence(submission_id=sent.pk, now=NOW + timedelta(days=60))

    assert (ended.is_new, ended.submission.status) == (False, "rejected")
    assert mails() == ["ugc-received", "ugc-rejected"]


def test_the_shop_is_told_once_and_what_becomes_of_the_reward(
    django_capture_on_commit_callbacks,
) -> None:
    told = []

    def hear(sender, submission, reward, **kwargs):
        told.append((sender, submission.pk, submission.status, reward))

    approved = make_approved(taking_back())
    draft = open_draft(a_sender(), now=NOW)
    submission_ended.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            withdraw(submission_id=approved.pk, now=LATER)
            withdraw(submission_id=approved.pk, now=LATER)
            withdraw(submission_id=draft.pk, now=LATER)  # nobody was told that there is one
            assert told == []
    finally:
        submission_ended.disconnect(hear)

    assert told == [(UGCSubmission, approved.pk, "withdrawn", "taken_back")]
