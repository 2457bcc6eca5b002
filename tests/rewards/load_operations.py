"""What a process under load does: everything, at random, through the doors that hosts, staff and cron use."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.utils import timezone

from django_ppx import codes, purchases
from django_ppx.core.models import Purchase
from django_ppx.rewards.amending import Amendment, AmendRefused, amend_code
from django_ppx.rewards.delivering import hand_over, resolve_flags
from django_ppx.rewards.due import run_due
from django_ppx.rewards.expiring import expire_reward
from django_ppx.rewards.granting import RewardRequest, grant_rewards
from django_ppx.rewards.limiting import set_budget
from django_ppx.rewards.models import Benefit, DiscountCode, Reward
from django_ppx.rewards.redeeming import as_basket
from django_ppx.rewards.revoking import revoke_codes
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.shop.types import Order
from tests.rewards.hosting import as_host
from tests.rewards.load_shop import LOWEST_BUDGET, order_of

Event = tuple[float, float, str, str, str, str]
"""Begun, ended, operation, code, order number, answer."""


class Mixer:
    """One process's steps."""

    def __init__(self, asked: dict[str, Any], number: int) -> None:
        self.codes: list[str] = asked["codes"]
        self.orders: int = asked["orders"]
        self.is_hosted: bool = asked["is_hosted"]
        self.number, self.steps = number, 0
        # Ten seconds of attempts may not be enough where every two transactions are in each other's way.
        self.contained = "busy" if asked["level"] == "serializable" else "error: contained"
        self.benefits = list(Benefit.objects.order_by("pk"))
        operations = {
            self.redeem: 30,
            self.reserve: 16,
            self.release: 16,
            self.grant: 12,
            self.refund: 4,
            self.cancel: 2,
            self.place: 4,
            self.due: 2,
            self.expire: 3,
            self.revoke: 1,
            self.amend: 3,
            self.budget: 2,
            self.staff: 2,
        }
        self.operations, self.weights = list(operations), list(operations.values())

    def step(self) -> Event:
        *_announced, event = self.announced_step()
        return event

    def announced_step(self) -> Iterator[Event]:
        """Yield what is about to be asked, as one that is killed while waiting leaves it, and then the answer."""
        self.steps += 1
        [operation] = random.choices(self.operations, self.weights)
        code, order = random.choice(self.codes), order_of(random.randrange(self.orders))
        self.minutes = random.choice([0, 30])
        name = operation.__name__
        if name == "reserve":
            name = f"reserve {self.minutes}"
        begun = time.perf_counter()
        yield (begun, math.inf, name, code, order.number, "killed")
        try:
            answer = self._answer(operation, code, order)
        except codes.RedemptionRefused as refused:
            answer = str(refused.reason)
        except codes.Busy:  # after ten seconds of attempts, or of the host's
            answer = "busy"
        except Exception as error:
            answer = f"error: {type(error).__name__}: {error}"[:300]
        yield (begun, time.perf_counter(), name, code, order.number, answer)

    def _answer(self, operation: Callable[[str, Order], str], code: str, order: Order) -> str:
        if not self.is_hosted or operation.__name__ in {"due", "place"}:
            return operation(code, order)
        return as_host(f"{self.number}-{self.steps}", lambda: operation(code, order))

    def redeem(self, code: str, order: Order) -> str:
        got = codes.redeem(code, order=order)
        return "ok" if got.status == "redeemed" else f"error: it is {got.status}"

    def reserve(self, code: str, order: Order) -> str:
        codes.reserve(code, order_ref=order.number, basket=as_basket(order), minutes=self.minutes)
        return "ok"

    def release(self, code: str, order: Order) -> str:
        got = codes.release(code, order=order.number)
        return "none" if got is None else str(got.status)

    def grant(self, code: str, order: Order) -> str:
        purchase = Purchase.objects.get(order_ref=order.number)
        if purchase.status != Purchase.Status.PLACED:
            return "undone"
        requests = [
            RewardRequest(
                reason_key=f"offer:{benefit.pk}:purchase:{purchase.pk}",
                reason_type=Reward.ReasonType.OFFER,
                benefit_id=benefit.pk,
                terms=FrozenTerms.of(benefit),
                customer_id=purchase.customer_id,
                purchase_id=purchase.pk,
            )
            for benefit in random.sample(self.benefits, 3)
        ]
        rewards = grant_rewards(requests=requests, now=timezone.now())
        return " ".join(str(reward.pk) for reward in rewards)

    def cancel(self, code: str, order: Order) -> str:
        return "ok" if purchases.cancelled(order.number) else self.contained

    def refund(self, code: str, order: Order) -> str:
        amount = order.total * random.choice([1, 3, 5, 10]) / 10
        return "ok" if purchases.refunded(order.number, amount) else self.contained

    def place(self, code: str, order: Order) -> str:
        return "ok" if purchases.completed(order) else self.contained

    def due(self, code: str, order: Order) -> str:
        work = run_due(now=timezone.now(), limit=20)
        return f"error: {work}" if work.failed else "ok"

    def expire(self, code: str, order: Order) -> str:
        rewards = Reward.objects.filter(code__code=code).values_list("pk", flat=True)
        return str([expire_reward(reward_id=pk, now=timezone.now()) for pk in rewards])

    def revoke(self, code: str, order: Order) -> str:
        rewarded = DiscountCode.objects.exclude(reward=None).filter(status="issued")
        chosen = list(rewarded.order_by("-pk").values_list("pk", flat=True)[:30])
        return str(
            revoke_codes(
                code_ids=random.sample(chosen, min(2, len(chosen))),
                by=None,
                reason="Leaked",
                now=timezone.now(),
            )
        )

    def amend(self, code: str, order: Order) -> str:
        row = DiscountCode.objects.get(code=code)
        later = None if row.expires_at is None else row.expires_at + timedelta(days=1)
        more = Amendment(max_uses=row.max_uses, expires_at=later, by_id=None, why="Asked")
        try:
            amend_code(code_id=row.pk, amendment=more, now=timezone.now())
        except AmendRefused as refused:
            return str(refused.reason)
        return "ok"

    def budget(self, code: str, order: Order) -> str:
        row = DiscountCode.objects.get(code=code)
        limit = random.choice([LOWEST_BUDGET, 2 * LOWEST_BUDGET, None])
        set_budget(benefit_id=row.benefit_id, currency="EUR", limit_minor=limit)
        return "ok"

    def staff(self, code: str, order: Order) -> str:
        flagged = list(Reward.objects.flagged().values_list("pk", flat=True)[:20])
        given = list(Reward.objects.to_hand_over().values_list("pk", flat=True)[:3])
        now = timezone.now()
        resolve_flags(reward_ids=flagged, by_id=None, note="Seen", now=now)
        return str(hand_over(reward_ids=given, by_id=None, note="Sent", now=now))
