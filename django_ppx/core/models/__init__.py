"""Who bought, our snapshot of what, and the ledger that every metric is made from."""

from django_ppx.core.models.customers import Customer, CustomerKey
from django_ppx.core.models.entries import PurchaseComplaint, PurchaseEntry
from django_ppx.core.models.imports import OrderImport
from django_ppx.core.models.purchases import Purchase, PurchaseLine

__all__ = [
    "Customer",
    "CustomerKey",
    "OrderImport",
    "Purchase",
    "PurchaseComplaint",
    "PurchaseEntry",
    "PurchaseLine",
]
