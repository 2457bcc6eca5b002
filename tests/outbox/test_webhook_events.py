"""What webhooks tell of, and what they say: exactly once per happening, machine facts and no names."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from django_ppx.core.recording import record_purchase
from django_ppx.offers import presenting
from django_ppx.offers.histories import NO_HISTORY
from django_ppx.offers.presenting import PageRequest, present
from django_ppx.offers.snapshot import current_snapshot
from django_ppx.outbox.models import OutboxWebhook, WebhookEvent
from django_ppx.rewards.batching import BatchRequest
from django_ppx.rewards.generating import continue_batch, start_batch
from django_ppx.rewards.models import CodeRedemption, DiscountCode
from django_ppx.rewards.redeeming import as_basket, redeem_code, reserve_code
from django_ppx.rewards.releasing import release_code
from django_ppx.rewards.taking_back import take_rewards_back
from django_ppx.shop.types import Customer
from django_ppx.testing import (
    make_benefit,
    make_code,
    make_customer,
    make_offer,
    make_order,
    make_purchase,
    make_reward,
)
from django_ppx.ugc.deciding import approve
from tests.outbox.receivers import NOW, make_endpoint
from tests.ugc.senders import make_sent

pytestmark = pytest.mark.django_db

ADA = Customer(
    account_id="42",
    email="ada@example.com",
    phone="+49 30 1234567",
    first_name="Ada",
    last_name="Lovelace",
)
PAGE = PageRequest(placement="thank_you", language="en", limit=3, now=NOW)
PERSONAL = ("ada", "lovelace", "example.com", "1234567", "whsec_")
DOCS = Path(__file__).resolve().parent.parent.parent / "docs" / "webhooks.md"


def told(event: str | None = None) -> list[Any]:
    rows = OutboxWebhook.objects.order_by("pk")
    rows = rows if event is None else rows.filter(event=event)
    return [json.loads(row.body)["data"] for row in rows]


def show(number: str = "1001", customer: Customer = ADA) -> Any:
    record = record_purchase(order=make_order(number=number, customer=customer), now=NOW)
    return present(current_snapshot(), record, PAGE)


def test_an_offer_is_told_of_on_its_first_page_alone() -> None:
    make_endpoint(events=["offer.shown"])
    make_offer(slug="hello", texts={"en": {"headline": "Hello"}})

    show()
    show()

    [data] = told()
    row = OutboxWebhook.objects.get()
    assert row.key == f"offer.shown:{data['presentation']}"
    assert data == {
        "presentation": data["presentation"],
        "offer": "hello",
        "kind": "message",
        "variant": "A",
        "placement": "thank_you",
        "language": "en",
        "order_ref": "1001",
        "is_test": False,
        "account_id": "42",
        "code": None,
    }


def test_a_guest_has_no_account() -> None:
    make_endpoint(events=["offer.shown"])
    make_offer()

    show(customer=Customer(email="ada@example.com"))

    assert told()[0]["account_id"] is None


def test_the_offers_of_a_page_are_told_of_in_one_statement() -> None:
    benefit = make_benefit()
    for _number in range(3):
        make_offer("next_purchase_discount", benefit=benefit)
    show("1000")
    with CaptureQueriesContext(connection) as without:
        show("1001")
    make_endpoint(events=["offer.shown"])
    show("1002")

    with CaptureQueriesContext(connection) as captured:
        show("1003")

    inserts = [query["sql"] for query in captured if "django_ppx_outboxwebhook" in query["sql"]]
    assert len(inserts) == 1
    assert len(captured) == len(without) + 1
    assert len(told("offer.shown")) == 6


def test_a_second_tab_that_was_slower_tells_of_nothing(monkeypatch) -> None:
    make_endpoint(events=["offer.shown", "code.issued"])
    make_offer("next_purchase_discount", benefit=make_benefit())
    monkeypatch.setattr(presenting, "load_history", lambda *args, **kwargs: NO_HISTORY)

    show()
    show()

    assert [row.event for row in OutboxWebhook.objects.order_by("event")] == [
        "code.issued",
        "offer.shown",
    ]


def test_a_code_that_a_customer_gets_is_told_of() -> None:
    make_endpoint(events=["code.issued"])
    purchase = make_purchase(make_order(number="1001", customer=ADA))
    benefit = make_benefit(
        name="Thanks", type="amount", amounts={"EUR": {"amount": "5.50"}, "JPY": {"amount": 700}}
    )

    reward = make_reward(benefit, customer=purchase.customer, purchase_id=purchase.pk, now=NOW)
    make_reward(make_benefit(type="gift", gift="A cup"), now=NOW)

    [data] = told()
    assert data == {
        "code": reward.code.code,
        "max_uses": 1,
        "starts_at": None,
        "expires_at": data["expires_at"],
        "reward": reward.pk,
        "reason_type": "offer",
        "order_ref": "1001",
        "is_test": False,
        "account_id": "42",
        "benefit": {
            "id": benefit.pk,
            "name": "Thanks",
            "type": "amount",
            "percent": None,
            "amounts": [
                {"amount": "5.50", "currency": "EUR"},
                {"amount": "700", "currency": "JPY"},
            ],
            "points": None,
            "gift": None,
        },
    }


def test_a_reward_that_was_granted_before_is_not_told_of_again() -> None:
    make_endpoint(events=["code.issued"])
    customer, benefit = make_customer(), make_benefit()

    for _time in range(2):
        make_reward(benefit, customer=customer, reason_key="once", now=NOW)

    assert len(told()) == 1


def test_codes_that_are_made_for_nobody_are_not_told_of() -> None:
    make_endpoint()
    request = BatchRequest(benefit_id=make_benefit().pk, name="Leaflet")

    continue_batch(batch_id=start_batch(request=request, count=3, now=NOW).pk, now=NOW)

    assert DiscountCode.objects.count() == 3
    assert told() == []


def test_a_code_that_is_used_is_told_of_once_and_again_after_it_was_given_back() -> None:
    make_endpoint(events=["code.redeemed"])
    code, order = make_code(now=NOW), make_order(number="1001", customer=ADA)

    for _time in range(2):
        redeem_code(code=code.code, order=order, now=NOW)
    assert len(told()) == 1
    release_code(code=code.code, order_ref="1001", now=NOW)
    redeem_code(code=code.code, order=order, now=NOW + timedelta(seconds=1))

    first, second = told()
    assert first == {
        "code": code.code,
        "order_ref": "1001",
        "account_id": None,
        "discount": {"amount": first["discount"]["amount"], "currency": "EUR"},
        "redeemed_at": "2026-03-10T12:00:00Z",
        "reward": None,
        "benefit": {
            "id": code.benefit_id,
            "name": code.benefit.name,
            "type": "percent",
            "percent": "10",
            "amounts": [],
            "points": None,
            "gift": None,
        },
    }
    assert Decimal(first["discount"]["amount"]) > 0
    assert second["redeemed_at"] == "2026-03-10T12:00:01Z"


def test_a_reservation_is_not_told_of_until_it_is_made_good() -> None:
    make_endpoint(events=["code.redeemed"])
    make_purchase(make_order(number="1000", customer=ADA))
    code, order = make_code(now=NOW), make_order(number="1001", customer=ADA)
    reserve_code(
        code=code.code, order_ref="1001", basket=as_basket(order), now=NOW, ttl_seconds=600
    )
    assert told() == []
    redeem_code(code=code.code, order=order, now=NOW)

    [data] = told()
    assert (data["order_ref"], data["account_id"]) == ("1001", "42")


@pytest.mark.django_db(transaction=True)
def test_the_use_of_a_code_and_what_is_told_of_it_stand_or_fall_together(monkeypatch) -> None:
    """PostgreSQL takes a use in one statement, without a transaction, as long as nobody is told."""
    make_endpoint(events=["code.redeemed"])
    code = make_code(now=NOW)

    class Killed(BaseException):
        pass

    def killed(*args: Any, **kwargs: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(OutboxWebhook.objects, "bulk_create", killed)
        with pytest.raises(Killed):
            redeem_code(code=code.code, order=make_order(customer=ADA), now=NOW)

    code.refresh_from_db()
    assert (code.times_used, CodeRedemption.objects.count(), told()) == (0, 0, [])


def test_a_reward_that_is_taken_back_is_told_of_once() -> None:
    make_endpoint(events=["reward.reversed"])
    purchase = make_purchase(make_order(number="1001", customer=ADA))
    reward = make_reward(customer=purchase.customer, purchase_id=purchase.pk, now=NOW)

    for _time in range(2):
        take_rewards_back(reward_ids=[reward.pk], by_id=None, why="Ada asked", now=NOW)

    [data] = told()
    assert data == {
        "code": reward.code.code,
        "reward": reward.pk,
        "reason_type": "offer",
        "order_ref": "1001",
        "is_test": False,
        "account_id": "42",
        "benefit": {**data["benefit"], "type": "percent", "percent": "10"},
    }


def test_an_approved_submission_is_told_of_once_with_its_reward() -> None:
    make_endpoint(events=["ugc.approved"])
    purchase = make_purchase(make_order(number="1001", customer=ADA))
    sent = make_sent(purchase=purchase)

    for _time in range(2):
        approve(submission_id=sent.pk, by_id=None, now=NOW)

    sent.refresh_from_db()
    [data] = told()
    assert data == {
        "submission": sent.pk,
        "offer": sent.ugc_offer.slug,
        "order_ref": "1001",
        "is_test": False,
        "account_id": "42",
        "product_sku": sent.product_sku or None,
        "is_published": sent.published_at is not None,
        "reward": sent.reward_id,
    }


def test_what_is_rolled_back_was_never_told() -> None:
    make_endpoint()
    code = make_code(now=NOW)

    with transaction.atomic():
        redeem_code(code=code.code, order=make_order(customer=ADA), now=NOW)
        show()
        transaction.set_rollback(True)

    assert told() == []


def everything() -> dict[str, dict[str, Any]]:
    """Let all that can be told of happen, and return what was told, by event."""
    make_endpoint()
    make_offer("next_purchase_discount", benefit=make_benefit())
    show()
    code = DiscountCode.objects.get()
    later = NOW + timedelta(days=1)
    order = make_order(number="1002", customer=ADA)
    redeem_code(code=code.code, order=order, now=later)
    release_code(code=code.code, order_ref="1002", now=later)
    take_rewards_back(reward_ids=[code.reward_id], by_id=None, why="x", now=later)
    purchase = make_purchase(make_order(number="1003", customer=ADA))
    approve(submission_id=make_sent(purchase=purchase).pk, by_id=None, now=NOW)
    rows = OutboxWebhook.objects.order_by("-pk")
    return {row.event: json.loads(row.body) for row in rows}


def test_no_message_names_a_person() -> None:
    for event, message in everything().items():
        text = json.dumps(message).lower()
        assert not [word for word in PERSONAL if word in text], event


def test_the_examples_of_the_docs_have_the_keys_of_real_messages() -> None:
    page = DOCS.read_text(encoding="utf-8")
    examples = {
        example["type"]: example
        for example in map(json.loads, re.findall(r"```json\n(.*?)```", page, flags=re.DOTALL))
    }

    real = everything()

    assert set(examples) == set(real) == set(WebhookEvent.values)
    for event, message in real.items():
        assert shape(examples[event]) == shape(message), event


def shape(value: Any) -> Any:
    """Return the keys of what is told, all the way down, and what is an amount."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items() if key != "amounts"}
    return "text or none" if value is None or isinstance(value, str) else type(value).__name__


def test_every_event_has_a_heading_in_the_docs() -> None:
    headings = re.findall(r"^### `([\w.]+)`", DOCS.read_text(encoding="utf-8"), flags=re.MULTILINE)

    assert sorted(headings) == sorted(WebhookEvent.values)
