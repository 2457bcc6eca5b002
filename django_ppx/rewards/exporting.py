"""Codes as CSV rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from django.db.models import QuerySet, prefetch_related_objects

from django_ppx.core.csv_cells import guard_cell
from django_ppx.core.masking import mask_email
from django_ppx.core.money import to_major
from django_ppx.rewards.alphabet import grouped_as
from django_ppx.rewards.models import DiscountCode
from django_ppx.rewards.standing import standing_of

_PAGE: Final = 1_000

HEADER: Final = (
    "code",
    "status",
    "benefit",
    "reason",
    "customer",
    "earned_by_order",
    "issued_at",
    "expires_at",
    "uses",
    "uses_allowed",
    "used_by_orders",
    "discounts",
    "revoked_at",
    "revoke_reason",
)


def code_rows(
    *, codes: QuerySet[DiscountCode], now: datetime, with_addresses: bool
) -> Iterator[Sequence[str]]:
    """Yield the header and one row per code, every cell guarded. Addresses are masked unless `with_addresses`."""
    yield HEADER
    found = codes.select_related("benefit", "customer", "purchase").prefetch_related("redemptions")
    for code in found.iterator(chunk_size=500):
        yield [guard_cell(cell) for cell in _cells(code, now=now, with_addresses=with_addresses)]


def batch_rows(*, batch_id: int, now: datetime, with_addresses: bool) -> Iterator[Sequence[str]]:
    """Yield the header and one row per code of the batch, as `code_rows` does, a page of them in memory at a time.

    Paged by primary key: some drivers fetch all rows of an iterator at once.
    """
    yield HEADER
    codes = DiscountCode.objects.filter(batch=batch_id).order_by("pk")
    codes = codes.select_related("benefit", "customer", "purchase")
    page = list(codes[:_PAGE])
    while page:
        prefetch_related_objects([code for code in page if code.times_used], "redemptions")
        for code in page:
            cells = _cells(code, now=now, with_addresses=with_addresses)
            yield [guard_cell(cell) for cell in cells]
        page = list(codes.filter(pk__gt=page[-1].pk)[:_PAGE])


def _cells(code: DiscountCode, *, now: datetime, with_addresses: bool) -> Sequence[str]:
    email = code.customer.email if code.customer else ""
    uses = (
        [row for row in code.redemptions.all() if row.released_at is None]
        if code.times_used
        else []
    )
    return (
        grouped_as(code.code, code.terms),
        str(standing_of(code, now=now).value),
        code.benefit.name,
        code.reason,
        email if with_addresses else mask_email(email),
        code.purchase.order_ref if code.purchase else "",
        code.issued_at.isoformat(),
        code.expires_at.isoformat() if code.expires_at else "",
        str(code.times_used),
        str(code.max_uses),
        " ".join(row.order_ref for row in uses),
        " ".join(f"{to_major(row.discount_minor, row.currency)} {row.currency}" for row in uses),
        code.revoked_at.isoformat() if code.revoked_at else "",
        code.revoke_reason,
    )
