"""What the demo's staff give beyond the offers: gifts, points, apologies, in every state that a reward can be in."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

from django.conf import settings
from django.contrib.auth.models import User

from django_ppx import purchases
from django_ppx.core.models import Purchase
from django_ppx.rewards.delivering import hand_over
from django_ppx.rewards.due import run_due
from django_ppx.rewards.granting import RewardRequest, grant_rewards
from django_ppx.rewards.limiting import set_budget
from django_ppx.rewards.models import Benefit, BenefitAmount, Reward
from django_ppx.rewards.taking_back import take_rewards_back
from django_ppx.rewards.terms import FrozenTerms

from ..models import Order
from .people import STAFF


class Rewards:
    """Gives rewards to the buyers of past orders, and lets some of them meet their fate."""

    def __init__(self, *, now: datetime) -> None:
        self.now = now
        self.staff = User.objects.get(username=STAFF)
        self.numbers = count(1)
        self.served: set[int] = set()
        self.create_benefits()

    def create_benefits(self) -> None:
        self.bowl = Benefit.objects.create(
            name="A seconds bowl", type=Benefit.Type.GIFT, gift="A bowl from the seconds shelf"
        )
        self.points = Benefit.objects.create(
            name="200 kiln points",
            type=Benefit.Type.POINTS,
            points=200,
            reward_after_partial_refund=Benefit.AfterPartialRefund.PROPORTIONAL,
        )
        self.sorry = Benefit.objects.create(
            name="Sorry: 8 off",
            type=Benefit.Type.AMOUNT,
            valid_days=90,
            code_prefix="SORRY",
            is_combinable=True,
        )
        BenefitAmount.objects.create(benefit=self.sorry, currency=settings.SHOP_CURRENCY, amount=8)
        set_budget(benefit_id=self.sorry.pk, currency=settings.SHOP_CURRENCY, limit_minor=40_000)
        self.loyal = Benefit.objects.create(
            name="15 % after the return window",
            type=Benefit.Type.PERCENT,
            percent=15,
            vesting_days=14,
            valid_days=60,
            max_uses_per_customer=1,
            code_prefix="KILN",
        )
        BenefitAmount.objects.create(
            benefit=self.loyal, currency=settings.SHOP_CURRENCY, maximum_discount=30
        )

    def write(self) -> None:
        apology, staff = Reward.ReasonType.APOLOGY, Reward.ReasonType.STAFF
        ugc = Reward.ReasonType.UGC
        self.give(self.bowl, apology, "A cup arrived chipped", days_ago=9)
        self.give(self.bowl, ugc, "Photo of the tide mug in the harbour", days_ago=4)
        self.give(self.bowl, staff, "Tenth visit to the stall", days_ago=1)
        self.give(self.points, ugc, "Video of the teapot pouring", days_ago=6)
        self.give(self.points, staff, "Told us about a wrong price", days_ago=2)
        handed = self.give(self.bowl, apology, "The parcel was a week late", days_ago=20)
        hand_over(
            reward_ids=[handed.pk],
            by_id=self.staff.pk,
            note="In the next parcel",
            now=self.now - timedelta(days=18),
        )
        for days_ago in (3, 12, 30):
            self.give(self.sorry, apology, "The glaze was not as pictured", days_ago=days_ago)
        self.give(self.loyal, staff, "Helped at the market", days_ago=5)
        mistaken = self.give(self.sorry, staff, "Meant for somebody else", days_ago=8)
        take_rewards_back(
            reward_ids=[mistaken.pk],
            by_id=self.staff.pk,
            why="Given to the wrong customer",
            now=self.now - timedelta(days=7),
        )
        run_due(now=self.now)
        self.undo_what_earned_used_codes()

    def give(self, benefit: Benefit, reason_type: str, reason: str, *, days_ago: int) -> Reward:
        at = self.now - timedelta(days=days_ago)
        purchase = self.buyer_before(at)
        request = RewardRequest(
            reason_key=f"demo:{next(self.numbers)}",
            reason_type=reason_type,
            benefit_id=benefit.pk,
            terms=FrozenTerms.of(benefit),
            customer_id=purchase.customer_id,
            purchase_id=purchase.pk,
            reason=reason,
            granted_by_id=self.staff.pk,
        )
        [reward] = grant_rewards(requests=[request], now=at)
        return reward

    def buyer_before(self, at: datetime) -> Purchase:
        """Return the newest order that was placed a while before, of a customer who has nothing yet."""
        placed = Purchase.objects.filter(
            status=Purchase.Status.PLACED, placed_at__lt=at - timedelta(days=2)
        ).exclude(customer__in=self.served)
        purchase = placed.order_by("-placed_at")[0]
        self.served.add(purchase.customer_id)
        return purchase

    def undo_what_earned_used_codes(self) -> None:
        """Cancel orders whose codes were used meanwhile: what staff then have to look at."""
        used = Reward.objects.filter(status=Reward.Status.REDEEMED, purchase__status="placed")
        newest = used.filter(code__isnull=False).order_by("-granted_at", "-pk")
        for reward in newest.select_related("purchase")[:3]:
            order = Order.objects.by_number(reward.purchase.order_ref) if reward.purchase else None
            if order is None:
                raise RuntimeError("The order of a purchase is gone.")
            order.status = Order.Status.CANCELLED
            order.save(update_fields=["status"])
            purchases.cancelled(order)
