"""How to ask for rewards, codes and redemptions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q

from django_ppx.core.querysets import customers_with
from django_ppx.rewards.alphabet import fold

if TYPE_CHECKING:
    from django_ppx.rewards.models import (  # noqa: F401 - named in quotes below
        CodeRedemption,
        DiscountCode,
        Reward,
    )


class DiscountCodeQuerySet(models.QuerySet["DiscountCode"]):
    def typed(self, text: str) -> Self:
        """Return the code that `text` names, however it is typed. What can't be a code asks nothing."""
        folded = fold(text)
        return self.filter(code=folded) if folded else self.none()

    def redeemable(self, *, now: datetime) -> Self:
        """Return codes that may be used at `now`: issued, begun, not expired, uses left."""
        return self.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=now),
            Q(starts_at__isnull=True) | Q(starts_at__lte=now),
            status="issued",
            times_used__lt=F("max_uses"),
        )

    def live(self, *, now: datetime) -> Self:
        """Return codes that a guess could hit now or later: in the pool, waiting or usable."""
        return self.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=now),
            status__in=["issued", "pooled"],
            times_used__lt=F("max_uses"),
        )

    def pooled(self) -> Self:
        return self.filter(status="pooled")

    def in_stock(self, *, now: datetime) -> Self:
        """Return codes of imported pools that can still be given to somebody."""
        return self.pooled().filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now))

    def waiting(self, *, now: datetime) -> Self:
        """Return codes that can't be used before later than `now`."""
        return self.filter(status="issued", starts_at__gt=now)

    def revoked(self) -> Self:
        return self.filter(status="revoked")

    def used_up(self) -> Self:
        """Return codes without uses left that were not revoked."""
        return self.filter(status__in=["issued", "expired"], times_used__gte=F("max_uses"))

    def expired(self, *, now: datetime) -> Self:
        """Return codes that ran out of time at `now`, and of nothing else."""
        return self.filter(
            Q(status="expired") | Q(status="issued", expires_at__lte=now),
            times_used__lt=F("max_uses"),
        )


class CodeRedemptionQuerySet(models.QuerySet["CodeRedemption"]):
    def standing(self) -> Self:
        """Return uses that were not given back: reserved ones and redeemed ones."""
        return self.filter(released_at__isnull=True)

    def redeemed(self) -> Self:
        """Return uses that an order has made good."""
        return self.filter(status="redeemed")

    def lapsed(self, *, now: datetime) -> Self:
        """Return reservations that ran out and hold their use until somebody needs it."""
        return self.filter(status="reserved", reserved_until__lte=now)


class RewardQuerySet(models.QuerySet["Reward"]):
    def outstanding(self) -> Self:
        """Return what the shop still owes: promised, earned or given, and not used."""
        return self.filter(status__in=["promised", "vested", "issued"])

    def of_type(self, *types: str) -> Self:
        """Return rewards that were granted as one of these types, whatever their benefit is by now."""
        return self.filter(terms__type__in=types)

    def to_hand_over(self) -> Self:
        """Return gifts and points that are given and wait to be handed over."""
        return self.of_type("gift", "points").filter(status="issued")

    def waiting_for_staff(self, *, shop_credits_points: bool) -> Self:
        """Return what staff have to hand over, the longest waiting first.

        Points that the shop credits by itself are not for them, unless it failed for good.
        """
        waiting = self.to_hand_over().order_by("granted_at", "pk")
        if shop_credits_points:
            waiting = waiting.filter(Q(terms__type="gift") | Q(flag="not_delivered"))
        return waiting

    def returnable(self) -> Self:
        """Return what can still be taken back: everything that was neither used nor taken back."""
        return self.filter(status__in=["promised", "vested", "issued", "expired"])

    def flagged(self) -> Self:
        return self.exclude(flag="")

    def due(self, *, now: datetime) -> Self:
        return self.filter(due_at__lte=now)

    def of_customer(self, keys: Iterable[str]) -> Self:
        """Return the rewards of whoever has one of these `customer_keys`; of nobody without any."""
        return self.filter(customer__in=customers_with(keys))

    def by_reason(self, keys: Iterable[str]) -> Self:
        return self.filter(reason_key__in=list(keys))
