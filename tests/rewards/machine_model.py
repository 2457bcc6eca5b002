"""What the machine expects: codes and their uses in plain Python, without a database.

The model decides by the rules as a reader of the docs would: one order one use, limits over standing uses, lapsed
reservations free for whoever wants them. What the services answer is compared with what it says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django_ppx.core.identity import limit_keys
from django_ppx.rewards.models import DiscountCode
from django_ppx.rewards.pricing import price
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.shop.types import Basket


@dataclass
class Use:
    """One standing use: reserved until then, or (None) redeemed."""

    until: datetime | None
    discount: int
    counted: int
    currency: str
    keys: tuple[str, ...]

    def is_lapsed(self, now: datetime) -> bool:
        return self.until is not None and self.until <= now


@dataclass
class ModelCode:
    pk: int
    text: str
    benefit_id: int
    terms: FrozenTerms
    status: str
    max_uses: int
    starts_at: datetime | None
    expires_at: datetime | None
    uses: dict[str, Use] = field(default_factory=dict)

    def take_over(self, stored: DiscountCode) -> None:
        """Take what staff, time and undone orders decide from the tables; the uses are the model's own."""
        self.terms, self.status = FrozenTerms.from_json(stored.terms), stored.status
        self.max_uses, self.expires_at = stored.max_uses, stored.expires_at


@dataclass
class Model:
    """All codes, and the limits over them."""

    codes: dict[int, ModelCode] = field(default_factory=dict)
    budgets: dict[tuple[int, str], int] = field(default_factory=dict)

    def spent(self, benefit_id: int, currency: str) -> int:
        return sum(
            use.counted
            for code in self.codes.values()
            for use in code.uses.values()
            if (code.benefit_id, use.currency) == (benefit_id, currency)
        )

    def uses_of(self, benefit_id: int, key: str) -> int:
        return sum(
            key in use.keys
            for code in self.codes.values()
            if code.benefit_id == benefit_id
            for use in code.uses.values()
        )

    def release_lapsed(
        self, now: datetime, *, code: ModelCode | None = None, benefit_id: int | None = None
    ) -> bool:
        """Give back what ran out, as the services do when somebody needs it."""
        found = False
        for each in self.codes.values():
            if (code is None or each is code) and benefit_id in {None, each.benefit_id}:
                for ref in [ref for ref, use in each.uses.items() if use.is_lapsed(now)]:
                    del each.uses[ref]
                    found = True
        return found

    def use(
        self, code: ModelCode, order_ref: str, basket: Basket, until: datetime | None, now: datetime
    ) -> str:
        """Use or reserve the code, and return "ok", "same" or the reason of the refusal."""
        mine = code.uses.get(order_ref)
        if mine is not None and (mine.until is None or (until is not None and mine.until >= until)):
            return "same"
        refused = self._refused(code, order_ref, basket, now, holds_it=mine is not None)
        if refused:
            if refused == "expired":
                code.status = "expired"
            return refused
        discount = price(code.terms, basket).total_discount.minor
        if mine is None and len(code.uses) >= code.max_uses:
            self.release_lapsed(now, code=code)
        limited = self._over_limit(code, basket, discount, mine)
        if limited and self.release_lapsed(now, benefit_id=code.benefit_id):
            mine = code.uses.get(order_ref)
            if mine is None:  # what the order held is gone too: it asks as anybody does
                refused = self._refused(code, order_ref, basket, now, holds_it=False)
            limited = refused or self._over_limit(code, basket, discount, mine)
        if limited:
            return limited
        if mine is not None:
            keys = mine.keys
        else:
            keys = limit_keys(basket.customer) if code.terms.max_uses_per_customer else ()
        is_counted = (code.benefit_id, basket.currency) in self.budgets
        code.uses[order_ref] = Use(
            until=until,
            discount=discount,
            counted=discount if is_counted else 0,
            currency=basket.currency,
            keys=keys,
        )
        return "ok"

    def _refused(
        self, code: ModelCode, order_ref: str, basket: Basket, now: datetime, *, holds_it: bool
    ) -> str:
        if not holds_it:
            if code.status == "revoked":
                return "revoked"
            if len(code.uses) >= code.max_uses and not any(
                use.is_lapsed(now) for use in code.uses.values()
            ):
                return "used_up"
            if code.status == "expired" or (code.expires_at and now >= code.expires_at):
                return "expired"
            if code.starts_at and now < code.starts_at:
                return "not_yet"
        obstacle = price(code.terms, basket).obstacle
        if obstacle is not None and obstacle.value != "nothing_to_discount":
            return obstacle.value
        has_other = any(
            order_ref in other.uses for other in self.codes.values() if other is not code
        )
        return "not_combinable" if has_other and not code.terms.is_combinable else ""

    def _over_limit(self, code: ModelCode, basket: Basket, discount: int, mine: Use | None) -> str:
        limit = self.budgets.get((code.benefit_id, basket.currency))
        held = mine.counted if mine is not None and mine.currency == basket.currency else 0
        more = max(discount - held, 0)
        is_limited = limit is not None and more > 0
        if is_limited and self.spent(code.benefit_id, basket.currency) + more > limit:
            return "budget_spent"
        most = code.terms.max_uses_per_customer
        if most and mine is None:
            keys = limit_keys(basket.customer)
            if any(self.uses_of(code.benefit_id, key) >= most for key in keys):
                return "customer_limit"
        return ""
