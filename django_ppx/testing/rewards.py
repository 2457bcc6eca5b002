"""Benefits, rewards and codes as they stand in the tables."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any, Final

from django_ppx.core.models import Customer
from django_ppx.rewards.alphabet import draw_codes, shape_of
from django_ppx.rewards.granting import RewardRequest, grant_rewards
from django_ppx.rewards.models import Benefit, DiscountCode, Reward
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.rewards.validity import expires_at, starts_at
from django_ppx.testing.core import make_customer

_numbers: Final = count(1)


def make_benefit(
    *,
    amounts: dict[str, dict[str, Any]] | None = None,
    scopes: list[tuple[str, str]] | None = None,
    **overrides: Any,
) -> Benefit:
    """Return a stored benefit: 10 % off, valid 30 days, one use per code, unless told otherwise.

    make_benefit(type="amount", amounts={"EUR": {"amount": 5, "minimum_total": 30}})
    make_benefit(scopes=[("category", "Kitchen/Bowls"), ("product", "SKU-1")])
    """
    values: dict[str, Any] = {"name": f"Benefit {next(_numbers)}", "type": "percent"}
    if overrides.get("type", "percent") == "percent":
        values["percent"] = Decimal(10)
    benefit = Benefit.objects.create(**{**values, **overrides})
    for currency, money in (amounts or {}).items():
        benefit.amounts.create(
            currency=currency, **{name: Decimal(str(value)) for name, value in money.items()}
        )
    for kind, value in scopes or []:
        benefit.scopes.create(type=kind, value=value)
    return benefit


def make_code(
    benefit: Benefit | None = None, *, now: datetime | None = None, **overrides: Any
) -> DiscountCode:
    """Return a stored code with the terms that `benefit` has now, issued at `now` (2 March 2026)."""
    benefit = benefit or make_benefit()
    now = now or datetime(2026, 3, 2, 12, tzinfo=UTC)
    terms = FrozenTerms.of(benefit)
    values: dict[str, Any] = {
        "code": draw_codes(1, shape=shape_of(prefix=terms.code_prefix, length=12))[0],
        "benefit": benefit,
        "terms": terms.as_json(),
        "max_uses": terms.max_uses,
        "issued_at": now,
        "starts_at": starts_at(terms, now=now),
        "expires_at": expires_at(terms, now=now),
    }
    return DiscountCode.objects.create(**{**values, **overrides})


def make_reward(
    benefit: Benefit | None = None,
    *,
    customer: Customer | None = None,
    now: datetime | None = None,
    **overrides: Any,
) -> Reward:
    """Return a reward granted through the front door, at `now` (2 March 2026), with its code in `reward.code`.

    `overrides` are those of a `RewardRequest`: `purchase_id`, `reason_key`, `reason_type`, …
    """
    benefit = benefit or make_benefit()
    values: dict[str, Any] = {
        "reason_key": f"test:{next(_numbers)}",
        "reason_type": Reward.ReasonType.OFFER,
        "benefit_id": benefit.pk,
        "terms": FrozenTerms.of(benefit),
        "customer_id": (customer or make_customer()).pk,
    }
    request = RewardRequest(**{**values, **overrides})
    [reward] = grant_rewards(requests=[request], now=now or datetime(2026, 3, 2, 12, tzinfo=UTC))
    return reward
