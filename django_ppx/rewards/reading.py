"""Reading a code with all that a use of it depends on, in one prepared statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import router
from django.db.models import Exists, FilteredRelation, OuterRef, Q, QuerySet, Subquery

from django_ppx.core.identity import customer_keys
from django_ppx.core.models import CustomerKey
from django_ppx.core.prepared import PreparedQuery
from django_ppx.exceptions import InvalidOrder
from django_ppx.rewards.alphabet import fold
from django_ppx.rewards.models import BenefitBudget, CodeRedemption, DiscountCode
from django_ppx.rewards.refusals import RedemptionRefused
from django_ppx.shop.types import Customer


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldUse:
    """The use that the order had of the code already, standing or given back."""

    id: int
    status: str
    currency: str
    budget_minor: int
    reserved_until: datetime | None

    @classmethod
    def of(cls, redemption: CodeRedemption) -> HeldUse:
        return cls(
            id=redemption.pk,
            status=redemption.status,
            currency=redemption.currency,
            budget_minor=redemption.budget_minor,
            reserved_until=redemption.reserved_until,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeFacts:
    """A code as it stands, and what the order that asks has to do with it."""

    code: DiscountCode
    mine: HeldUse | None
    has_other_code: bool
    """Whether the order uses another of our codes."""
    customer_id: int | None
    """Whom the order belongs to, if we know them."""
    budget_id: int | None
    """The budget in the order's currency, if there is one."""
    reward_status: str
    reward_entries: int


def read_code(text: str, *, order_ref: str, currency: str, customer: Customer) -> CodeFacts:
    """Return the typed code and its facts for this order. One query; none for what can't be a code.

    :raises RedemptionRefused: when there is no such code.
    :raises InvalidOrder: when an order whose number differs only in case has used it.
    """
    value = fold(text)
    keys = customer_keys(customer)
    using = router.db_for_read(DiscountCode)
    rows = value and _facts[len(keys)].rows(
        using=using,
        code=value,
        order_ref=order_ref,
        currency=currency,
        **dict(zip(_KEYS, keys, strict=False)),
    )
    if not rows:
        raise RedemptionRefused(RedemptionRefused.Reason.UNKNOWN)
    columns = dict(zip((*_COLUMNS, *_KEYS), rows[0], strict=False))
    return CodeFacts(
        code=DiscountCode.from_db(using, _CODE_COLUMNS, rows[0][: len(_CODE_COLUMNS)]),
        mine=_held(columns, order_ref),
        has_other_code=bool(columns["other"]),
        customer_id=columns.get("first_key") or columns.get("second_key"),
        budget_id=columns["budget"],
        reward_status=columns["reward__status"] or "",
        reward_entries=columns["reward__entry_count"] or 0,
    )


def _held(columns: dict[str, Any], order_ref: str) -> HeldUse | None:
    if columns["mine__id"] is None:
        return None
    if columns["mine__order_ref"] != order_ref:
        # A column that compares without case ("AB1" = "ab1") must not hand out another order's use.
        raise InvalidOrder("An order whose number differs only in case has used this code.")
    return HeldUse(
        id=columns["mine__id"],
        status=columns["mine__status"],
        currency=columns["mine__currency"],
        budget_minor=columns["mine__budget_minor"],
        reserved_until=columns["mine__reserved_until"],
    )


def _query(*, code: str, order_ref: str, currency: str, **keys: str) -> QuerySet[Any, Any]:
    others = CodeRedemption.objects.standing().filter(order_ref=order_ref)
    budgets = BenefitBudget.objects.order_by().filter(
        benefit=OuterRef("benefit_id"), currency=currency
    )
    return (
        DiscountCode.objects.filter(code=code)
        .annotate(
            mine=FilteredRelation("redemptions", condition=Q(redemptions__order_ref=order_ref)),
            other=Exists(others.exclude(code=OuterRef("pk"))),
            budget=Subquery(budgets.values("pk")),
            **{
                name: Subquery(CustomerKey.objects.filter(key=key).values("customer"))
                for name, key in keys.items()
            },
        )
        .values_list(*_COLUMNS, *keys)
    )


_CODE_COLUMNS: Final = [field.attname for field in DiscountCode._meta.concrete_fields]
_COLUMNS: Final = (
    *_CODE_COLUMNS,
    "mine__id",
    "mine__order_ref",
    "mine__status",
    "mine__currency",
    "mine__budget_minor",
    "mine__reserved_until",
    "other",
    "budget",
    "reward__status",
    "reward__entry_count",
)
_MARKS: Final = {"code": "<code>", "order_ref": "<order_ref>", "currency": "<currency>"}
_KEYS: Final = ("first_key", "second_key")
_facts: Final = tuple(
    PreparedQuery(_query, marks={**_MARKS, **{name: f"<{name}>" for name in _KEYS[:count]}})
    for count in range(len(_KEYS) + 1)
)
"""One statement for each number of keys that a customer can have: what is not asked costs nothing."""
