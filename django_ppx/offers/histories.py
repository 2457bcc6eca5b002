"""A customer's past with our offers: what was put on their pages, and which arms of experiments they are in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import router
from django.db.models import Expression, F, Field, QuerySet, Value

from django_ppx.core.prepared import PreparedQuery
from django_ppx.core.recording import PurchaseRecord
from django_ppx.experiments.models import ExperimentExposure
from django_ppx.offers.models import OfferPresentation
from django_ppx.offers.moments import Presented, StoredCode
from django_ppx.rewards.models import DiscountCode

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

_EXPOSURE: Final = "~exposure"
"""No placement is called so: by it the rows of exposures are told from those of presentations."""


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """A customer's past: what was shown, by offer id, and the arm of each running experiment, by its id."""

    presented: Mapping[int, tuple[Presented, ...]] = field(default_factory=dict)
    exposures: Mapping[int, int] = field(default_factory=dict)


NO_HISTORY: Final = History()


def load_history(record: PurchaseRecord, *, now: datetime, cap_horizon_days: int | None) -> History:
    """Return what was shown to this customer before. One query; none for a customer met just now."""
    if record.is_new_customer:
        return NO_HISTORY
    rows = _history.rows(
        using=router.db_for_read(OfferPresentation),
        customer_id=record.purchase.customer_id,
        purchase_id=record.purchase.pk,
        since=_counted_since(now, cap_horizon_days),
    )
    found: dict[int, list[Presented]] = defaultdict(list)
    exposures: dict[int, int] = {}
    for row in sorted(rows, key=_moment_of_row):
        if row[_PLACEMENT_AT] == _EXPOSURE:
            exposures[row[_OFFER_AT]] = row[_VARIANT_AT]
        else:
            presented = presented_from(row)
            found[presented.offer_id].append(presented)
    return History(
        presented={offer_id: tuple(presented) for offer_id, presented in found.items()},
        exposures=exposures,
    )


def _moment_of_row(row: tuple[Any, ...]) -> datetime:
    at: datetime = row[_PRESENTED_AT]
    return at


def _counted_since(now: datetime, cap_horizon_days: int | None) -> datetime:
    """Return from when on presentations matter to frequency caps: ever for None, from now on for 0."""
    return _EPOCH if cap_horizon_days is None else now - timedelta(days=cap_horizon_days)


def _history_rows(customer_id: int, purchase_id: int, since: datetime) -> QuerySet[Any, Any]:
    """Return presentations, and exposures in the same columns: one round trip for both."""
    presentations = OfferPresentation.objects.history(
        customer_id=customer_id, purchase_id=purchase_id, since=since
    )
    exposures = ExperimentExposure.objects.of_undecided(customer_id=customer_id).annotate(
        **{f"as_{name}": expression for name, expression in _EXPOSURE_COLUMNS.items()}
    )
    return presentations.values_list(*HISTORY_COLUMNS).union(
        exposures.values_list(*(f"as_{name}" for name in HISTORY_COLUMNS)), all=True
    )


class _Null(Expression):
    """NULL of a type, written as it is: a JSON column must not be given the JSON value null."""

    def __init__(self, output_field: Field[Any, Any]) -> None:
        super().__init__(output_field=output_field)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        return "NULL", ()


def _exposure_columns() -> dict[str, Any]:
    """Return each of `HISTORY_COLUMNS` for an exposure: experiments stand for offers, arms for variants."""
    known: dict[str, Any] = {
        "id": F("pk"),
        "offer_id": F("experiment_id"),
        "variant_id": F("arm_id"),
        "purchase_id": F("purchase_id"),
        "placement": Value(_EXPOSURE),
        "presented_at": F("exposed_at"),
    }
    for name in HISTORY_COLUMNS:
        if name not in known:
            field_name = name.removeprefix("code__")
            model = DiscountCode if name.startswith("code__") else OfferPresentation
            column: Any = model._meta.get_field(field_name)
            known[name] = _Null(output_field=column)
    return known


_EXPOSURE_COLUMNS: Final = _exposure_columns()
_OFFER_AT: Final = HISTORY_COLUMNS.index("offer_id")
_VARIANT_AT: Final = HISTORY_COLUMNS.index("variant_id")
_PLACEMENT_AT: Final = HISTORY_COLUMNS.index("placement")
_PRESENTED_AT: Final = HISTORY_COLUMNS.index("presented_at")


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
