"""One use of one code by one order: read, weighed and taken, and again where somebody else was faster.

One conditional `UPDATE` takes the use, and the unique row (code, order) says which order has it (`taking`). What is
read beforehand only chooses the words of a refusal; the update decides.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.db import IntegrityError, connection

from django_ppx.core.committing import after_commit
from django_ppx.core.retrying import TransactionConflict, run_retrying
from django_ppx.rewards.expiring import mark_expired
from django_ppx.rewards.limiting import note_exhausted
from django_ppx.rewards.models import CodeRedemption, DiscountCode
from django_ppx.rewards.planning import UseRequest, plan_use
from django_ppx.rewards.reading import CodeFacts, HeldUse, read_code
from django_ppx.rewards.refusals import RedemptionRefused
from django_ppx.rewards.releasing import clear_lapsed
from django_ppx.rewards.taking import Overtaken, held_use, write_use
from django_ppx.signals import code_redeemed, code_reserved

_ATTEMPTS: Final = 5
Reason: Final = RedemptionRefused.Reason
Status: Final = CodeRedemption.Status

_FROM_CODE_ROW: Final = frozenset({Reason.USED_UP, Reason.EXPIRED, Reason.REVOKED, Reason.NOT_YET})
"""What the code's own row says; a transaction of the host may have read it from an old snapshot."""


def use_code(request: UseRequest) -> CodeRedemption:
    """Return the order's use of the code as `request` wants it, made now unless the order has it already.

    :raises RedemptionRefused: when the code is not good for this order; then nothing has changed.
    :raises InvalidOrder: when the order's number differs only in case from one that has used the code.
    :raises TransactionConflict: see `run_retrying`.
    """
    newer: dict[str, Any] = {}
    for attempt in range(1, _ATTEMPTS + 1):
        facts = replace(run_retrying(partial(_read, request), is_one_statement=True), **newer)
        try:
            if facts.mine is not None and _is_settled(facts.mine, request):
                row = run_retrying(partial(_row, facts.mine.id))
                if _is_settled(HeldUse.of(row), request):
                    return row
                raise Overtaken
            plan = run_retrying(partial(plan_use, request, facts), is_one_statement=True)
            write_use(plan)
        except RedemptionRefused as refused:
            if attempt == _ATTEMPTS or not _may_try_again(refused, facts, request.now, attempt):
                raise
            if refused.reason in _FROM_CODE_ROW and connection.in_atomic_block:
                newer["code"] = run_retrying(partial(_locked, facts.code.pk))
        except (IntegrityError, Overtaken):
            held = partial(held_use, code=facts.code, order_ref=request.order_ref)
            newer["mine"] = run_retrying(held)
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


def _may_try_again(
    refused: RedemptionRefused, facts: CodeFacts, now: datetime, attempt: int
) -> bool:
    """Return whether what stood in the way may be gone: reservations that ran out, or what an old snapshot says."""
    code = facts.code
    if refused.reason in _FROM_CODE_ROW:
        if refused.reason == Reason.EXPIRED:
            mark = partial(mark_expired, code_ids=[code.pk], now=now)
            run_retrying(mark, is_one_statement=True)
        if refused.reason == Reason.USED_UP:
            clear_lapsed(now=now, code_id=code.pk)
        return _is_redeemable(code, now)
    if refused.reason not in {Reason.BUDGET_SPENT, Reason.CUSTOMER_LIMIT}:
        return False
    # Once more in any case: somebody else may have given them back just before we looked.
    if clear_lapsed(now=now, benefit_id=code.benefit_id) or attempt == 1:
        return True
    if refused.reason == Reason.BUDGET_SPENT and facts.budget_id is not None:
        run_retrying(partial(note_exhausted, budget_id=facts.budget_id, now=now))
    return False


def _is_redeemable(code: DiscountCode, now: datetime) -> bool:
    """Return whether the code can be used after all, as committed by now."""
    codes = DiscountCode.objects.filter(pk=code.pk).redeemable(now=now)
    if connection.in_atomic_block:
        codes = codes.select_for_update()
    return run_retrying(codes.first, is_one_statement=True) is not None


def _locked(code_id: int) -> DiscountCode:
    return DiscountCode.objects.select_for_update().get(pk=code_id)


def _announce(redemption: CodeRedemption) -> None:
    is_redeemed = redemption.status == Status.REDEEMED
    send = code_redeemed.send_robust if is_redeemed else code_reserved.send_robust
    after_commit(partial(send, sender=CodeRedemption, redemption=redemption))
