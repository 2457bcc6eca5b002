"""Rewards as answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from django_ppx.api.orders.purchases import asked_customers
from django_ppx.api.showing import Sight, customer_json, instant
from django_ppx.rewards.alphabet import grouped_as
from django_ppx.rewards.granting import code_of
from django_ppx.rewards.models import Reward, RewardEntry
from django_ppx.rewards.terms import FrozenTerms, UnreadableTerms
from django_ppx.rewards.wording import summarize

_COLUMNS: Mapping[str, str] = {
    "order_ref": "purchase__order_ref",
    "status": "status",
    "benefit": "benefit",
}


def chosen(query: Mapping[str, Any], sight: Sight) -> QuerySet[Reward]:
    """Return the rewards that `query` asks for, each with all that its answer needs."""
    rewards = Reward.objects.filter(
        **{column: query[name] for name, column in _COLUMNS.items() if name in query}
    )
    for keys in asked_customers(query, sight):
        rewards = rewards.of_customer(keys)
    return rewards.select_related("customer", "benefit", "purchase", "code")


def reward_json(reward: Reward, sight: Sight) -> dict[str, Any]:
    code = code_of(reward) if sight.codes else None
    return {
        "id": reward.pk,
        "status": reward.status,
        "type": str(reward.terms.get("type", "")),
        "text": _worth(reward),
        "code": None if code is None else grouped_as(code.code, code.terms),
        "benefit": {"id": reward.benefit_id, "name": reward.benefit.name},
        "customer": customer_json(reward.customer, sight),
        "order_ref": None if reward.purchase is None else reward.purchase.order_ref,
        "reason_type": reward.reason_type,
        "reason": reward.reason,
        "flag": reward.flag or None,
        "kept_ppm": reward.kept_ppm,
        "granted_at": instant(reward.granted_at),
        "vests_at": instant(reward.vests_at),
        "expires_at": instant(reward.expires_at),
    }


def whole_reward_json(reward: Reward, sight: Sight) -> dict[str, Any]:
    """Return the reward with its history. One query for that."""
    entries = reward.entries.select_related("by").order_by("number")
    return {**reward_json(reward, sight), "entries": [_entry_json(entry) for entry in entries]}


def _entry_json(entry: RewardEntry) -> dict[str, Any]:
    return {
        "number": entry.number,
        "kind": entry.kind,
        "at": instant(entry.at),
        "by": None if entry.by is None else entry.by.get_username(),
        "why": entry.why,
        "order_ref": entry.order_ref,
        "kept_ppm": entry.kept_ppm,
    }


def _worth(reward: Reward) -> str:
    try:
        return summarize(FrozenTerms.from_json(reward.terms))
    except UnreadableTerms:
        return ""
