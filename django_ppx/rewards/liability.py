"""What the shop still owes its customers: codes they can use, gifts and points they were promised.

A discount is owed as long as its code is alive, whatever the reward's status: a code of three uses of which one is left
is owed once. A gift or points are owed until they are handed over. Amounts are summed where the terms name them, never
guessed: what a percentage comes to depends on an order that nobody has placed yet.

The database counts, grouped by terms and by the instant of expiry; what a group comes to is worked out here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, F, IntegerField, Q, Sum, Value, When

from django_ppx.conf import ppx_settings
from django_ppx.core.calendar import last_local_day
from django_ppx.rewards.models import Benefit, DiscountCode, Reward
from django_ppx.rewards.terms import FrozenTerms, UnreadableTerms, scaled

NEVER: Final = date.max
"""The month of what does not expire; it sorts last."""


@dataclass(kw_only=True, slots=True)
class LiabilityRow:
    """What is outstanding of one benefit, in one currency, that ends in one month.

    A benefit with amounts in two currencies stands in both: a code is used in one of them.
    """

    benefit: str
    type: str
    currency: str
    """"" where no currency is known: free shipping, a percentage without a maximum, a gift."""
    month: date
    """The first day of the month of the last valid day, in the shop's time zone; or `NEVER`."""
    count: int = 0
    """Codes, gifts, or customers' points."""
    waiting: int = 0
    """Of these, what can't be used yet."""
    uses: int = 0
    """Uses left; of a gift or points one each."""
    amount_minor: int | None = None
    """Amounts off, exact. None: depends on the order."""
    at_most_minor: int | None = None
    """What a percentage or free shipping can come to at most, where the benefit has a maximum."""
    points: int = 0


@dataclass(kw_only=True, slots=True)
class CurrencyTotal:
    """The sums in one currency."""

    currency: str
    amount_minor: int = 0
    uses: int = 0
    """Uses of codes with a fixed amount: the n of the sum."""
    at_most_minor: int = 0
    at_most_uses: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class PoolStock:
    """Imported codes of a benefit that nobody has yet."""

    benefit: str
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Liability:
    """The report as of one moment."""

    as_of: datetime
    held: list[LiabilityRow]
    """What customers hold, or were promised."""
    unassigned: list[LiabilityRow]
    """Live codes of batches, which belong to nobody in particular."""
    pool: list[PoolStock]
    totals: list[CurrencyTotal]
    """Of `held`, per currency."""
    open_uses: int
    """Uses left of `held` whose worth depends on the order and has no maximum."""
    gifts: int
    points: int
    unreadable: int
    """Codes and rewards whose terms can't be read; they are in no sum."""


@dataclass(slots=True)
class _Sums:
    rows: dict[tuple[Any, ...], LiabilityRow] = field(default_factory=dict)
    unreadable: int = 0
    open_uses: int = 0


def read_liability(*, now: datetime) -> Liability:
    """Return what is outstanding at `now`. Four queries, however many rewards there are."""
    names = dict(Benefit.objects.values_list("pk", "name"))
    zone = ZoneInfo(ppx_settings.PPX_TIME_ZONE)
    held, unassigned = _Sums(), _Sums()
    for group in _code_groups(now):
        sums = held if group["is_assigned"] else unassigned
        _add(sums, group, names, zone)
    for group in _handover_groups():
        _add(held, group, names, zone)
    rows = _sorted(held)
    return Liability(
        as_of=now,
        held=rows,
        unassigned=_sorted(unassigned),
        pool=_pool(now, names),
        totals=_totals(rows),
        open_uses=held.open_uses,
        gifts=sum(row.uses for row in rows if row.type == Benefit.Type.GIFT),
        points=sum(row.points for row in rows),
        unreadable=held.unreadable + unassigned.unreadable,
    )


def _code_groups(now: datetime) -> Iterator[Mapping[str, Any]]:
    codes = DiscountCode.objects.live(now=now).filter(status=DiscountCode.Status.ISSUED)
    assigned = Q(reward__isnull=False) | Q(customer__isnull=False)
    groups = (
        codes.annotate(
            is_assigned=Case(When(assigned, then=Value(1)), default=Value(0)),
            is_waiting=Case(
                When(starts_at__gt=now, then=Value(1)),
                default=Value(0),
                output_field=IntegerField(),
            ),
        )
        .order_by()
        .values("benefit_id", "terms", "expires_at", "is_assigned")
        .annotate(
            n=Count("pk"), waiting=Sum("is_waiting"), uses=Sum(F("max_uses") - F("times_used"))
        )
    )
    yield from groups.iterator(chunk_size=2000)


def _handover_groups() -> Iterator[Mapping[str, Any]]:
    groups = (
        Reward.objects.outstanding()
        .filter(code__isnull=True)
        .annotate(
            is_waiting=Case(
                When(status="promised", then=Value(1)),
                default=Value(0),
                output_field=IntegerField(),
            )
        )
        .order_by()
        .values("benefit_id", "terms", "kept_ppm", "expires_at")
        .annotate(n=Count("pk"), waiting=Sum("is_waiting"), uses=Count("pk"))
    )
    yield from groups.iterator(chunk_size=2000)


def _pool(now: datetime, names: Mapping[int, str]) -> list[PoolStock]:
    groups = (
        DiscountCode.objects.pooled()
        .filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now))
        .order_by()
        .values("benefit_id")
        .annotate(n=Count("pk"))
    )
    stock = [PoolStock(benefit=names[group["benefit_id"]], count=group["n"]) for group in groups]
    return sorted(stock, key=lambda row: row.benefit)


def _add(sums: _Sums, group: Mapping[str, Any], names: Mapping[int, str], zone: ZoneInfo) -> None:
    try:
        terms = FrozenTerms.from_json(group["terms"])
    except UnreadableTerms:
        sums.unreadable += group["n"]
        return
    if "kept_ppm" in group:  # a code carries what was left already
        terms = scaled(terms, kept_ppm=group["kept_ppm"] or 0)
    month = _month(group["expires_at"], zone)
    parts = list(_parts(terms, group["uses"]))
    if terms.is_discount and not any(part["currency"] for part in parts):
        sums.open_uses += group["uses"]
    for part in parts:
        key = (part["currency"], group["benefit_id"], terms.type, month)
        row = sums.rows.setdefault(
            key,
            LiabilityRow(
                benefit=names[group["benefit_id"]],
                type=terms.type,
                currency=part["currency"],
                month=month,
            ),
        )
        row.count += group["n"]
        row.waiting += group["waiting"]
        row.uses += group["uses"]
        row.points += part.get("points", 0)
        for name in ("amount_minor", "at_most_minor"):
            if name in part:
                setattr(row, name, (getattr(row, name) or 0) + part[name])


def _parts(terms: FrozenTerms, uses: int) -> Iterator[dict[str, Any]]:
    """Yield what `uses` of the terms come to, once per currency in which that is known."""
    if not terms.is_discount:
        yield {"currency": "", "points": (terms.points or 0) * uses}
        return
    known = False
    for money in terms.amounts:
        if terms.type == Benefit.Type.AMOUNT and money.amount is not None:
            known = True
            yield {"currency": money.currency, "amount_minor": money.amount * uses}
        elif terms.type != Benefit.Type.AMOUNT and money.maximum_discount is not None:
            known = True
            yield {"currency": money.currency, "at_most_minor": money.maximum_discount * uses}
    if not known:
        yield {"currency": ""}


def _month(expires_at: datetime | None, zone: ZoneInfo) -> date:
    """Return the month of the last valid day: what ends at the first instant of April ends in March."""
    if expires_at is None:
        return NEVER
    return last_local_day(expires_at, zone).replace(day=1)


def _sorted(sums: _Sums) -> list[LiabilityRow]:
    return sorted(
        sums.rows.values(),
        key=lambda row: (not row.currency, row.currency, row.benefit, row.type, row.month),
    )


def _totals(rows: Iterable[LiabilityRow]) -> list[CurrencyTotal]:
    totals: dict[str, CurrencyTotal] = {}
    for row in rows:
        if not row.currency:
            continue
        total = totals.setdefault(row.currency, CurrencyTotal(currency=row.currency))
        if row.amount_minor is not None:
            total.amount_minor += row.amount_minor
            total.uses += row.uses
        if row.at_most_minor is not None:
            total.at_most_minor += row.at_most_minor
            total.at_most_uses += row.uses
    return [totals[currency] for currency in sorted(totals)]
