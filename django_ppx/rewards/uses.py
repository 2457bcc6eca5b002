"""One use of one code by one order, taken from the code and its limits together, or not at all.

One conditional `UPDATE` takes the use, and the unique row (code, order) says which order has it. The code's row comes
first, then the budget, then the customer's counters, then the reward: all who want the code queue at its row, and
nobody deadlocks. What is read beforehand only chooses the words of a refusal; the update decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from django.db import IntegrityError, connection, router, transaction
from django.db.models import F

from django_ppx.core.identity import limit_keys
from django_ppx.core.prepared import PreparedUpdate
from django_ppx.core.retrying import TransactionConflict, run_retrying
from django_ppx.exceptions import InvalidOrder
from django_ppx.rewards.advancing import note_redeemed
from django_ppx.rewards.expiring import mark_expired
from django_ppx.rewards.limiting import (
    give_budget_back,
    note_exhausted,
    take_budget,
    take_customer_uses,
)
from django_ppx.rewards.models import CodeRedemption, DiscountCode
from django_ppx.rewards.reading import CodeFacts, HeldUse, read_code
from django_ppx.rewards.refusals import RedemptionRefused
from django_ppx.rewards.releasing import release_lapsed
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.rewards.uses_postgresql import take_in_one_statement
from django_ppx.rewards.weighing import Claim, check_usable, refusal, weigh, weigh_basket
from django_ppx.shop.types import Basket
from django_ppx.signals import code_redeemed, code_reserved

_ATTEMPTS: Final = 5
Reason: Final = RedemptionRefused.Reason
Status: Final = CodeRedemption.Status


_take_one: Final = PreparedUpdate(
    lambda code_id, now: DiscountCode.objects.filter(pk=code_id).redeemable(now=now),
    marks={"code_id": -9001, "now": datetime(1999, 9, 9, 9, 9, 9, 999999, tzinfo=UTC)},
    changes={"times_used": F("times_used") + 1},
)
"""Take a use from the code, if it has one left: the statement that decides."""


class _Overtaken(Exception):
    """The order's other attempt, running at the same moment, was faster."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UseRequest:
    """An order that wants to use a code: to reserve it until `reserve_until`, or (None) for good."""

    text: str
    order_ref: str
    basket: Basket
    now: datetime
    granted_minor: int | None = None
    """What the shop took off, in minor units; None: what the code comes to."""
    reserve_until: datetime | None = None

    @property
    def status(self) -> str:
        return Status.REDEEMED if self.reserve_until is None else Status.RESERVED


@dataclass(frozen=True, kw_only=True, slots=True)
class _Plan:
    """What is to be written, after everything was read and weighed."""

    request: UseRequest
    facts: CodeFacts
    redemption: CodeRedemption
    mine: HeldUse | None
    customer_limit: int | None

    @property
    def is_fresh(self) -> bool:
        """Whether the order takes a use that it does not hold yet."""
        return self.mine is None or self.mine.status == Status.RELEASED

    @property
    def fits_one_statement(self) -> bool:
        return (
            connection.vendor == "postgresql"
            and self.mine is None
            and self.facts.budget_id is None
            and self.customer_limit is None
            and self.facts.reward_status in {"", "issued", "redeemed"}
        )


def use_code(request: UseRequest) -> CodeRedemption:
    """Return the order's use of the code as `request` wants it, made now unless the order has it already.

    :raises RedemptionRefused: when the code is not good for this order; then nothing has changed.
    :raises InvalidOrder: when the order's number differs only in case from one that has used the code.
    :raises TransactionConflict: see `run_retrying`.
    """
    seen: HeldUse | None = None
    for _attempt in range(_ATTEMPTS):
        facts = run_retrying(partial(_read, request), is_one_statement=True)
        mine = seen or facts.mine
        if mine is not None and _is_settled(mine, request):
            return run_retrying(partial(_row, mine.id))
        try:
            plan = _plan(request, facts, mine)
            _write(plan)
        except RedemptionRefused as refused:
            if not _may_try_again(refused, facts, request.now):
                raise
        except (IntegrityError, _Overtaken):
            seen = run_retrying(partial(_current, facts.code, request.order_ref))
        else:
            _announce(plan.redemption)
            return plan.redemption
    raise TransactionConflict("The same order takes and gives back this code all the time.")


def _read(request: UseRequest) -> CodeFacts:
    return read_code(
        request.text,
        order_ref=request.order_ref,
        currency=request.basket.currency,
        customer=request.basket.customer,
    )


def _row(redemption_id: int) -> CodeRedemption:
    # A locking read, since a transaction of the host may read from a snapshot that is older than the row.
    return CodeRedemption.objects.select_for_update().get(pk=redemption_id)


def _is_settled(mine: HeldUse, request: UseRequest) -> bool:
    """Return whether the order has what it asks for: asked again, it gets the same answer."""
    if mine.status == Status.REDEEMED:
        return True
    if mine.status != Status.RESERVED or request.reserve_until is None:
        return False
    return mine.reserved_until is not None and mine.reserved_until >= request.reserve_until


def _plan(request: UseRequest, facts: CodeFacts, mine: HeldUse | None) -> _Plan:
    terms = FrozenTerms.from_json(facts.code.terms)
    claim = Claim(
        code=facts.code,
        basket=request.basket,
        now=request.now,
        order_ref=request.order_ref,
        has_other_code=facts.has_other_code,
    )
    holds_it = mine is not None and mine.status == Status.RESERVED
    pricing = weigh_basket(claim) if holds_it else weigh(claim)
    keys = limit_keys(request.basket.customer) if terms.max_uses_per_customer else ()
    if terms.max_uses_per_customer and not keys:
        raise RedemptionRefused(Reason.CUSTOMER_UNKNOWN)
    granted = request.granted_minor
    discount = pricing.total_discount.minor if granted is None else granted
    is_redeemed = request.reserve_until is None
    redemption = CodeRedemption(
        pk=None if mine is None else mine.id,
        code=facts.code,
        order_ref=request.order_ref,
        status=request.status,
        customer_id=facts.customer_id,
        currency=request.basket.currency,
        discount_minor=discount,
        budget_minor=0 if facts.budget_id is None else discount,
        limit_keys=list(keys),
        reserved_at=None if is_redeemed else request.now,
        reserved_until=request.reserve_until,
        redeemed_at=request.now if is_redeemed else None,
    )
    return _Plan(
        request=request,
        facts=facts,
        redemption=redemption,
        mine=mine,
        customer_limit=terms.max_uses_per_customer,
    )


def _write(plan: _Plan) -> None:
    if not plan.fits_one_statement:
        run_retrying(partial(_take, plan))
        return
    taken = run_retrying(
        partial(
            take_in_one_statement,
            plan.redemption,
            moves_reward=plan.facts.reward_status == "issued"
            and plan.request.reserve_until is None,
            now=plan.request.now,
        ),
        is_one_statement=True,
    )
    if not taken:
        run_retrying(partial(_raise_why, plan))


def _take(plan: _Plan) -> None:
    """Take the use with all that it counts against. Any refusal undoes the whole."""
    redemption, facts = plan.redemption, plan.facts
    if plan.is_fresh:
        using = router.db_for_write(DiscountCode)
        if not _take_one.run(using=using, code_id=facts.code.pk, now=plan.request.now):
            _raise_why(plan)
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


def _count_against_budget(plan: _Plan) -> None:
    """Take the discount from the budget; of a reservation that is made good, only what is more than it held."""
    redemption, mine = plan.redemption, plan.mine
    held = 0 if plan.is_fresh or mine is None else mine.budget_minor
    if plan.facts.budget_id is None:
        redemption.budget_minor = held
        return
    more = redemption.budget_minor - held
    if more >= 0:
        take_budget(budget_id=plan.facts.budget_id, amount_minor=more)
    else:
        give_budget_back(
            benefit_id=plan.facts.code.benefit_id,
            currency=redemption.currency,
            amount_minor=-more,
        )


def _store(plan: _Plan) -> None:
    """Store who has the use. A row that the order has already is taken up again, from the state that was read."""
    redemption = plan.redemption
    if plan.mine is None:
        redemption.save(force_insert=True)
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
    held = CodeRedemption.objects.filter(pk=redemption.pk, status=plan.mine.status)
    if not held.update(**columns):
        raise _Overtaken
    redemption._state.adding = False


def _raise_why(plan: _Plan) -> None:
    """Say why no use could be had, from what is committed by now."""
    code, request = plan.facts.code, plan.request
    held = _current(code, request.order_ref)
    if held is not None and held.status != Status.RELEASED:
        raise _Overtaken
    fresh = DiscountCode.objects.select_for_update().get(pk=code.pk)
    check_usable(fresh, customer=request.basket.customer, now=request.now)
    raise refusal(Reason.USED_UP, code=code, customer=request.basket.customer)


def _may_try_again(refused: RedemptionRefused, facts: CodeFacts, now: datetime) -> bool:
    """Return whether reservations that ran out stood in the way, after giving them back."""
    code = facts.code
    if refused.reason == Reason.EXPIRED:
        mark_expired(code_ids=[code.pk], now=now)
    if refused.reason == Reason.USED_UP:
        return bool(release_lapsed(now=now, code_id=code.pk))
    if refused.reason in {Reason.BUDGET_SPENT, Reason.CUSTOMER_LIMIT}:
        if release_lapsed(now=now, benefit_id=code.benefit_id):
            return True
        if refused.reason == Reason.BUDGET_SPENT and facts.budget_id is not None:
            note_exhausted(budget_id=facts.budget_id, now=now)
    return False


def _current(code: DiscountCode, order_ref: str) -> HeldUse | None:
    """Return the order's use as committed by now, also where the transaction reads from a snapshot."""
    rows = CodeRedemption.objects.select_for_update().filter(code=code, order_ref=order_ref)
    for row in rows:
        if row.order_ref != order_ref:
            raise InvalidOrder("An order whose number differs only in case has used this code.")
        return HeldUse(
            id=row.pk,
            status=row.status,
            discount_minor=row.discount_minor,
            budget_minor=row.budget_minor,
            reserved_until=row.reserved_until,
        )
    return None


def _announce(redemption: CodeRedemption) -> None:
    is_redeemed = redemption.status == Status.REDEEMED
    send = code_redeemed.send_robust if is_redeemed else code_reserved.send_robust
    transaction.on_commit(partial(send, sender=CodeRedemption, redemption=redemption), robust=True)
