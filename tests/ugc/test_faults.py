"""Submissions struck at each statement, each commit and each call to the storage: nothing is lost, nothing doubled."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import pytest

from django_ppx.exceptions import Refusal
from django_ppx.outbox.models import OutboxMail
from django_ppx.rewards.models import DiscountCode, Reward
from django_ppx.testing import make_reason, make_ugc_offer
from django_ppx.testing.ugc import NOW, photo
from django_ppx.ugc.allowances import keep_bytes, take_upload
from django_ppx.ugc.deciding import approve, reject
from django_ppx.ugc.drafts import Sender, open_draft
from django_ppx.ugc.due import run_due_ugc
from django_ppx.ugc.ending import revoke_licence, take_down, withdraw
from django_ppx.ugc.models import UGCMedia, UGCReport, UGCSubmission
from django_ppx.ugc.reporting import decide_report, file_report
from django_ppx.ugc.storage import new_key, store
from django_ppx.ugc.submitting import send_submission
from django_ppx.ugc.sweeping import remove_draft
from django_ppx.ugc.uploading import add_file, remove_file
from tests.rewards.sweeping import KINDS, sweep
from tests.ugc.faults import STORAGE_KINDS, broken_rules, clean, files_after_sweep, sweep_storage
from tests.ugc.senders import a_sender, agreed, complaint_about

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
SOON: Final = NOW + timedelta(hours=1)


@dataclass(frozen=True)
class Operation:
    prepare: Callable[[], Any]
    run: Callable[[Any], Any]


def with_a_file(draft: UGCSubmission) -> UGCMedia:
    """Put a file into the draft as `add_file` does, without the work of making a picture."""
    key = new_key()
    names = [store(key=key, name=f"{size}.jpg", content=b"bytes" * 10) for size in ("full", "list")]
    take_upload(limit_keys=draft.limit_keys, now=NOW)
    keep_bytes(limit_keys=draft.limit_keys, count=100)
    files = {name.rpartition("/")[2]: {"name": name, "bytes": 50} for name in names}
    return UGCMedia.objects.create(
        submission=draft,
        key=key,
        type="photo",
        position=1,
        digest=key,
        files=files,
        stored_bytes=100,
        created_at=NOW,
    )


def a_draft() -> Sender:
    sender = a_sender(make_ugc_offer(after_withdrawal="take_back", max_photos=1))
    with_a_file(open_draft(sender, now=NOW))
    return sender


def an_empty_draft() -> UGCSubmission:
    return open_draft(a_sender(), now=NOW)


def waiting() -> UGCSubmission:
    return send_submission(sender=a_draft(), sending=agreed(), now=NOW)


def waiting_and_a_reason() -> tuple[UGCSubmission, int]:
    return waiting(), make_reason().pk


def approved() -> UGCSubmission:
    return approve(submission_id=waiting().pk, by_id=None, now=NOW)


def approved_and_complained_of() -> tuple[UGCSubmission, Any]:
    submission = approved()
    return submission, complaint_about(submission)


def upload(draft: UGCSubmission) -> None:
    with suppress(Refusal):  # done already: "twice"
        add_file(draft=draft, upload=photo(size=(160, 120), seed=5), name="a.jpg", now=NOW)


def take_out(sender: Sender) -> None:
    draft = open_draft(sender, now=NOW)
    for media in draft.media.all():
        remove_file(draft=draft, media_id=media.pk)


def send(sender: Sender) -> None:
    send_submission(sender=sender, sending=agreed(), now=NOW)


def decide_no(given: tuple[UGCSubmission, int]) -> None:
    reject(submission_id=given[0].pk, reason_id=given[1], by_id=None, now=NOW)


def and_then(end: Callable[[int], Any]) -> Callable[[UGCSubmission], None]:
    """Return the end of a submission with what cron does about its files afterwards."""

    def run(submission: UGCSubmission) -> None:
        end(submission.pk)
        run_due_ugc(now=SOON)

    return run


def down(pk: int) -> None:
    take_down(submission_id=pk, takes_back=False, why="No.", by_id=None, now=NOW)


def revoke(pk: int) -> None:
    revoke_licence(submission_id=pk, why="By phone", by_id=None, now=NOW)


def report(given: tuple[UGCSubmission, Any]) -> None:
    filed = file_report(complaint=given[1], now=NOW)
    decide_report(report_id=filed.pk, upholds=True, decision="Yes.", by_id=None, now=NOW)
    run_due_ugc(now=SOON)


def drop(sender: Sender) -> None:
    for pk in UGCSubmission.objects.filter(form_key=sender.form_key).values_list("pk", flat=True):
        remove_draft(submission_id=pk)


OPERATIONS: Final = {
    "upload": Operation(an_empty_draft, upload),
    "take a file out": Operation(a_draft, take_out),
    "remove a draft": Operation(a_draft, drop),
    "send": Operation(a_draft, send),
    "approve": Operation(
        waiting, lambda given: approve(submission_id=given.pk, by_id=None, now=NOW)
    ),
    "reject": Operation(waiting_and_a_reason, decide_no),
    "withdraw": Operation(approved, and_then(lambda pk: withdraw(submission_id=pk, now=NOW))),
    "take down": Operation(approved, and_then(down)),
    "revoke": Operation(approved, and_then(revoke)),
    "report and decide": Operation(approved_and_complained_of, report),
}
ALIKE: Final = ("take a file out", "remove a draft", "take down", "revoke", "report and decide")
"""These share their way with another one: two kinds of faults are enough."""
STRUCK: Final = [
    (name, kind)
    for name in OPERATIONS
    for kind in (("before", "commit unanswered") if name in ALIKE else KINDS)
]
WITH_FILES: Final = ("upload", "take a file out", "remove a draft", "withdraw", "take down")


@pytest.fixture(autouse=True)
def _files(settings, tmp_path) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "ppx_ugc": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path)},
        },
    }


def state() -> list[Any]:
    """Check the rules, and return what everything comes to, without the keys of rows."""
    assert broken_rules() == []
    submissions = [
        (row.status, row.published_at, row.ended_at, *row.log.order_by("pk").values_list("kind"))
        for row in UGCSubmission.objects.all()
    ]
    mails = [
        (key.split(":")[0], status)
        for key, status in OutboxMail.objects.values_list("key", "status")
    ]
    # Whether the files went with the change or with cron is all the same.
    media = [(row.position, row.files_removed_at is None) for row in UGCMedia.objects.all()]
    rewards = list(Reward.objects.values_list("status", "code__status"))
    codes = list(DiscountCode.objects.values_list("status"))
    reports = list(UGCReport.objects.values_list("status", "decision"))
    rows = (submissions, mails, media, rewards, codes, reports)
    return [*(sorted(map(repr, each)) for each in rows), files_after_sweep()]


@pytest.mark.parametrize(("name", "kind"), STRUCK)
def test_a_fault_of_the_database_loses_nothing_and_doubles_nothing(
    name: str, kind: str, caplog
) -> None:
    operation = OPERATIONS[name]

    struck = sweep(kind, operation.prepare, operation.run, state, clean=clean)

    assert struck >= 1


@pytest.mark.parametrize("kind", STORAGE_KINDS)
@pytest.mark.parametrize("name", WITH_FILES)
def test_a_fault_of_the_storage_loses_nothing_and_doubles_nothing(
    name: str, kind: str, caplog
) -> None:
    operation = OPERATIONS[name]

    assert sweep_storage(kind, operation.prepare, operation.run, state) >= 2


def test_control_a_decision_without_a_transaction_is_half_done() -> None:
    def half(submission: UGCSubmission) -> None:
        row = UGCSubmission.objects.get(pk=submission.pk)
        row.status, row.published_at = "approved", NOW
        row.save()
        row.log.create(kind="approved", at=NOW)

    with pytest.raises(AssertionError, match="0 rewards"):
        sweep("before", waiting, half, state, clean=clean)


def test_control_without_the_sweep_a_killed_upload_leaves_its_files(monkeypatch) -> None:
    monkeypatch.setattr("tests.ugc.faults.sweep_files", lambda *, now: [])

    with pytest.raises(AssertionError):
        sweep_storage("kill", an_empty_draft, upload, state)
