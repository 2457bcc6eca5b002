"""From rows to the frozen facts of a moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import router
from django.db.models import QuerySet

from django_ppx.core.money import Money
from django_ppx.core.prepared import PreparedQuery
from django_ppx.core.recording import PurchaseRecord
from django_ppx.offers.models import OfferPresentation
from django_ppx.offers.moments import (
    CustomerFacts,
    LineFacts,
    Moment,
    Presented,
    PurchaseFacts,
    StoredCode,
)

HISTORY_COLUMNS = (
    "id",
    "offer_id",
    "variant_id",
    "purchase_id",
    "placement",
    "presented_at",
    "dismissed_at",
    "done_at",
    "code__code",
    "code__terms",
    "code__starts_at",
    "code__expires_at",
    "code__status",
    "code__times_used",
    "code__max_uses",
)


def moment_of(
    record: PurchaseRecord,
    *,
    placement: str,
    language: str,
    now: datetime,
    history: Mapping[int, tuple[Presented, ...]],
) -> Moment:
    """Return the moment of one purchase at one placement."""
    return Moment(
        placement=placement,
        now=now,
        language=language,
        purchase=purchase_facts(record),
        customer=customer_facts(record),
        history=history,
    )


def purchase_facts(record: PurchaseRecord) -> PurchaseFacts:
    """Return the purchase as rules and kinds see it."""
    row = record.purchase
    currency = row.currency
    return PurchaseFacts(
        id=row.pk,
        order_ref=row.order_ref,
        placed_at=row.placed_at,
        total=Money.from_minor(row.total_minor, currency),
        discount=Money.from_minor(row.discount_minor, currency),
        shipping=Money.from_minor(row.shipping_minor, currency),
        status=row.status,
        country=row.country,
        utm_source=row.utm_source,
        utm_medium=row.utm_medium,
        utm_campaign=row.utm_campaign,
        utm_term=row.utm_term,
        utm_content=row.utm_content,
        discount_codes=tuple(row.discount_codes),
        lines=tuple(
            LineFacts(
                title=line.title,
                sku=line.sku,
                category_path=line.category_path,
                quantity=line.quantity,
                total=Money.from_minor(line.total_minor, currency),
                product_url=line.product_url,
                image_url=line.image_url,
            )
            for line in record.lines
        ),
    )


def customer_facts(record: PurchaseRecord) -> CustomerFacts:
    """Return the customer as rules and kinds see them."""
    row = record.purchase.customer
    return CustomerFacts(
        id=row.pk,
        is_guest=row.is_guest,
        orders=record.customer_orders,
        first_name=row.first_name,
        last_name=row.last_name,
        language=row.language,
        country=row.country,
        birthday=row.birthday,
        interests=tuple(row.interests),
    )


def load_history(
    record: PurchaseRecord, *, now: datetime, cap_horizon_days: int | None
) -> Mapping[int, tuple[Presented, ...]]:
    """Return what was shown to this customer before, by offer id. One query; none for a customer met just now."""
    if record.is_new_customer:
        return {}
    rows = _history.rows(
        using=router.db_for_read(OfferPresentation),
        customer_id=record.purchase.customer_id,
        purchase_id=record.purchase.pk,
        since=_counted_since(now, cap_horizon_days),
    )
    found: dict[int, list[Presented]] = defaultdict(list)
    for row in rows:
        presented = presented_from(row)
        found[presented.offer_id].append(presented)
    return {offer_id: tuple(presented) for offer_id, presented in found.items()}


def _counted_since(now: datetime, cap_horizon_days: int | None) -> datetime:
    """Return from when on presentations matter to frequency caps: ever for None, from now on for 0."""
    return _EPOCH if cap_horizon_days is None else now - timedelta(days=cap_horizon_days)


def _history_rows(customer_id: int, purchase_id: int, since: datetime) -> QuerySet[Any, Any]:
    return (
        OfferPresentation.objects.history(
            customer_id=customer_id, purchase_id=purchase_id, since=since
        )
        .order_by("presented_at")
        .values_list(*HISTORY_COLUMNS)
    )


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_history: Final = PreparedQuery(
    _history_rows,
    marks={
        "customer_id": -9001,
        "purchase_id": -9002,
        "since": datetime(1999, 9, 9, 9, 9, 9, 999999, tzinfo=UTC),
    },
)


def presented_from(row: tuple[Any, ...]) -> Presented:
    """Return one row of `HISTORY_COLUMNS` as a value."""
    (
        pk,
        offer_id,
        variant_id,
        purchase_id,
        placement,
        presented_at,
        dismissed_at,
        done_at,
        code,
        terms,
        starts_at,
        expires_at,
        status,
        times_used,
        max_uses,
    ) = row
    stored = None
    if code is not None:
        stored = StoredCode(
            value=code,
            terms=terms,
            starts_at=starts_at,
            expires_at=expires_at,
            is_used_up=times_used >= max_uses,
            is_revoked=status == "revoked",
            is_expired=status == "expired",
        )
    return Presented(
        id=str(pk),
        offer_id=offer_id,
        variant_id=variant_id,
        purchase_id=purchase_id,
        placement=placement,
        presented_at=presented_at,
        is_dismissed=dismissed_at is not None,
        is_done=done_at is not None or (stored is not None and stored.is_used_up),
        code=stored,
    )
