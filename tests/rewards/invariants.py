"""What must be true of the ledger whatever happened before: read from the tables alone, and reported in words."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django_ppx.core.models import Purchase
from django_ppx.rewards.ledger import Step, StepNotPossible, replay
from django_ppx.rewards.models import (
    BenefitBudget,
    CodeRedemption,
    CustomerUseCount,
    DiscountCode,
    Reward,
    RewardEntry,
)
from django_ppx.rewards.terms import FrozenTerms, scaled

OUTSTANDING = frozenset({"promised", "vested", "issued"})


@dataclass
class Tables:
    """The tables of the ledger, each read once."""

    codes: dict[int, Any] = field(default_factory=lambda: _rows(DiscountCode))
    redemptions: dict[int, Any] = field(default_factory=lambda: _rows(CodeRedemption))
    rewards: dict[int, Any] = field(default_factory=lambda: _rows(Reward))
    entries: dict[int, Any] = field(default_factory=lambda: _rows(RewardEntry))
    budgets: dict[int, Any] = field(default_factory=lambda: _rows(BenefitBudget))
    counts: dict[int, Any] = field(default_factory=lambda: _rows(CustomerUseCount))

    @cached_property
    def standing(self) -> list[Any]:
        return [row for row in self.redemptions.values() if row.status != "released"]

    @cached_property
    def code_of_reward(self) -> dict[int, Any]:
        return {row.reward_id: row for row in self.codes.values() if row.reward_id is not None}


def violations(
    *,
    totals: Mapping[str, int] | None = None,
    lowered_budgets: Collection[tuple[int, str]] = (),
    is_settled: bool = True,
) -> list[str]:
    """Return every rule that does not hold, in words; an empty list is what should be.

    `totals` are the orders' totals in minor units, for the bounds of the discount; `lowered_budgets` (benefit,
    currency) may have spent more than staff now allow; `is_settled` says that nothing is under way: what an undone
    order earned must be taken back by then.
    """
    tables = Tables()
    found = [
        *_uses(tables),
        *_discounts(tables, totals or {}),
        *_budgets(tables, lowered_budgets),
        *_customer_counts(tables),
        *_replays(tables),
        *_codes_of_rewards(tables),
        *_doubles(tables),
    ]
    if is_settled:
        found += _undone(tables)
    return found


def _rows(model: Any) -> dict[int, Any]:
    return {row.pk: row for row in model.objects.all()}


def _uses(tables: Tables) -> Iterator[str]:
    standing = Counter(row.code_id for row in tables.standing)
    for code in tables.codes.values():
        if not code.times_used == standing[code.pk] <= code.max_uses:
            yield (
                f"code {code.pk}: counter {code.times_used}, {standing[code.pk]} standing, "
                f"{code.max_uses} allowed"
            )


def _discounts(tables: Tables, totals: Mapping[str, int]) -> Iterator[str]:
    for row in tables.standing:
        most = totals.get(row.order_ref, row.discount_minor)
        if not 0 <= row.discount_minor <= most:
            yield f"redemption {row.pk}: {row.discount_minor} off an order of {most}"


def _budgets(tables: Tables, lowered: Collection[tuple[int, str]]) -> Iterator[str]:
    spent: Counter[tuple[int, str]] = Counter()
    for row in tables.standing:
        spent[(tables.codes[row.code_id].benefit_id, row.currency)] += row.budget_minor
    for budget in tables.budgets.values():
        key = (budget.benefit_id, budget.currency)
        if budget.spent_minor != spent[key]:
            yield f"budget {key}: {budget.spent_minor} counted, {spent[key]} standing"
        if budget.spent_minor > budget.limit_minor and key not in lowered:
            yield f"budget {key}: {budget.spent_minor} spent of {budget.limit_minor}"


def _customer_counts(tables: Tables) -> Iterator[str]:
    used: Counter[tuple[int, str]] = Counter()
    limits: dict[int, int] = defaultdict(int)
    for code in tables.codes.values():
        limits[code.benefit_id] = max(
            limits[code.benefit_id], code.terms.get("max_uses_per_customer") or 0
        )
    for row in tables.standing:
        for key in row.limit_keys:
            used[(tables.codes[row.code_id].benefit_id, key)] += 1
    counted = {(row.benefit_id, row.limit_key): row.uses for row in tables.counts.values()}
    for key in counted.keys() | used.keys():
        if counted.get(key, 0) != used[key]:
            yield f"customer {key}: {counted.get(key, 0)} counted, {used[key]} standing"
        if used[key] > limits[key[0]]:
            yield f"customer {key}: {used[key]} uses of {limits[key[0]]}"


def _replays(tables: Tables) -> Iterator[str]:
    entries = defaultdict(list)
    for row in tables.entries.values():
        entries[row.reward_id].append(row)
    for reward in tables.rewards.values():
        mine = sorted(entries[reward.pk], key=lambda row: row.number)
        if [row.number for row in mine] != list(range(1, reward.entry_count + 1)):
            yield f"reward {reward.pk}: entries {[row.number for row in mine]} of {reward.entry_count}"
        steps = [Step(kind=row.kind, kept_ppm=row.kept_ppm) for row in mine]
        try:
            state = replay(reward.opened_as, steps)
        except StepNotPossible as error:
            yield f"reward {reward.pk}: {[row.kind for row in mine]} could not happen: {error}"
            continue
        if (state.status, state.kept_ppm, state.flag) != (
            reward.status,
            reward.kept_ppm,
            reward.flag,
        ):
            yield f"reward {reward.pk} is {reward.status}, but {[row.kind for row in mine]} is {state}"


def _codes_of_rewards(tables: Tables) -> Iterator[str]:
    redeemed = {row.code_id for row in tables.standing if row.status == "redeemed"}
    for reward in tables.rewards.values():
        terms = FrozenTerms.from_json(reward.terms)
        code = tables.code_of_reward.get(reward.pk)
        if (code is not None) != terms.is_discount:
            yield f"reward {reward.pk} of {terms.type} has the code {code}"
        if code is None:
            continue
        named = f"reward {reward.pk} ({reward.status}, flag {reward.flag!r}), code {code.status}"
        if reward.status == "reversed" and code.status != "revoked":
            yield f"{named}: taken back, and the code is not"
        if code.status == "revoked" and reward.status in OUTSTANDING:
            yield f"{named}: the code is withdrawn, and the reward is still owed"
        if reward.status == "expired" and code.status == "issued":
            yield f"{named}: expired, and the code is not"
        if (reward.status == "redeemed") != (code.pk in redeemed):
            yield f"{named}: redeemed uses stand: {code.pk in redeemed}"
        if reward.status in OUTSTANDING and reward.expires_at != code.expires_at:
            yield f"{named}: ends {reward.expires_at}, the code {code.expires_at}"
        left = scaled(terms, kept_ppm=reward.kept_ppm).as_json()
        if reward.status in OUTSTANDING and not code.times_used and code.terms != left:
            yield f"{named}: kept {reward.kept_ppm}, and the code is worth {code.terms['amounts']}"


def _doubles(tables: Tables) -> Iterator[str]:
    for what, keys in {
        "use per code and order": [(r.code_id, r.order_ref) for r in tables.redemptions.values()],
        "reward per reason and customer": [
            (r.reason_key, r.customer_id) for r in tables.rewards.values()
        ],
        "code per reward": [r.reward_id for r in tables.codes.values() if r.reward_id],
    }.items():
        for key, count in Counter(keys).items():
            if count > 1:
                yield f"{count} instead of one {what}: {key}"


def _undone(tables: Tables) -> Iterator[str]:
    undone = set(
        Purchase.objects.filter(status__in=["cancelled", "refunded"]).values_list("pk", flat=True)
    )
    for reward in tables.rewards.values():
        is_earned = reward.reason_type == "offer" and reward.purchase_id in undone
        if is_earned and reward.status in OUTSTANDING:
            yield f"reward {reward.pk} is {reward.status}, and its order is undone"
