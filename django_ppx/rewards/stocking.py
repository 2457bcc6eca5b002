"""How many imported codes are left, of which benefits too few, and saying so once."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count, Q, QuerySet

from django_ppx.rewards.models import Benefit, DiscountCode

logger: Final = logging.getLogger("django_ppx")


@dataclass(frozen=True, kw_only=True, slots=True)
class StockLevel:
    """What is left of one benefit's imported codes."""

    benefit_id: int
    name: str
    left: int
    low_stock_at: int | None

    @property
    def is_low(self) -> bool:
        """Whether staff want to know: fewer than they said, or none at all."""
        return is_low(left=self.left, low_stock_at=self.low_stock_at)


def is_low(*, left: int, low_stock_at: int | None) -> bool:
    """Return whether so few codes are low stock. None left always is: then nobody gets the benefit."""
    return left == 0 or (low_stock_at is not None and left < low_stock_at)


def stock_levels(*, now: datetime) -> list[StockLevel]:
    """Return what is left of every benefit whose codes are imported, by name. One query."""
    in_stock = Q(codes__expires_at__isnull=True) | Q(codes__expires_at__gt=now)
    pools = (
        Benefit.objects.filter(code_source=Benefit.CodeSource.POOL)
        .annotate(ppx_left=Count("codes", filter=in_stock & Q(codes__status="pooled")))
        .order_by("name", "pk")
        .values_list("pk", "name", "ppx_left", "low_stock_at")
    )
    return [
        StockLevel(benefit_id=pk, name=name, left=left, low_stock_at=low_stock_at)
        for pk, name, left, low_stock_at in pools
    ]


def note_low_stock(*, benefit_id: int, now: datetime) -> bool:
    """Log that the benefit's stock is low, once until it is filled up, and return whether it was done now.

    A benefit for which staff did not say what is low costs one query; one that is full enough two.
    """
    unnoted = _with_limit().filter(pk=benefit_id, low_stock_noted_at__isnull=True)
    limit = unnoted.values_list("low_stock_at", flat=True).first()
    if limit is None:
        return False
    stock = DiscountCode.objects.in_stock(now=now).filter(benefit=benefit_id)
    left = stock[:limit].count()
    if left >= limit or not unnoted.update(low_stock_noted_at=now):
        return False
    logger.warning(
        "Benefit %s has %d imported codes left; you asked to be told below %d.",
        benefit_id,
        left,
        limit,
    )
    return True


def forget_low_stock(*, benefit_id: int, now: datetime) -> None:
    """Let a benefit whose stock was filled up be noted again when it runs low."""
    noted = _with_limit().filter(pk=benefit_id, low_stock_noted_at__isnull=False)
    limit = noted.values_list("low_stock_at", flat=True).first()
    stock = DiscountCode.objects.in_stock(now=now).filter(benefit=benefit_id)
    if limit is not None and stock[:limit].count() >= limit:
        noted.update(low_stock_noted_at=None)


def note_low_stocks(*, now: datetime) -> int:
    """Do both for every benefit whose codes are imported, and return how many were noted. For cron: codes expire."""
    noted = 0
    for level in stock_levels(now=now):
        if level.is_low:
            noted += note_low_stock(benefit_id=level.benefit_id, now=now)
        else:
            forget_low_stock(benefit_id=level.benefit_id, now=now)
    return noted


def _with_limit() -> QuerySet[Benefit]:
    return Benefit.objects.filter(
        code_source=Benefit.CodeSource.POOL, low_stock_at__isnull=False, low_stock_at__gt=0
    )
