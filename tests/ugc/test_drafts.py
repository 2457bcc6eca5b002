"""Drafts: one for each page, whoever asks; counted for the person."""

from __future__ import annotations

import pytest

from django_ppx.shop.types import Customer
from django_ppx.testing import make_purchase, make_ugc_offer
from django_ppx.testing.ugc import NOW
from django_ppx.ugc.drafts import find_draft, open_draft, person_keys
from django_ppx.ugc.models import UGCSubmission
from django_ppx.ugc.refusals import SubmissionRefused
from tests.ugc.senders import a_sender

pytestmark = pytest.mark.django_db


def test_a_draft_is_begun_once() -> None:
    sender = a_sender()

    first, again = open_draft(sender, now=NOW), open_draft(sender, now=NOW)

    assert first.pk == again.pk
    assert (first.status, first.created_at, first.sent_at) == ("draft", NOW, None)
    assert first.limit_keys == list(person_keys(sender.purchase))


def test_before_the_first_upload_there_is_none() -> None:
    assert find_draft(a_sender()) is None
    assert not UGCSubmission.objects.exists()


@pytest.mark.parametrize(
    "key", ["", "a", "A" * 32, "a" * 31, "a" * 33, "é" * 32, "a" * 31 + "\n", "a" * 32 + "\n"]
)
def test_what_is_no_key_begins_nothing(key: str) -> None:
    with pytest.raises(SubmissionRefused) as refused:
        open_draft(a_sender(form_key=key), now=NOW)

    assert refused.value.reason == "unknown_form"
    assert not UGCSubmission.objects.exists()


def test_the_key_of_another_order_is_refused() -> None:
    offer = make_ugc_offer()
    mine = a_sender(offer)
    open_draft(mine, now=NOW)

    with pytest.raises(SubmissionRefused) as refused:
        open_draft(a_sender(offer, form_key=mine.form_key), now=NOW)

    assert refused.value.reason == "unknown_form"


def test_the_key_of_another_offer_is_refused() -> None:
    purchase = make_purchase()
    mine = a_sender(purchase=purchase)
    open_draft(mine, now=NOW)

    with pytest.raises(SubmissionRefused):
        find_draft(a_sender(purchase=purchase, form_key=mine.form_key))


@pytest.mark.parametrize(
    "email", ["Ada@Example.com", "ada+shop@example.com", "ADA+a+b@example.com"]
)
def test_addresses_of_one_mailbox_are_one_person(email: str) -> None:
    plain = make_purchase(customer=Customer(email="ada@example.com"))
    tagged = make_purchase(customer=Customer(email=email))

    assert person_keys(tagged) == person_keys(plain)


def test_a_guest_shares_a_key_with_the_account_of_the_same_address() -> None:
    guest = make_purchase(customer=Customer(email="ada@example.com"))
    before = person_keys(guest)
    account = make_purchase(customer=Customer(account_id="42", email="ada@example.com"))

    assert person_keys(account) == ("account:42", *before)


def test_a_phone_counts_where_there_is_nothing_else() -> None:
    [key] = person_keys(make_purchase(customer=Customer(phone="+49 30 1234567", country="DE")))

    assert key.startswith("phone:")


def test_who_left_nothing_counts_by_their_row() -> None:
    purchase = make_purchase(customer=Customer(first_name="Ada"))

    assert person_keys(purchase) == (f"customer:{purchase.customer_id}",)
