"""The same thing by many at the same moment: one of it. Each control shows that the race is real."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import suppress
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F

from django_ppx.core.following import cancel_purchase
from django_ppx.core.models import Purchase
from django_ppx.core.retrying import TransactionConflict
from django_ppx.exceptions import Refusal
from django_ppx.rewards.models import DiscountCode, Reward
from django_ppx.shop.types import Customer
from django_ppx.testing import make_purchase, make_reason, make_reward, make_ugc_offer
from django_ppx.testing.ugc import NOW, photo
from django_ppx.ugc.allowances import keep_bytes, take_upload
from django_ppx.ugc.deciding import approve, reconsider, reject
from django_ppx.ugc.drafts import open_draft
from django_ppx.ugc.ending import withdraw
from django_ppx.ugc.files import remove_files
from django_ppx.ugc.models import (
    UGCLicenceGrant,
    UGCMedia,
    UGCPlaceCount,
    UGCSubmission,
    UGCUploadAllowance,
)
from django_ppx.ugc.reporting import decide_report, file_report
from django_ppx.ugc.storage import media_storage
from django_ppx.ugc.submitting import send_submission
from django_ppx.ugc.uploading import add_file
from tests.racing import run_together
from tests.rewards.isolation import LEVELS, has_level, options_of
from tests.ugc.senders import (
    a_sender,
    agreed,
    complaint_about,
    kept_bytes,
    log_of,
    mails,
    make_sent,
    stored_files,
    taken,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
MANY = 50
Status = UGCSubmission.Status


@pytest.fixture(params=LEVELS[connection.vendor])
def _level(request, monkeypatch) -> None:
    """Let each thread's connection run at the isolation level that a host may have set."""
    if not has_level(connection, request.param):
        pytest.skip(f"this server has no {request.param}")
    options = {
        **connection.settings_dict["OPTIONS"],
        **options_of(connection.vendor, request.param),
    }
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)


@pytest.fixture(autouse=True)
def _files(settings, tmp_path) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "ppx_ugc": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path)},
        },
    }


def outcome(work, *args: Any, **values: Any) -> str:
    """Return the status that came of it, or why it was refused."""
    try:
        return str(work(*args, **values).status)
    except Refusal as refused:
        return str(refused.reason)
    except TransactionConflict:  # fifty in one process took turns for ten seconds: one sends again
        return outcome(work, *args, **values)


@pytest.mark.usefixtures("_level")
def test_fifty_equal_submissions_are_one() -> None:
    sender = a_sender()

    sent = run_together(
        lambda number: send_submission(sender=sender, sending=agreed(), now=NOW), times=MANY
    )

    assert len({submission.pk for submission in sent}) == 1
    [stored] = UGCSubmission.objects.all()
    assert (stored.status, log_of(stored), mails()) == ("waiting", ["sent"], ["ugc-received"])
    assert (UGCLicenceGrant.objects.count(), taken(sender.ugc_offer)) == (1, 1)


def test_control_looking_first_makes_several_submissions() -> None:
    sender, looked = a_sender(), Barrier(8, timeout=20)

    def naive(number: int) -> None:
        is_there = UGCSubmission.objects.filter(form_key__startswith=sender.form_key[:20]).exists()
        looked.wait()
        if not is_there:  # and no constraint says that there is one
            UGCSubmission.objects.create(
                ugc_offer=sender.ugc_offer,
                purchase=sender.purchase,
                customer_id=sender.purchase.customer_id,
                form_key=f"{sender.form_key[:20]}{number}",
                created_at=NOW,
            )

    run_together(naive)

    assert UGCSubmission.objects.count() == 8


@pytest.mark.usefixtures("_level")
def test_fifty_pages_of_one_person_use_their_one_place_once() -> None:
    offer = make_ugc_offer(max_per_customer=1)
    senders = [
        a_sender(offer, make_purchase(customer=Customer(email=f"ada+{number}@example.com")))
        for number in range(MANY)
    ]

    ends = run_together(
        lambda number: outcome(send_submission, sender=senders[number], sending=agreed(), now=NOW),
        times=MANY,
    )

    assert Counter(ends) == {"waiting": 1, "customer_limit": MANY - 1}
    assert Counter(UGCSubmission.objects.values_list("status", flat=True)) == {
        "waiting": 1,
        "draft": MANY - 1,
    }
    assert (taken(offer), mails()) == (1, ["ugc-received"])


@pytest.mark.usefixtures("_level")
def test_fifty_persons_get_the_places_that_there_are() -> None:
    offer = make_ugc_offer(max_total=7)
    senders = [a_sender(offer) for _person in range(MANY)]

    ends = run_together(
        lambda number: outcome(send_submission, sender=senders[number], sending=agreed(), now=NOW),
        times=MANY,
    )

    assert Counter(ends) == {"waiting": 7, "all_taken": MANY - 7}
    assert (taken(offer), len(mails())) == (7, 7)
    assert UGCPlaceCount.objects.exclude(limit_key="").filter(taken=1).count() == 7


def test_control_counting_first_gives_more_places_than_there_are() -> None:
    offer, counted = make_ugc_offer(max_total=1), Barrier(8, timeout=20)
    UGCPlaceCount.objects.create(ugc_offer=offer, limit_key="", taken=0)

    def naive(number: int) -> int:
        mine = UGCPlaceCount.objects.filter(ugc_offer=offer, limit_key="")
        has_place = mine.get().taken < 1
        counted.wait()
        return mine.update(taken=F("taken") + 1) if has_place else 0

    assert sum(run_together(naive)) == 8
    assert taken(offer) == 8


@pytest.mark.usefixtures("_level")
def test_moderators_at_once_make_one_decision() -> None:
    reason = make_reason()

    def decide(number: int) -> str:
        if number % 2:
            return outcome(reject, submission_id=sent.pk, reason_id=reason.pk, by_id=None, now=NOW)
        return outcome(approve, submission_id=sent.pk, by_id=None, now=NOW)

    for _round in range(4):
        sent = make_sent()
        before = Reward.objects.count()

        ends = Counter(run_together(decide, times=8))

        sent.refresh_from_db()
        is_approved = sent.status == Status.APPROVED
        assert ends == {sent.status: 4, "not_waiting": 4}
        assert Reward.objects.count() - before == int(is_approved)
        assert log_of(sent) == (
            ["sent", "approved", "rewarded"] if is_approved else ["sent", "rejected"]
        )
        assert mails()[-2:] == ["ugc-received", f"ugc-{sent.status}"]
        assert taken(sent.ugc_offer) == int(is_approved)
    assert DiscountCode.objects.count() == Reward.objects.count()


def test_control_reading_first_rewards_each_moderators_decision() -> None:
    sent, read = make_sent(), Barrier(4, timeout=20)

    def naive(number: int) -> None:
        row = UGCSubmission.objects.get(pk=sent.pk)
        read.wait()
        if row.status == Status.WAITING:
            make_reward(customer=row.customer, reason_key=f"naive:{number}")
            UGCSubmission.objects.filter(pk=row.pk).update(status=Status.APPROVED)

    run_together(naive, times=4)

    assert Reward.objects.count() == 4


@pytest.mark.usefixtures("_level")
def test_approved_and_withdrawn_at_once_it_is_withdrawn() -> None:
    def act(number: int) -> str:
        if number % 2:
            withdraw(submission_id=sent.pk, now=NOW)
            return "withdrawn"
        return outcome(approve, submission_id=sent.pk, by_id=None, now=NOW)

    for _round in range(4):
        sent = make_sent(make_ugc_offer(after_withdrawal="take_back"))
        before = Reward.objects.count()

        ends = Counter(run_together(act, times=4))

        sent.refresh_from_db()
        was_approved = "approved" in log_of(sent)
        assert (sent.status, sent.published_at) == ("withdrawn", None)
        assert ends["withdrawn"] == 2
        assert Reward.objects.count() - before == int(was_approved)
        assert taken(sent.ugc_offer) == int(was_approved)
        assert log_of(sent).count("withdrawn") == 1
        assert mails()[-1] == "ugc-ended"
    assert not Reward.objects.exclude(status="reversed").exists()
    assert not DiscountCode.objects.exclude(status="revoked").exists()


def test_two_withdrawals_at_once_are_one() -> None:
    approved = approve(submission_id=make_sent().pk, by_id=None, now=NOW)

    ended = run_together(lambda number: withdraw(submission_id=approved.pk, now=NOW), times=8)

    assert sorted(end.is_new for end in ended) == [False] * 7 + [True]
    assert mails().count("ugc-ended") == 1


@pytest.mark.usefixtures("_level")
def test_two_reports_upheld_at_once_take_it_down_once() -> None:
    approved = approve(submission_id=make_sent().pk, by_id=None, now=NOW)
    reports = [file_report(complaint=complaint_about(approved), now=NOW) for _report in range(4)]

    run_together(
        lambda number: decide_report(
            report_id=reports[number % 4].pk, upholds=True, decision="Yes.", by_id=None, now=NOW
        ),
        times=8,
    )

    assert log_of(approved).count("taken_down") == 1
    assert Counter(mails())["ugc-ended"] == 1
    assert Counter(mails())["ugc-report-decided"] == 4


def test_equal_reports_at_once_are_one() -> None:
    approved = approve(submission_id=make_sent().pk, by_id=None, now=NOW)
    said = complaint_about(approved)

    filed = run_together(lambda number: file_report(complaint=said, now=NOW), times=8)

    assert len({report.receipt for report in filed}) == 1
    assert mails().count("ugc-report-received") == 1


@pytest.mark.usefixtures("_level")
def test_uploads_at_once_fill_the_draft_and_no_more() -> None:
    draft = open_draft(a_sender(make_ugc_offer(max_photos=3)), now=NOW)
    uploads = [photo() for _upload in range(8)]

    def add(number: int) -> str:
        try:
            add_file(draft=draft, upload=uploads[number], name="a.jpg", now=NOW)
        except Refusal as refused:
            return str(refused.reason)
        return "taken"

    assert Counter(run_together(add)) == {"taken": 3, "enough": 5}
    media = list(draft.media.all())
    assert stored_files() == {file["name"] for each in media for file in each.files.values()}
    assert kept_bytes(draft) == sum(each.stored_bytes for each in media)
    assert UGCUploadAllowance.objects.get().files_this_hour == 8


def test_control_counting_first_fills_the_draft_beyond_its_limit() -> None:
    draft = open_draft(a_sender(make_ugc_offer(max_photos=1)), now=NOW)
    counted = Barrier(8, timeout=20)

    def naive(number: int) -> None:
        has_room = draft.media.count() < 1
        counted.wait()
        if has_room:
            UGCMedia.objects.create(
                submission=draft, key=f"k{number}", type="photo", digest=f"{number}", created_at=NOW
            )

    run_together(naive)

    assert draft.media.count() == 8


@pytest.mark.usefixtures("_level")
def test_bytes_kept_at_once_never_pass_the_quota(settings) -> None:
    settings.PPX_UGC_MEGABYTES_PER_CUSTOMER = 0.0003  # 300 bytes
    take_upload(limit_keys=["a"], now=NOW)

    def keep(number: int) -> int:
        with suppress(Refusal):
            keep_bytes(limit_keys=["a"], count=100)
            return 1
        return 0

    assert sum(run_together(keep)) == 3
    assert UGCUploadAllowance.objects.get().stored_bytes == 300


def test_uploads_at_once_are_counted_in_the_hour(settings) -> None:
    settings.PPX_UGC_FILES_PER_HOUR = 5

    def take(number: int) -> int:
        with suppress(Refusal):
            take_upload(limit_keys=["account:1", "email:a"], now=NOW)
            return 1
        return 0

    assert sum(run_together(take, times=16)) == 5
    assert set(UGCUploadAllowance.objects.values_list("files_this_hour", flat=True)) == {5}


def test_what_is_put_back_while_its_files_go_is_told_that_they_are_gone(monkeypatch) -> None:
    sent = make_sent(photos=1, posts=())
    reject(submission_id=sent.pk, reason_id=make_reason().pk, by_id=None, now=NOW)
    storage, is_removing = media_storage(), Event()
    really = storage.delete

    def delete(name: str) -> None:
        is_removing.set()
        time.sleep(0.2)
        really(name)

    def act(number: int) -> str:
        if not number:
            return str(remove_files(submission_id=sent.pk, now=NOW))
        is_removing.wait(20)
        return outcome(reconsider, submission_id=sent.pk, by_id=None, now=NOW)

    monkeypatch.setattr(storage, "delete", delete)

    assert run_together(act, times=2) == ["1", "files_gone"]
    sent.refresh_from_db()
    assert (sent.status, stored_files(), kept_bytes(sent)) == ("rejected", set(), 0)


def test_an_order_that_is_being_cancelled_is_waited_for() -> None:
    sender, is_cancelled = a_sender(), Event()
    open_draft(sender, now=NOW)

    def act(number: int) -> str:
        if number:
            is_cancelled.wait(20)
            return outcome(send_submission, sender=sender, sending=agreed(), now=NOW)
        with transaction.atomic():
            cancel_purchase(purchase=Purchase.objects.get(pk=sender.purchase.pk), now=NOW)
            is_cancelled.set()
            time.sleep(0.3)
        return "cancelled"

    assert run_together(act, times=2) == ["cancelled", "order_undone"]
    assert UGCSubmission.objects.get().status == "draft"
