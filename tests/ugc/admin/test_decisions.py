"""Decisions of staff: once, whoever decides at the same moment; many at once, each for itself."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import resolve

from django_ppx.outbox.models import OutboxMail
from django_ppx.rewards.models import Reward
from django_ppx.testing import make_licence, make_reason, make_submission, make_ugc_offer
from django_ppx.testing.ugc import NOW
from django_ppx.ugc.deciding import approve, reject
from django_ppx.ugc.models import UGCLicenceGrant, UGCLogEntry, UGCSubmission
from tests.admin_pages import count_queries
from tests.offers.admin_users import staff_client

pytestmark = pytest.mark.django_db

BASE = "/admin/django_ppx/ugcsubmission/"
ONE = f"{BASE}moderate/"


@pytest.fixture
def moderator() -> Client:
    return staff_client("moderate_ugcsubmission")


def decide(client: Client, pk: int, **data: Any) -> HttpResponse:
    return client.post(f"{BASE}{pk}/decide/", data)


def bulk(client: Client, **data: Any) -> HttpResponse:
    return client.post(f"{ONE}bulk/", data)


def said(response: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]  # type: ignore[attr-defined]


def status_of(submission: UGCSubmission) -> str:
    return UGCSubmission.objects.get(pk=submission.pk).status


def test_approving_rewards_and_shows_the_next(moderator: Client) -> None:
    sent = make_submission()

    response = decide(moderator, sent.pk, do="approve")

    assert response["Location"] == f"{ONE}?after={sent.pk}"
    assert status_of(sent) == "approved"
    assert Reward.objects.count() == 1
    assert OutboxMail.objects.filter(key=f"ugc-approved:{sent.pk}").count() == 1


def test_rejecting_takes_a_reason_and_can_be_undone(moderator: Client) -> None:
    sent, reason = make_submission(), make_reason()

    response = decide(moderator, sent.pk, do="reject", reason=reason.pk, words="Nearly!")

    assert response["Location"] == f"{ONE}?after={sent.pk}&undo={sent.pk}"
    stored = UGCSubmission.objects.get()
    assert (stored.status, stored.reason, stored.note) == ("rejected", reason, "Nearly!")
    assert "Undo the rejection" in moderator.get(response["Location"]).content.decode()

    undone = decide(moderator, sent.pk, do="reconsider")

    assert undone["Location"] == f"{ONE}?from={sent.pk}"
    assert status_of(sent) == "waiting"
    assert OutboxMail.objects.get(key__startswith="ugc-rejected:").status == "cancelled"


def test_filters_stay_after_a_decision(moderator: Client) -> None:
    sent = make_submission()

    response = moderator.post(f"{BASE}{sent.pk}/decide/?type=photo", {"do": "approve"})

    assert response["Location"] == f"{ONE}?type=photo&after={sent.pk}"


def test_a_rejection_without_a_reason_changes_nothing(moderator: Client) -> None:
    sent = make_submission()

    response = decide(moderator, sent.pk, do="reject")

    assert response["Location"] == f"{ONE}?from={sent.pk}"
    assert status_of(sent) == "waiting"
    assert "Choose a reason" in said(response)[0]


def test_the_second_of_two_moderators_is_told(moderator: Client) -> None:
    sent, reason = make_submission(), make_reason()
    approve(submission_id=sent.pk, by_id=None, now=NOW)

    for data in ({"do": "approve"}, {"do": "reject", "reason": reason.pk}):
        response = decide(moderator, sent.pk, **data)

        assert response["Location"] == f"{ONE}?after={sent.pk}"
        assert "Somebody else has decided on this already." in said(response)[-1]
    assert status_of(sent) == "approved"
    assert Reward.objects.count() == 1
    assert UGCSubmission.objects.get().decided_by is None


def test_a_rejection_by_somebody_else_is_not_mine_to_undo(moderator: Client) -> None:
    sent, reason = make_submission(), make_reason()
    reject(submission_id=sent.pk, reason_id=reason.pk, by_id=None, now=NOW)

    response = decide(moderator, sent.pk, do="reject", reason=reason.pk)

    assert response["Location"] == f"{ONE}?after={sent.pk}"


def test_taking_down_asks_why_and_says_what_becomes_of_the_reward(moderator: Client) -> None:
    sent = make_submission()
    approve(submission_id=sent.pk, by_id=None, now=NOW)

    refused = decide(moderator, sent.pk, do="take_down", back="page", why=" ")
    assert status_of(sent) == "approved"
    assert "Choose a reason" in said(refused)[0]

    response = decide(
        moderator, sent.pk, do="take_down", back="page", why="A stranger is in it", takes_back="on"
    )

    assert response["Location"] == f"{BASE}{sent.pk}/change/"
    assert status_of(sent) == "taken_down"
    assert Reward.objects.get().status == "reversed"
    assert "The reward is taken back." in said(response)[-1]


def test_the_description_is_changed_and_logged(moderator: Client) -> None:
    sent = make_submission()

    decide(moderator, sent.pk, do="describe", back="page", alt_text="A mug\non a sill")
    decide(moderator, sent.pk, do="describe", back="page", alt_text="A mug on a sill")

    assert UGCSubmission.objects.get().alt_text == "A mug on a sill"
    edited = UGCLogEntry.objects.get(kind="edited")
    assert (edited.note, edited.by is not None) == ("–", True)


@pytest.mark.parametrize("do", ["approve", "reject", "reconsider", "take_down", "describe"])
def test_who_may_only_look_changes_nothing(do: str) -> None:
    sent, reason = make_submission(), make_reason()
    onlooker = staff_client("view_ugcsubmission", "change_ugcsubmission", "delete_ugcsubmission")

    response = decide(onlooker, sent.pk, do=do, reason=reason.pk, why="x", alt_text="x")
    many = bulk(onlooker, do="approve", submissions=[sent.pk])

    assert (response.status_code, many.status_code) == (403, 403)
    stored = UGCSubmission.objects.get()
    assert (stored.status, stored.alt_text) == ("waiting", "")


def test_decisions_are_posted_and_meet_what_is_there(moderator: Client) -> None:
    sent = make_submission()

    assert moderator.get(f"{BASE}{sent.pk}/decide/").status_code == 405
    assert moderator.get(f"{ONE}bulk/").status_code == 405
    assert decide(moderator, sent.pk + 1, do="approve").status_code == 404
    assert decide(moderator, sent.pk, do="dance")["Location"] == f"{ONE}?from={sent.pk}"
    assert status_of(sent) == "waiting"


def test_each_decision_is_a_transaction_of_its_own() -> None:
    """One that fails must not undo the others, where the shop wraps each request into a transaction."""
    for path in (f"{BASE}1/decide/", f"{ONE}bulk/"):
        assert resolve(path).func._non_atomic_requests == {"default"}


def test_each_of_many_is_decided_for_itself(moderator: Client) -> None:
    one, two, three, four = (make_submission() for _number in range(4))
    approve(submission_id=three.pk, by_id=None, now=NOW)
    UGCLicenceGrant.objects.filter(submission=four).update(revoked_at=NOW)

    response = bulk(
        moderator, do="approve", submissions=[one.pk, two.pk, two.pk, three.pk, four.pk, 99_999]
    )

    assert response["Location"] == f"{ONE}grid/"
    assert [status_of(each) for each in (one, two, three, four)] == [
        "approved",
        "approved",
        "approved",
        "waiting",
    ]
    assert Reward.objects.count() == 3
    sentences = said(response)
    assert sentences[0] == "2 submissions were approved."
    assert "1 was not: Somebody else has decided on this already." in sentences[1]
    assert f">#{three.pk}</a>" in sentences[1]
    assert "1 was not: The customer&#x27;s licence has ended or was revoked." in sentences[2]
    assert "There is no such submission." in sentences[3]


def test_many_are_rejected_for_one_reason(moderator: Client) -> None:
    one, two, reason = make_submission(), make_submission(), make_reason()

    without = bulk(moderator, do="reject", submissions=[one.pk])
    response = bulk(moderator, do="reject", submissions=[one.pk, two.pk], reason=reason.pk)

    assert "Choose a reason" in said(without)[0]
    assert said(response)[-1] == "2 submissions were rejected."
    assert set(UGCSubmission.objects.values_list("status", "reason")) == {("rejected", reason.pk)}


@pytest.mark.parametrize("ticked", [[], ["x"], ["-1"], ["9" * 30]])
def test_nothing_ticked_is_said(moderator: Client, ticked: list[str]) -> None:
    response = bulk(moderator, do="approve", submissions=ticked)

    assert said(response) == ["Tick what you decide on."]


def test_the_page_of_a_submission_tells_everything(moderator: Client) -> None:
    sent = make_submission(posts=("https://www.instagram.com/p/Abc123/",))
    approve(submission_id=sent.pk, by_id=None, now=NOW)

    page = moderator.get(f"{BASE}{sent.pk}/change/").content.decode()

    for words in ("Take down", "What happened", "Rewarded", "Approved", "Open in the register"):
        assert words in page
    assert "I took these pictures, and the shop may show them." in page
    onlooker = staff_client("view_ugcsubmission").get(f"{BASE}{sent.pk}/change/").content.decode()
    assert "What happened" in onlooker
    assert "Take down" not in onlooker
    assert "/decide/" not in onlooker


def test_nobody_adds_deletes_or_sees_drafts(admin_client: Client) -> None:
    sent = make_submission()
    UGCSubmission.objects.filter(pk=sent.pk).update(status="draft", sent_at=None)

    assert admin_client.get(f"{BASE}add/").status_code == 403
    assert admin_client.get(f"{BASE}{sent.pk}/change/").status_code == 302
    other = make_submission()
    assert admin_client.post(f"{BASE}{other.pk}/delete/", {"post": "yes"}).status_code == 403
    assert UGCSubmission.objects.filter(pk=other.pk).exists()


def test_the_list_costs_the_same_with_more_rows(admin_client: Client) -> None:
    make_submission()
    with_one = count_queries(lambda: admin_client.get(BASE))
    for _number in range(3):
        make_submission()

    assert count_queries(lambda: admin_client.get(BASE)) == with_one


def test_a_submission_is_shown_through_the_last_day_of_its_licence(moderator: Client) -> None:
    sent = make_submission(ugc_offer=make_ugc_offer(licence=make_licence(term_months=12)))
    approve(submission_id=sent.pk, by_id=None, now=NOW)

    page = moderator.get(f"{BASE}{sent.pk}/change/").content.decode()

    assert "Shown in the shop until 03/10/2027" in page
