"""Writing a planned use: the code's row, its limits, the redemption and the reward, together or not at all.

The code's row comes first, then the budget, then the customer's counters, then the reward: all who want the code queue
at its row, and nobody deadlocks.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from django.db import connection, router
from django.db.models import F

from django_ppx.core.prepared import PreparedInsert, PreparedUpdate
from django_ppx.core.retrying import run_retrying
from django_ppx.exceptions import InvalidOrder
from django_ppx.outbox.models import WebhookEvent
from django_ppx.outbox.posting_webhooks import is_wanted
from django_ppx.rewards.advancing import note_redeemed
from django_ppx.rewards.limiting import give_budget_back, take_budget, take_customer_uses
from django_ppx.rewards.models import CodeRedemption, DiscountCode
from django_ppx.rewards.planning import UsePlan
from django_ppx.rewards.reading import HeldUse
from django_ppx.rewards.refusals import RedemptionRefused
from django_ppx.rewards.telling import post_redeemed
from django_ppx.rewards.uses_postgresql import take_in_one_statement
from django_ppx.rewards.weighing import check_usable, refusal

Status: Final = CodeRedemption.Status

_take_one: Final = PreparedUpdate(
    lambda code_id, now: DiscountCode.objects.filter(pk=code_id).redeemable(now=now),
    marks={"code_id": -9001, "now": datetime(1999, 9, 9, 9, 9, 9, 999999, tzinfo=UTC)},
    changes={"times_used": F("times_used") + 1},
)
"""Take a use from the code, if it has one left: the statement that decides."""

_insert: Final = PreparedInsert(CodeRedemption)


class Overtaken(Exception):
    """The order's other attempt, running at the same moment, was faster."""


def write_use(plan: UsePlan) -> None:
    """Take the planned use with all that it counts against.

    :raises RedemptionRefused: when it can't be had any more; then nothing has changed.
    :raises Overtaken: when the order's use is not what was read any more.
    :raises IntegrityError: when the order has got a use meanwhile.
    :raises TransactionConflict: see `run_retrying`.
    """
    is_told = plan.redemption.status == Status.REDEEMED and is_wanted(WebhookEvent.CODE_REDEEMED)
    if is_told:
        run_retrying(partial(_write_and_tell, plan))
    else:
        _write(plan)


def _write(plan: UsePlan) -> None:
    if not (_fits_one_statement(plan) and _take_at_once(plan)):
        run_retrying(partial(_take, plan))


def _write_and_tell(plan: UsePlan) -> None:
    _write(plan)
    post_redeemed(redemption=plan.redemption, now=plan.request.now)


def held_use(*, code: DiscountCode, order_ref: str) -> HeldUse | None:
    """Return the order's use as committed by now, also where the transaction reads from a snapshot. Locks it.

    :raises InvalidOrder: when an order whose number differs only in case has used the code.
    """
    rows = CodeRedemption.objects.select_for_update().filter(code=code, order_ref=order_ref)
    for row in rows:
        if row.order_ref != order_ref:
            raise InvalidOrder("An order whose number differs only in case has used this code.")
        return HeldUse.of(row)
    return None


def _fits_one_statement(plan: UsePlan) -> bool:
    """Return whether one statement does it.

    A code of several uses that carries a reward goes the common way: while the statement waits for the code's row, the
    reward may be handed back, and the statement would not see that.
    """
    facts = plan.facts
    return (
        connection.vendor == "postgresql"
        and facts.mine is None
        and facts.budget_id is None
        and plan.customer_limit is None
        and (
            facts.code.reward_id is None
            or (facts.reward_status == "issued" and facts.code.max_uses == 1)
        )
    )


def _take_at_once(plan: UsePlan) -> bool:
    moves_reward = plan.facts.code.reward_id is not None and plan.request.reserve_until is None
    take = partial(
        take_in_one_statement, plan.redemption, moves_reward=moves_reward, now=plan.request.now
    )
    return run_retrying(take, is_one_statement=True)


def _take(plan: UsePlan) -> None:
    """Take the use. Any refusal undoes the whole."""
    redemption, facts = plan.redemption, plan.facts
    if plan.is_fresh:
        using = router.db_for_write(DiscountCode)
        if not _take_one.run(using=using, code_id=facts.code.pk, now=plan.request.now):
            _raise_why(plan)
    else:  # the use is taken already, but its row stands in the same queue
        DiscountCode.objects.select_for_update().get(pk=facts.code.pk)
    _count_against_budget(plan)
    if plan.is_fresh and plan.customer_limit is not None:
        take_customer_uses(
            benefit_id=facts.code.benefit_id,
            limit_keys=redemption.limit_keys,
            limit=plan.customer_limit,
        )
    _store(plan)
    if redemption.status == Status.REDEEMED and facts.code.reward_id is not None:
        note_redeemed(
            reward_id=facts.code.reward_id,
            status=facts.reward_status,
            entry_count=facts.reward_entries,
            order_ref=redemption.order_ref,
            now=plan.request.now,
        )


def _count_against_budget(plan: UsePlan) -> None:
    """Take the discount from the budget; of a reservation that is made good, only what is more than it held."""
    redemption, mine = plan.redemption, plan.facts.mine
    benefit_id, held = plan.facts.code.benefit_id, 0
    if mine is not None and not plan.is_fresh:
        held = mine.budget_minor
        if mine.currency != redemption.currency:  # reserved for a basket in another currency
            give_budget_back(benefit_id=benefit_id, currency=mine.currency, amount_minor=held)
            held = 0
    if plan.facts.budget_id is None:
        redemption.budget_minor = held
        return
    more = redemption.budget_minor - held
    if more < 0:
        give_budget_back(benefit_id=benefit_id, currency=redemption.currency, amount_minor=-more)
    elif not take_budget(budget_id=plan.facts.budget_id, amount_minor=more):
        redemption.budget_minor = 0


def _store(plan: UsePlan) -> None:
    """Store who has the use. A row that the order has already is taken up again, from the state that was read."""
    redemption, mine = plan.redemption, plan.facts.mine
    if mine is None:
        _insert.store(redemption, using=router.db_for_write(CodeRedemption))
        return
    columns: dict[str, Any] = {
        "status": redemption.status,
        "customer_id": redemption.customer_id,
        "currency": redemption.currency,
        "discount_minor": redemption.discount_minor,
        "budget_minor": redemption.budget_minor,
        "released_at": None,
        "release_reason": "",
    }
    if plan.is_fresh:
        columns |= {
            name: getattr(redemption, name)
            for name in ("limit_keys", "reserved_at", "reserved_until", "redeemed_at")
        }
    elif redemption.status == Status.REDEEMED:
        columns["redeemed_at"] = redemption.redeemed_at
    else:
        columns["reserved_until"] = redemption.reserved_until
    as_read = CodeRedemption.objects.filter(
        pk=redemption.pk,
        status=mine.status,
        currency=mine.currency,
        budget_minor=mine.budget_minor,
    )
    if not as_read.update(**columns):
        raise Overtaken
    redemption._state.adding = False


def _raise_why(plan: UsePlan) -> None:
    """Say why no use could be had, from what is committed by now."""
    request = plan.request
    code = DiscountCode.objects.select_for_update().get(pk=plan.facts.code.pk)
    held = held_use(code=code, order_ref=request.order_ref)
    if held is not None and held.status != Status.RELEASED:
        raise Overtaken
    check_usable(code, customer=request.basket.customer, now=request.now)
    raise refusal(RedemptionRefused.Reason.USED_UP, code=code, customer=request.basket.customer)
