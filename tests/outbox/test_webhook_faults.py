"""Whatever breaks off, and wherever: what happened is told, at least once, at most one message twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from django_ppx.core.recording import record_purchase
from django_ppx.discounts.models import NextPurchaseDiscount
from django_ppx.offers.models import OfferPresentation
from django_ppx.offers.presenting import PageRequest, present
from django_ppx.offers.snapshot import current_snapshot
from django_ppx.outbox import subscribing
from django_ppx.outbox.models import OutboxWebhook, WebhookAttempt, WebhookEndpoint
from django_ppx.outbox.sending_webhooks import CLAIM, SentWebhooks, send_due_webhooks
from django_ppx.rewards.models import CodeRedemption, DiscountCode, Reward
from django_ppx.rewards.redeeming import redeem_code
from django_ppx.rewards.taking_back import take_rewards_back
from django_ppx.testing import make_benefit, make_code, make_offer, make_order, make_reward
from django_ppx.ugc.deciding import approve
from django_ppx.ugc.models import UGCSubmission
from tests.outbox.receivers import NOW, Receiver, make_endpoint, make_webhook, receiver
from tests.racing import run_together
from tests.rewards.sweeping import KINDS, TABLES, start_over, sweep
from tests.ugc.faults import OURS
from tests.ugc.senders import make_sent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

MESSAGES = 2


@pytest.fixture(autouse=True)
def _to_this_machine(settings) -> None:
    settings.PPX_WEBHOOKS_TO_PRIVATE_ADDRESSES = True


@pytest.fixture
def mine() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


def clean() -> None:
    start_over(
        (WebhookAttempt, OutboxWebhook, WebhookEndpoint, NextPurchaseDiscount, *OURS, *TABLES)
    )
    subscribing.forget()


def two_messages(mine: Receiver) -> Callable[[], None]:
    def prepare() -> None:
        mine.got.clear()
        endpoint = make_endpoint(url=mine.url)
        for number in range(MESSAGES):
            make_webhook(endpoint, key=f"a:{number}")

    return prepare


def send(_prepared: None) -> None:
    """Send what is due, and what is due again once the claims of a run that broke off are over."""
    for now in (NOW, NOW + CLAIM):
        send_due_webhooks(now=now)


@pytest.mark.parametrize("kind", KINDS)
def test_whichever_statement_breaks_each_message_arrives_and_one_at_most_twice(
    kind: str, mine: Receiver, caplog
) -> None:
    totals = set()

    def state() -> list[Any]:
        webhooks = list(OutboxWebhook.objects.order_by("key"))
        arrived = Counter(mine.ids)
        assert set(arrived) <= {each.message_id for each in webhooks}
        assert arrived.total() <= MESSAGES + 1
        for webhook in webhooks:
            assert webhook.status != "sent" or arrived[webhook.message_id] >= 1
            assert webhook.log.count() <= arrived[webhook.message_id]
        totals.add(arrived.total())
        return [(each.key, each.status, each.endpoint_id is not None) for each in webhooks]

    assert sweep(kind, two_messages(mine), send, state, clean=clean) >= MESSAGES

    # Noted is noted, whether or not the answer arrived; anywhere else, one was sent and not noted.
    assert max(totals) == MESSAGES + (kind != "commit unanswered")
    assert {each.status for each in OutboxWebhook.objects.all()} == {"sent"}


def show(number: str) -> None:
    record = record_purchase(order=make_order(number=number), now=NOW)
    page = PageRequest(placement="thank_you", language="en", limit=3, now=NOW)
    present(current_snapshot(), record, page)


def a_code() -> str:
    make_endpoint()
    return make_code(now=NOW).code


def two_offers() -> str:
    make_endpoint()
    benefit = make_benefit()
    for _number in range(2):
        make_offer("next_purchase_discount", benefit=benefit)
    return "1001"


def a_reward() -> int:
    make_endpoint()
    return make_reward(now=NOW).pk


def a_submission() -> int:
    make_endpoint()
    return make_sent().pk


OPERATIONS: dict[str, tuple[Callable[[], Any], Callable[[Any], Any]]] = {
    "redeem": (
        a_code,
        lambda code: redeem_code(code=code, order=make_order(number="1001"), now=NOW),
    ),
    "show a page": (two_offers, show),
    "take back": (
        a_reward,
        lambda pk: take_rewards_back(reward_ids=[pk], by_id=None, why="x", now=NOW),
    ),
    "approve": (a_submission, lambda pk: approve(submission_id=pk, by_id=None, now=NOW)),
}


def told() -> list[Any]:
    """Check that what happened is exactly what is told, and return how much that is."""
    happened = {
        "offer.shown": OfferPresentation.objects.count(),
        "code.issued": DiscountCode.objects.filter(reward__isnull=False).count(),
        "code.redeemed": CodeRedemption.objects.filter(status="redeemed").count(),
        "reward.reversed": Reward.objects.filter(status="reversed").count(),
        "ugc.approved": UGCSubmission.objects.filter(status="approved").count(),
    }
    messages = Counter(OutboxWebhook.objects.values_list("event", flat=True))
    assert {event: messages[event] for event in happened} == happened
    return sorted(messages.items())


@pytest.mark.parametrize("kind", ["before", "kill", "commit unanswered"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_what_happens_and_what_is_told_of_it_stand_or_fall_together(
    name: str, kind: str, caplog
) -> None:
    prepare, operation = OPERATIONS[name]

    assert sweep(kind, prepare, operation, told, clean=clean) >= 1


def test_eight_runs_at_once_send_each_message_once(mine: Receiver) -> None:
    endpoint = make_endpoint(url=mine.url)
    ids = {make_webhook(endpoint, key=f"a:{number}").message_id for number in range(16)}

    runs = run_together(lambda number: send_due_webhooks(now=NOW))

    assert Counter(mine.ids) == Counter(ids)
    assert sum(run.sent for run in runs) == 16
    assert set(OutboxWebhook.objects.values_list("status", "attempts")) == {("sent", 1)}


def test_control_without_a_claim_eight_runs_send_it_eight_times(
    mine: Receiver, monkeypatch
) -> None:
    make_webhook(make_endpoint(url=mine.url))
    monkeypatch.setattr(
        "django_ppx.outbox.sending_webhooks._claim",
        lambda webhook_id, now: OutboxWebhook.objects.select_related("endpoint").get(pk=webhook_id),
    )
    monkeypatch.setattr(
        "django_ppx.outbox.sending_webhooks._note", lambda webhook, outcome, run: None
    )

    runs = run_together(lambda number: send_due_webhooks(now=NOW))

    assert len(mine.got) == 8
    assert runs == [SentWebhooks()] * 8
