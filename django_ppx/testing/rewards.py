"""Benefits and codes as they stand in the tables."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any, Final

from django_ppx.rewards.alphabet import draw_codes
from django_ppx.rewards.issuing import expires_at
from django_ppx.rewards.models import Benefit, DiscountCode
from django_ppx.rewards.terms import FrozenTerms

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
        "code": draw_codes(1, length=12, prefix=terms.code_prefix)[0],
        "benefit": benefit,
        "terms": terms.as_json(),
        "max_uses": terms.max_uses,
        "issued_at": now,
        "expires_at": expires_at(terms, now=now),
    }
    return DiscountCode.objects.create(**{**values, **overrides})
