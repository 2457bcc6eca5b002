"""Sending in: the boxes, the limits, the licence as it was shown; refused, it stays the draft it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from django_ppx.core.following import cancel_purchase, refund_purchase
from django_ppx.core.models import Purchase
from django_ppx.events.models import OfferEvent
from django_ppx.exceptions import Refusal
from django_ppx.shop.types import Customer
from django_ppx.signals import submission_sent
from django_ppx.testing import make_licence, make_purchase, make_ugc_offer
from django_ppx.testing.ugc import NOW, photo
from django_ppx.ugc.drafts import open_draft
from django_ppx.ugc.licensing import shown_licence
from django_ppx.ugc.models import UGCLicenceGrant, UGCLicenceText, UGCPost, UGCSubmission
from django_ppx.ugc.refusals import SubmissionRefused
from django_ppx.ugc.submitting import send_submission
from django_ppx.ugc.uploading import add_file
from tests.ugc.senders import POST, a_sender, agreed, log_of, mails, make_sent, taken

pytestmark = pytest.mark.django_db
TICK = timedelta(microseconds=1)


def refused(sender, sending=None, now=NOW) -> str:
    """Return why it is refused, having seen that it is the draft it was."""
    draft = open_draft(sender, now=NOW)
    counted = taken(sender.ugc_offer)

    with pytest.raises(Refusal) as error:
        send_submission(sender=sender, sending=sending or agreed(), now=now)

    draft.refresh_from_db()
    assert (draft.status, draft.sent_at, draft.caption) == ("draft", None, "")
    assert taken(sender.ugc_offer) == counted
    assert not UGCLicenceGrant.objects.filter(submission=draft).exists()
    assert not draft.posts.exists()
    assert log_of(draft) == []
    return str(error.value.reason)


def test_what_was_sent_waits_with_licence_log_event_and_mail() -> None:
    sender = a_sender()
    draft = open_draft(sender, now=NOW - timedelta(minutes=5))

    sent = send_submission(sender=sender, sending=agreed(caption=" In the\x00 morning "), now=NOW)

    assert sent.pk == draft.pk
    assert (sent.status, sent.sent_at, sent.created_at) == (
        "waiting",
        NOW,
        NOW - timedelta(minutes=5),
    )
    assert sent.caption == "In the morning"
    assert list(sent.posts.values_list("network", "url")) == [("instagram", POST)]
    assert log_of(sent) == ["sent"]
    assert mails() == ["ugc-received"]
    assert taken(sender.ugc_offer) == 1
    assert OfferEvent.objects.filter(name="submit").count() == 1


def test_sent_again_it_is_the_same_and_nothing_more_happens() -> None:
    sender = a_sender()
    first = send_submission(sender=sender, sending=agreed(), now=NOW)

    again = send_submission(sender=sender, sending=agreed(caption="Other"), now=NOW)

    assert (again.pk, again.caption) == (first.pk, "")
    assert UGCSubmission.objects.count() == 1
    assert mails() == ["ugc-received"]
    assert taken(sender.ugc_offer) == 1
    assert log_of(first) == ["sent"]


def test_photos_alone_are_enough() -> None:
    sender = a_sender()
    add_file(draft=open_draft(sender, now=NOW), upload=photo(), name="a.jpg", now=NOW)

    assert send_submission(sender=sender, sending=agreed(posts=()), now=NOW).status == "waiting"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"posts": ()}, "nothing"),
        ({"posts": ("", "  ")}, "nothing"),
        ({"has_agreed": False}, "no_licence"),
        ({"is_old_enough": False}, "too_young"),
        ({"people_agreed": False}, "people"),
        ({"product_sku": "NO-SUCH"}, "unknown_product"),
        (
            {"posts": tuple(f"https://www.instagram.com/p/A{n}/" for n in range(3))},
            "too_many_posts",
        ),
        ({"posts": ("https://example.com/p/1",)}, "unknown_network"),
    ],
)
def test_what_is_missing_or_wrong_is_said(said, reason: str) -> None:
    assert refused(a_sender(make_ugc_offer(minimum_age=16)), agreed(**said)) == reason


def test_a_box_that_is_not_asked_need_not_be_ticked() -> None:
    sender = a_sender(make_ugc_offer(asks_people_agreed=False))
    sending = agreed(is_old_enough=False, people_agreed=False)

    grant = send_submission(sender=sender, sending=sending, now=NOW).licence_grant

    assert (grant.minimum_age, grant.people_agreed) == (None, False)


def test_the_same_link_twice_is_one() -> None:
    sending = agreed(posts=(POST, "https://instagram.com/p/ABC123?igsh=x", " "))

    sent = send_submission(sender=a_sender(), sending=sending, now=NOW)

    assert UGCPost.objects.filter(submission=sent).count() == 1


@pytest.mark.parametrize("status", ["draft", "paused", "archived"])
def test_an_offer_that_is_not_active_takes_nothing(status: str) -> None:
    assert refused(a_sender(make_ugc_offer(status=status))) == "not_open"


def test_the_first_and_the_last_instant_of_the_offer() -> None:
    offer = make_ugc_offer(starts_at=NOW, ends_at=NOW + timedelta(days=1), max_per_customer=None)

    assert refused(a_sender(offer), now=NOW - TICK) == "not_open"
    assert refused(a_sender(offer), now=NOW + timedelta(days=1)) == "not_open"
    for moment in (NOW, NOW + timedelta(days=1) - TICK):
        sent = send_submission(sender=a_sender(offer), sending=agreed(), now=moment)
        assert sent.status == "waiting"


@pytest.mark.parametrize("undo", ["cancel", "refund"])
def test_an_order_that_was_undone_since_the_upload_earns_nothing(undo: str) -> None:
    sender = a_sender()  # holds the order as it was then
    other = Purchase.objects.get(pk=sender.purchase.pk)
    if undo == "cancel":
        cancel_purchase(purchase=other, now=NOW)
    else:
        refund_purchase(purchase=other, now=NOW)

    assert refused(sender) == "order_undone"


def test_an_order_that_was_refunded_in_part_may_take_part() -> None:
    sender = a_sender()
    refund_purchase(purchase=sender.purchase, now=NOW, amount=sender.purchase.total.amount / 2)

    assert send_submission(sender=sender, sending=agreed(), now=NOW).status == "waiting"


def test_what_was_withdrawn_is_not_sent_any_more() -> None:
    sender = a_sender()
    draft = open_draft(sender, now=NOW)
    UGCSubmission.objects.filter(pk=draft.pk).update(status="withdrawn")

    with pytest.raises(SubmissionRefused) as error:
        send_submission(sender=sender, sending=agreed(), now=NOW)

    assert error.value.reason == "withdrawn"


@pytest.mark.parametrize("email", ["ada@example.com", "ADA+two@example.com"])
def test_one_person_with_several_orders_takes_part_once(email: str) -> None:
    offer = make_ugc_offer(max_per_customer=1)
    make_sent(offer, purchase=make_purchase(customer=Customer(email="ada@example.com")))

    again = a_sender(offer, make_purchase(customer=Customer(email=email)))
    assert refused(again) == "customer_limit"


def test_a_guest_who_became_an_account_takes_part_once() -> None:
    offer = make_ugc_offer(max_per_customer=1)
    make_sent(offer, purchase=make_purchase(customer=Customer(email="ada@example.com")))
    account = make_purchase(customer=Customer(account_id="7", email="ada@example.com"))

    assert refused(a_sender(offer, account)) == "customer_limit"
    assert UGCSubmission.objects.filter(customer=account.customer).count() == 2


def test_the_last_place_of_all(settings) -> None:
    offer = make_ugc_offer(max_total=1)
    make_sent(offer)

    assert refused(a_sender(offer)) == "all_taken"


def test_without_an_address_there_is_a_submission_and_no_mail() -> None:
    sender = a_sender(purchase=make_purchase(customer=Customer(phone="+49301234567")))

    assert send_submission(sender=sender, sending=agreed(), now=NOW).status == "waiting"
    assert mails() == []


def test_the_product_is_the_chosen_one_or_the_only_one() -> None:
    purchase = make_purchase()
    [line] = purchase.lines.all()

    only = send_submission(sender=a_sender(purchase=purchase), sending=agreed(), now=NOW)
    chosen = send_submission(
        sender=a_sender(purchase=purchase), sending=agreed(product_sku=line.sku), now=NOW
    )

    assert (only.product_sku, only.product_title) == (line.sku, line.title)
    assert (chosen.product_sku, chosen.product_title) == (line.sku, line.title)


def test_the_licence_is_stored_word_for_word_with_its_last_instant() -> None:
    licence = make_licence(scopes=["website", "ads"], term_months=1)
    sender = a_sender(make_ugc_offer(licence=licence, minimum_age=16))
    now = datetime(2026, 1, 31, 22, 59, tzinfo=UTC)  # 23:59 in Berlin

    grant = send_submission(sender=sender, sending=agreed(), now=now).licence_grant

    assert grant.text == "The shop may show the pictures on its website."
    assert grant.summary == "I took these pictures, and the shop may show them."
    assert (grant.licence_id, grant.scopes, grant.language) == (
        licence.pk,
        ["website", "ads"],
        "en",
    )
    assert (grant.granted_at, grant.page, grant.minimum_age) == (now, "/ppx/ugc/", 16)
    # Through 28 February, in Berlin.
    assert grant.ends_at == datetime(2026, 2, 28, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "stored"), [("de", "de"), ("de-at", "de"), ("en-gb", "en"), ("fr", "en"), ("", "en")]
)
def test_the_licence_is_in_the_language_of_the_page(asked: str, stored: str) -> None:
    licence = make_licence()
    UGCLicenceText.objects.create(licence=licence, language="de", summary="Ja.", text="Darf.")
    sender = a_sender(make_ugc_offer(licence=licence), language=asked)

    grant = send_submission(sender=sender, sending=agreed(), now=NOW).licence_grant

    assert grant.language == stored


def test_what_was_agreed_to_is_what_the_page_showed() -> None:
    sender = a_sender()
    shown = shown_licence(sender.ugc_offer, language="en")

    sent = send_submission(sender=sender, sending=agreed(licence_mark=shown.mark), now=NOW)

    assert sent.licence_grant.text == shown.text.text


@pytest.mark.parametrize("change", ["text", "summary", "scopes", "term", "version"])
def test_a_licence_that_changed_since_the_page_was_opened_is_not_agreed_to(change: str) -> None:
    sender = a_sender()
    licence = sender.ugc_offer.licence
    mark = shown_licence(sender.ugc_offer, language="en").mark
    if change in ("text", "summary"):
        licence.texts.update(**{change: "Something else."})
    elif change == "scopes":
        licence.scopes = ["website", "ads"]
    elif change == "term":
        licence.term_months = 12
    else:
        sender.ugc_offer.licence = make_licence()
    licence.save()

    assert refused(sender, agreed(licence_mark=mark)) == "licence_changed"


def test_without_the_shops_own_language_the_first_text_stands_in() -> None:
    licence = make_licence()
    licence.texts.update(language="fr")

    grant = send_submission(
        sender=a_sender(make_ugc_offer(licence=licence)), sending=agreed(), now=NOW
    ).licence_grant

    assert grant.language == "fr"


def test_a_licence_without_a_text_takes_nothing() -> None:
    licence = make_licence()
    licence.texts.all().delete()

    assert refused(a_sender(make_ugc_offer(licence=licence))) == "not_open"


def test_the_shop_is_told_once_after_the_commit(django_capture_on_commit_callbacks) -> None:
    told = []

    def hear(sender, submission, **kwargs):
        told.append((sender, submission.pk, submission.status))

    submission_sent.connect(hear)
    sender = a_sender()
    try:
        with django_capture_on_commit_callbacks(execute=True):
            sent = send_submission(sender=sender, sending=agreed(), now=NOW)
            assert told == []
        with django_capture_on_commit_callbacks(execute=True):
            send_submission(sender=sender, sending=agreed(), now=NOW)
    finally:
        submission_sent.disconnect(hear)

    assert told == [(UGCSubmission, sent.pk, "waiting")]
