"""What webhooks say of codes and rewards, put into the outbox with the change. See docs/webhooks.md."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django_ppx.core.money import Money
from django_ppx.outbox.models import WebhookEvent
from django_ppx.outbox.posting_webhooks import (
    WebhookMessage,
    instant_text,
    is_wanted,
    post_many_webhooks,
    post_webhooks,
)
from django_ppx.rewards.models import CodeRedemption, DiscountCode, Reward
from django_ppx.rewards.terms import FrozenTerms, UnreadableTerms

_EVENT: Final = WebhookEvent


def post_issued(*, reward_ids: Sequence[int], now: datetime) -> None:
    """Tell of the codes that the rewards came with. Two statements where somebody wants to hear of it."""
    if not reward_ids or not is_wanted(_EVENT.CODE_ISSUED):
        return
    codes = DiscountCode.objects.filter(reward__in=reward_ids).select_related(
        "benefit", "reward__customer", "reward__purchase"
    )
    messages = [
        WebhookMessage(
            key=f"code.issued:{code.reward_id}",
            data={
                "code": code.code,
                "max_uses": code.max_uses,
                "starts_at": _instant(code.starts_at),
                "expires_at": _instant(code.expires_at),
                **_of_reward(code.reward),
                "benefit": _benefit(code.benefit_id, code.benefit.name, code.terms),
            },
        )
        for code in codes.order_by("pk")
        if code.reward is not None
    ]
    post_many_webhooks(event=_EVENT.CODE_ISSUED, messages=messages, now=now)


def post_redeemed(*, redemption: CodeRedemption, now: datetime) -> None:
    """Tell that an order has used a code: once, and once more after the use was given back and taken again."""
    if not is_wanted(_EVENT.CODE_REDEEMED):
        return
    code = redemption.code
    moment = int((redemption.redeemed_at or now).timestamp() * 1_000_000)
    post_webhooks(
        event=_EVENT.CODE_REDEEMED,
        key=f"code.redeemed:{redemption.pk}:{moment}",
        data={
            "code": code.code,
            "order_ref": redemption.order_ref,
            "account_id": _account(redemption.customer),
            "discount": _amount(redemption.discount_minor, redemption.currency),
            "redeemed_at": _instant(redemption.redeemed_at),
            "reward": code.reward_id,
            "benefit": _benefit(code.benefit_id, code.benefit.name, code.terms),
        },
        now=now,
    )


def post_reversed(*, reward: Reward, now: datetime) -> None:
    """Tell that a reward was taken back, with its code."""
    if not is_wanted(_EVENT.REWARD_REVERSED):
        return
    codes = DiscountCode.objects.filter(reward=reward.pk).values_list("code", flat=True)
    post_webhooks(
        event=_EVENT.REWARD_REVERSED,
        key=f"reward.reversed:{reward.pk}",
        data={
            "code": codes.first(),
            **_of_reward(reward),
            "benefit": _benefit(reward.benefit_id, reward.benefit.name, reward.terms),
        },
        now=now,
    )


def _of_reward(reward: Reward) -> dict[str, Any]:
    purchase = reward.purchase
    return {
        "reward": reward.pk,
        "reason_type": str(reward.reason_type),
        "order_ref": None if purchase is None else purchase.order_ref,
        "is_test": purchase is not None and purchase.is_test,
        "account_id": reward.customer.account_id or None,
    }


def _benefit(benefit_id: int, name: str, stored: dict[str, Any]) -> dict[str, Any]:
    """Return what the code or reward is good for, by the terms that it was given with."""
    said: dict[str, Any] = {"id": benefit_id, "name": name}
    try:
        terms = FrozenTerms.from_json(stored)
    except UnreadableTerms:  # what happened is told all the same
        return {**said, "type": None, "percent": None, "amounts": [], "points": None, "gift": None}
    return {
        **said,
        "type": terms.type,
        "percent": None if terms.percent is None else f"{terms.percent.normalize():f}",
        "amounts": [
            _amount(money.amount, money.currency)
            for money in terms.amounts
            if money.amount is not None
        ],
        "points": terms.points,
        "gift": terms.gift or None,
    }


def _account(customer: Any) -> str | None:
    return None if customer is None else customer.account_id or None


def _amount(minor: int, currency: str) -> dict[str, str]:
    return {"amount": f"{Money.from_minor(minor, currency).amount:f}", "currency": currency}


def _instant(instant: datetime | None) -> str | None:
    return None if instant is None else instant_text(instant)
