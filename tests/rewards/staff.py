"""Staff with some permissions and not others, and rewards in the states that staff meet."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import Permission, User

from django_ppx.core.models import Purchase
from django_ppx.rewards.models import Benefit, Reward
from django_ppx.rewards.redeeming import redeem_code
from django_ppx.rewards.undoing import settle_order
from django_ppx.testing import make_benefit, make_order, make_purchase, make_reward

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def staff_with(*permissions: str) -> User:
    """Return a member of staff who may do what is named, and nothing else."""
    user = User.objects.create_user("-".join(("staff", *permissions))[:150], is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def reward_for_purchase(benefit: Benefit | None = None, **overrides: Any) -> Reward:
    """Return a reward that an order of its own has earned."""
    purchase = make_purchase()
    values = {"customer": purchase.customer, "purchase_id": purchase.pk, "now": NOW}
    return make_reward(benefit, **{**values, **overrides})


def gift_to_hand_over(**overrides: Any) -> Reward:
    return reward_for_purchase(make_benefit(type="gift", gift="A bowl"), **overrides)


def points_to_hand_over(**overrides: Any) -> Reward:
    return reward_for_purchase(make_benefit(type="points", points=200), **overrides)


def flagged_reward() -> Reward:
    """Return a reward whose code was used before the order that earned it was cancelled."""
    reward = reward_for_purchase()
    redeem_code(code=reward.code.code, order=make_order(), now=NOW)
    Purchase.objects.filter(pk=reward.purchase_id).update(status="cancelled", cancelled_at=NOW)
    settle_order(purchase=Purchase.objects.get(pk=reward.purchase_id), now=NOW)
    reward.refresh_from_db()
    assert reward.flag == "undone_after_use"
    return reward
