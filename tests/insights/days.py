"""Days of an experiment that begins on 2 March 2026 in Berlin, and what its customers do on them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django_ppx.core.models import Customer, Purchase, PurchaseEntry
from django_ppx.core.recording import record_purchase
from django_ppx.experiments.models import Experiment, ExperimentExposure
from django_ppx.testing import make_customer, make_entry, make_exposure, make_order

START: Final = 20514
"""2 March 2026 as a number."""
_MIDNIGHT: Final = datetime(2026, 3, 2, tzinfo=ZoneInfo("Europe/Berlin"))


def at(day: int, hour: int = 12, minute: int = 0, second: int = 0) -> datetime:
    """Return a moment of a local day; day 0 is that of the start. Wall clock time, also after the clocks changed."""
    return _MIDNIGHT + timedelta(days=day, hours=hour, minutes=minute, seconds=second)


def expose(
    experiment: Experiment, arm: str = "A", *, day: int = 0, **overrides: Any
) -> ExperimentExposure:
    """Return the exposure of a new customer at noon, on the page of an order of that day, with the ledger's line."""
    moment = overrides.pop("at", at(day))
    customer = overrides.pop("customer", None) or make_customer()
    exposure = make_exposure(
        experiment, arm, purchase=place(customer, moment), at=moment, **overrides
    )
    make_entry(exposure.purchase)
    return exposure


def place(customer: Customer, moment: datetime) -> Purchase:
    """Return an order that the ledger does not know yet."""
    purchase = record_purchase(order=make_order(placed_at=moment), now=moment).purchase
    purchase.customer = customer
    purchase.save(update_fields=["customer"])
    return purchase


def buy(
    exposure: ExperimentExposure, *, day: int, net: int = 5000, hour: int = 12, **entry: Any
) -> PurchaseEntry:
    """Return the line of a further order by the exposed customer."""
    return make_entry(place(exposure.customer, at(day, hour)), net=net, **entry)
