"""How amounts, instants and people look in answers, and how much of them the caller may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from django_ppx.api.callers import KeyAccess
from django_ppx.core.masking import mask_email, mask_name, mask_phone
from django_ppx.core.models import Customer
from django_ppx.core.money import to_major


@dataclass(frozen=True, kw_only=True, slots=True)
class Sight:
    """What a caller may read in full: a program all that its scope is for, staff what admin shows them."""

    addresses: bool
    codes: bool


def sight_of(request: Any) -> Sight:
    if isinstance(request.auth, KeyAccess):
        return Sight(addresses=True, codes=True)
    return Sight(
        addresses=request.user.has_perm("django_ppx.view_customer_addresses"),
        codes=request.user.has_perm("django_ppx.view_discountcode"),
    )


def amount(minor: int, currency: str) -> str:
    """Return minor units as text in major units: 1250 EUR is "12.50"."""
    return f"{to_major(minor, currency):f}"


def number(value: Decimal) -> str:
    """Return a number as text without zeros at its end: "0.5"."""
    return f"{value.normalize():f}"


def instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


class ShownCustomerSerializer(serializers.Serializer):
    """Who bought. Staff who may not see addresses get them shortened."""

    account_id = serializers.CharField(allow_blank=True, help_text="Empty: a guest.")
    email = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True)
    first_name = serializers.CharField(allow_blank=True)
    last_name = serializers.CharField(allow_blank=True)
    language = serializers.CharField(allow_blank=True)
    country = serializers.CharField(allow_blank=True)


def customer_json(customer: Customer, sight: Sight) -> Mapping[str, str]:
    shown = {
        "account_id": customer.account_id,
        "email": customer.email,
        "phone": customer.phone,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "language": customer.language,
        "country": customer.country,
    }
    if not sight.addresses:
        shown["email"] = mask_email(customer.email)
        shown["phone"] = mask_phone(customer.phone)
        shown["first_name"] = mask_name(customer.first_name, "")
        shown["last_name"] = mask_name("", customer.last_name)
    return shown
