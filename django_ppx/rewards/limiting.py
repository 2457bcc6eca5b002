"""Counting uses against the limits of a benefit: its budget per currency, and its uses per customer.

Each counter is one row, changed by one conditional `UPDATE` whose row count is checked. Call these in the transaction
that takes or gives back the use, after the code's own row: whoever wants several counters takes them in one order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import partial
from typing import Final

from django.db.models import F

from django_ppx.core.retrying import TransactionConflict, run_retrying
from django_ppx.rewards.models import BenefitBudget, CodeRedemption, CustomerUseCount
from django_ppx.rewards.refusals import RedemptionRefused

_ATTEMPTS: Final = 5


def take_budget(*, budget_id: int, amount_minor: int) -> bool:
    """Spend `amount_minor` of the budget, and return whether it counts: a budget just lifted limits nothing.

    :raises RedemptionRefused: when not that much is left; then nothing has changed.
    """
    if not amount_minor:
        return True
    taken = BenefitBudget.objects.filter(
        pk=budget_id, spent_minor__lte=F("limit_minor") - amount_minor
    ).update(spent_minor=F("spent_minor") + amount_minor)
    if taken:
        return True
    # A locking read, since a transaction of the host may read from a snapshot that still has it.
    if BenefitBudget.objects.select_for_update().order_by().filter(pk=budget_id).exists():
        raise RedemptionRefused(RedemptionRefused.Reason.BUDGET_SPENT)
    return False


def check_budget(*, benefit_id: int, currency: str, amount_minor: int) -> None:
    """Say whether so much is left of the budget, without taking it.

    :raises RedemptionRefused: when it is not.
    """
    too_little = BenefitBudget.objects.filter(
        benefit=benefit_id, currency=currency, spent_minor__gt=F("limit_minor") - amount_minor
    )
    if too_little.exists():
        raise RedemptionRefused(RedemptionRefused.Reason.BUDGET_SPENT)


def give_budget_back(*, benefit_id: int, currency: str, amount_minor: int) -> None:
    """Put back what a use had taken. A budget that staff removed meanwhile needs nothing back."""
    if amount_minor:
        BenefitBudget.objects.filter(
            benefit=benefit_id, currency=currency, spent_minor__gte=amount_minor
        ).update(spent_minor=F("spent_minor") - amount_minor)


def note_exhausted(*, budget_id: int, now: datetime) -> None:
    """Note that an order did not fit into the budget any more, so that offers stop promising from it."""
    budgets = BenefitBudget.objects.select_for_update().order_by()
    for budget in budgets.filter(pk=budget_id, exhausted_at__isnull=True):
        budget.exhausted_at = now
        # Not by an update: the page's snapshot listens to saved rows.
        budget.save(update_fields=["exhausted_at"])


def take_customer_uses(*, benefit_id: int, limit_keys: Iterable[str], limit: int) -> None:
    """Count one more use of the benefit for each of the person's keys.

    :raises RedemptionRefused: when one of them has no use left; the caller's transaction must be given up then.
    """
    for key in sorted(limit_keys):
        # Before the update: one that finds no row locks a gap (MariaDB), and two new customers would deadlock.
        if not CustomerUseCount.objects.filter(benefit=benefit_id, limit_key=key).exists():
            CustomerUseCount.objects.bulk_create(
                [CustomerUseCount(benefit_id=benefit_id, limit_key=key)], ignore_conflicts=True
            )
        if not _count(benefit_id, key, limit):
            raise RedemptionRefused(RedemptionRefused.Reason.CUSTOMER_LIMIT)


def give_customer_uses_back(*, benefit_id: int, limit_keys: Iterable[str]) -> None:
    """Take one use off each of the person's keys."""
    for key in sorted(limit_keys):
        CustomerUseCount.objects.filter(benefit=benefit_id, limit_key=key, uses__gt=0).update(
            uses=F("uses") - 1
        )


def check_customer_uses(*, benefit_id: int, limit_keys: Collection[str], limit: int) -> None:
    """Say whether the person has a use left, without counting it.

    :raises RedemptionRefused: when there is none.
    """
    if not limit_keys:
        return
    spent = CustomerUseCount.objects.filter(
        benefit=benefit_id, limit_key__in=limit_keys, uses__gte=limit
    )
    if spent.exists():
        raise RedemptionRefused(RedemptionRefused.Reason.CUSTOMER_LIMIT)


def set_budget(*, benefit_id: int, currency: str, limit_minor: int | None) -> None:
    """Set or lift the budget of a benefit in one currency.

    What was spent stays counted while the budget stands; one that was lifted and is set again begins at nothing.

    :raises TransactionConflict: see `run_retrying`.
    """
    run_retrying(partial(_set_budget, benefit_id, currency, limit_minor))


def _set_budget(benefit_id: int, currency: str, limit_minor: int | None) -> None:
    mine = BenefitBudget.objects.filter(benefit=benefit_id, currency=currency)
    if limit_minor is None:
        mine.delete()
        # Or giving one of these uses back would take it from a later budget that never paid for it.
        CodeRedemption.objects.filter(
            code__benefit=benefit_id, currency=currency, budget_minor__gt=0
        ).update(budget_minor=0)
        return
    for _attempt in range(_ATTEMPTS):
        BenefitBudget.objects.bulk_create(
            [BenefitBudget(benefit_id=benefit_id, currency=currency, limit_minor=limit_minor)],
            ignore_conflicts=True,
        )
        budget = mine.select_for_update().first()
        if budget is not None:  # or somebody else has just lifted it
            if limit_minor > budget.limit_minor:  # lowered, it is no less used up than before
                budget.exhausted_at = None
            budget.limit_minor = limit_minor
            budget.save(update_fields=["limit_minor", "exhausted_at"])
            return
    raise TransactionConflict("Somebody else sets and lifts this budget all the time.")


def _count(benefit_id: int, key: str, limit: int) -> int:
    return CustomerUseCount.objects.filter(
        benefit=benefit_id, limit_key=key, uses__lt=limit
    ).update(uses=F("uses") + 1)
