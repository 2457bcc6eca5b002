"""Every operation that writes to the ledger: how to prepare for it, and how to do it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, Final

from django.db import transaction

from django_ppx.core.following import cancel_purchase, refund_purchase
from django_ppx.core.importing import import_batch
from django_ppx.core.models import Purchase
from django_ppx.core.recording import record_purchase
from django_ppx.core.retrying import run_retrying
from django_ppx.rewards.amending import Amendment, amend_code
from django_ppx.rewards.batching import BatchRequest
from django_ppx.rewards.delivering import credit_points, hand_over, resolve_flags
from django_ppx.rewards.due import run_due, vest
from django_ppx.rewards.expiring import expire_codes, expire_reward
from django_ppx.rewards.generating import continue_batch, start_batch
from django_ppx.rewards.granting import RewardRequest, grant_rewards
from django_ppx.rewards.importing import import_codes
from django_ppx.rewards.limiting import set_budget
from django_ppx.rewards.models import Benefit
from django_ppx.rewards.redeeming import as_basket, redeem_code, reserve_code
from django_ppx.rewards.releasing import release_code, release_lapsed
from django_ppx.rewards.revoking import revoke_codes
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.rewards.undoing import settle_order
from django_ppx.shop.adapter import get_shop
from django_ppx.shop.types import Customer, OrderStatus
from django_ppx.testing import make_benefit, make_code, make_order, make_purchase, make_reward

NOW: Final = datetime(2026, 3, 10, 12, tzinfo=UTC)
BEFORE: Final = NOW - timedelta(days=1)
LATER: Final = NOW + timedelta(days=60)
ADA: Final = Customer(email="ada@example.com")


@dataclass(frozen=True)
class Operation:
    prepare: Callable[[], Any]
    run: Callable[[Any], Any]


def a_shop(**overrides: Any) -> SimpleNamespace:
    """An order that earned a code with every limit there is, and another order that wants it."""
    values = {
        "type": "amount",
        "amounts": {"EUR": {"amount": 5}},
        "max_uses": 2,
        "max_uses_per_customer": 1,
        "code_after_partial_refund": "release",
        "code_after_refund": "release",
        "reward_after_partial_refund": "proportional",
        **overrides,
    }
    benefit = make_benefit(**values)
    set_budget(benefit_id=benefit.pk, currency="EUR", limit_minor=2000)
    purchase = make_purchase(number="S-1", customer=ADA, now=BEFORE)
    reward = make_reward(
        benefit, customer=purchase.customer, purchase_id=purchase.pk, reason_key="S-1", now=BEFORE
    )
    order = make_order(number="S-2", customer=ADA)
    return SimpleNamespace(benefit=benefit, purchase=purchase, reward=reward, order=order)


def a_reserved_shop(**overrides: Any) -> SimpleNamespace:
    shop = a_shop(**overrides)
    reserve(shop)
    return shop


def a_used_shop(**overrides: Any) -> SimpleNamespace:
    """The code is used by an order that is recorded, and which has earned something itself."""
    shop = a_shop(**overrides)
    redeem(shop)
    make_purchase(shop.order, now=NOW)
    other = make_benefit(type="points", points=100, reward_after_partial_refund="proportional")
    purchase = Purchase.objects.get(order_ref="S-2")
    make_reward(
        other, customer=purchase.customer, purchase_id=purchase.pk, reason_key="S-2", now=NOW
    )
    return shop


def a_returned_shop() -> SimpleNamespace:
    shop = a_shop()
    redeem(shop)
    release(shop)
    return shop


def a_plain_code() -> SimpleNamespace:
    benefit: Benefit = make_benefit()
    reward = SimpleNamespace(code=make_code(benefit, now=BEFORE))
    return SimpleNamespace(reward=reward, order=make_order(number="S-2", customer=ADA))


def requests_of(shop: SimpleNamespace) -> list[RewardRequest]:
    return [
        RewardRequest(
            reason_key=f"again-{number}",
            reason_type="offer",
            benefit_id=shop.benefit.pk,
            terms=FrozenTerms.of(shop.benefit),
            customer_id=shop.purchase.customer_id,
            purchase_id=shop.purchase.pk,
        )
        for number in range(2)
    ]


def with_a_pool() -> SimpleNamespace:
    shop = a_shop()
    shop.benefit = make_benefit(code_source="pool")
    for _code in range(3):
        make_code(shop.benefit, status="pooled", expires_at=None)
    return shop


def with_one_granted() -> SimpleNamespace:
    shop = a_shop()
    grant_rewards(requests=requests_of(shop)[:1], now=NOW)
    return shop


def of_type(type_: str, **overrides: Any) -> Callable[[], SimpleNamespace]:
    return lambda: a_shop(
        type=type_,
        amounts={},
        max_uses=1,
        max_uses_per_customer=None,
        reward_after_partial_refund="keep",
        **overrides,
    )


def two_that_are_one() -> SimpleNamespace:
    """A guest and an account with a reward for the same reason, and the order that shows them to be one."""
    benefit = make_benefit()
    for customer in (ADA, Customer(account_id="42")):
        purchase = make_purchase(customer=customer, now=BEFORE)
        make_reward(benefit, customer=purchase.customer, reason_key="welcome", now=BEFORE)
    order = make_order(number="S-3", customer=Customer(account_id="42", email=ADA.email))
    return SimpleNamespace(order=order)


def grant(shop: Any) -> None:
    grant_rewards(requests=requests_of(shop), now=NOW)


def reserve(shop: Any) -> None:
    reserve_code(
        code=shop.reward.code.code,
        order_ref="S-2",
        basket=as_basket(shop.order),
        now=NOW,
        ttl_seconds=600,
    )


def redeem(shop: Any) -> None:
    redeem_code(code=shop.reward.code.code, order=shop.order, now=NOW)


@transaction.atomic
def redeem_in_the_hosts_transaction(shop: Any) -> None:
    redeem(shop)


def release(shop: Any) -> None:
    release_code(code=shop.reward.code.code, order_ref="S-2", now=NOW)


def cancel(shop: Any) -> None:
    def follow() -> None:
        purchase = Purchase.objects.get(order_ref="S-2")
        cancel_purchase(purchase=purchase, now=NOW)
        settle_order(purchase=purchase, now=NOW)

    run_retrying(follow)


def refund(shop: Any, amount: Decimal | None = None) -> None:
    def follow() -> None:
        purchase = Purchase.objects.get(order_ref="S-2")
        refund_purchase(purchase=purchase, now=NOW, amount=amount)
        settle_order(purchase=purchase, now=NOW)

    run_retrying(follow)


def cancel_what_earned_it(shop: Any) -> None:
    def follow() -> None:
        purchase = Purchase.objects.get(order_ref="S-1")
        cancel_purchase(purchase=purchase, now=NOW)
        settle_order(purchase=purchase, now=NOW)

    run_retrying(follow)


def amend(shop: Any) -> None:
    more = Amendment(max_uses=3, expires_at=LATER, by_id=None, why="A regular")
    amend_code(code_id=shop.reward.code.pk, amendment=more, now=NOW)


def flag_and_resolve(shop: Any) -> None:
    cancel_what_earned_it(shop)
    resolve_flags(reward_ids=[shop.reward.pk], by_id=None, note="Seen", now=NOW)


def import_history(shop: Any) -> None:
    """Three at once, and a fourth that makes a guest and an account one."""
    ada = Customer(account_id="42")
    buyers = (
        ADA,
        Customer(email="new@example.com"),
        ada,
        Customer(account_id="42", email=ADA.email),
    )
    orders = [
        make_order(number=f"H-{number}", customer=buyer, status=OrderStatus.REFUNDED)
        for number, buyer in enumerate(buyers)
    ]
    import_batch(orders=orders, shop=get_shop(), now=NOW)


def expire(shop: Any) -> None:
    expire_reward(reward_id=shop.reward.pk, now=LATER)


def do_what_is_due(shop: Any) -> None:
    """Let cron come by until nothing is left: what vests in one run expires in the next."""
    for _run in range(3):
        run_due(now=LATER)


def a_vesting_shop() -> SimpleNamespace:
    return a_shop(vesting_days=3)


def an_ordered_batch() -> SimpleNamespace:
    request = BatchRequest(benefit_id=make_benefit().pk, name="Fair")
    return SimpleNamespace(batch=start_batch(request=request, count=7, now=BEFORE))


def a_pool_to_fill() -> SimpleNamespace:
    benefit = make_benefit(code_source="pool", low_stock_at=2)
    make_code(benefit, status="pooled", code="ALREADYHERE")
    return SimpleNamespace(benefit=benefit)


def import_three(shop: Any) -> None:
    """Import three codes, of which one is there; the file is given again after a fault, under the same name."""
    request = BatchRequest(benefit_id=shop.benefit.pk, name="Partner")
    lines = list(enumerate(["NEWCODEONE", "ALREADYHERE", "NEWCODETWO"], start=1))
    import_codes(request=request, lines=lines, now=NOW)


OPERATIONS: Final = {
    "grant, drawn": Operation(a_shop, grant),
    "grant, one there": Operation(with_one_granted, grant),
    "grant, pooled": Operation(with_a_pool, grant),
    "reserve": Operation(a_shop, reserve),
    "redeem a plain code": Operation(a_plain_code, redeem),
    "redeem with all limits": Operation(a_shop, redeem),
    "redeem what is reserved": Operation(a_reserved_shop, redeem),
    "redeem what was given back": Operation(a_returned_shop, redeem),
    "redeem in the host's transaction": Operation(a_shop, redeem_in_the_hosts_transaction),
    "release": Operation(a_used_shop, release),
    "release a reservation": Operation(a_reserved_shop, release),
    "lapse": Operation(a_reserved_shop, lambda shop: release_lapsed(now=LATER)),
    "vest": Operation(a_vesting_shop, lambda shop: vest(reward_id=shop.reward.pk, now=LATER)),
    "expire": Operation(a_shop, expire),
    "expire codes": Operation(a_shop, lambda shop: expire_codes(now=LATER, limit=10)),
    "credit points": Operation(
        of_type("points", points=100),
        lambda shop: credit_points(reward_id=shop.reward.pk, now=NOW),
    ),
    "hand over": Operation(
        of_type("gift", gift="A mug"),
        lambda shop: hand_over(reward_ids=[shop.reward.pk], by_id=None, note="Sent", now=NOW),
    ),
    "cancel": Operation(a_used_shop, cancel),
    "refund": Operation(a_used_shop, refund),
    "refund in part": Operation(a_used_shop, lambda shop: refund(shop, Decimal(20))),
    "cancel what earned it": Operation(a_shop, cancel_what_earned_it),
    "flag and resolve": Operation(a_used_shop, flag_and_resolve),
    "revoke": Operation(
        a_used_shop,
        lambda shop: revoke_codes(
            code_ids=[shop.reward.code.pk], by=None, reason="Leaked", now=NOW
        ),
    ),
    "amend": Operation(a_shop, amend),
    "set a budget": Operation(
        a_used_shop,
        lambda shop: set_budget(benefit_id=shop.benefit.pk, currency="EUR", limit_minor=900),
    ),
    "lift a budget": Operation(
        a_used_shop,
        lambda shop: set_budget(benefit_id=shop.benefit.pk, currency="EUR", limit_minor=None),
    ),
    "merge": Operation(two_that_are_one, lambda shop: record_purchase(order=shop.order, now=NOW)),
    "import history": Operation(a_shop, import_history),
    "all that is due": Operation(a_vesting_shop, do_what_is_due),
    "make codes": Operation(
        an_ordered_batch, lambda shop: continue_batch(batch_id=shop.batch.pk, now=NOW)
    ),
    "import codes": Operation(a_pool_to_fill, import_three),
}
