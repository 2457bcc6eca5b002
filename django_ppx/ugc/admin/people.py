"""Customers as staff may see them: whole for who may see addresses, shortened for everybody else."""

from __future__ import annotations

from dataclasses import dataclass

from django_ppx.core.masking import mask_email, mask_name
from django_ppx.core.models import Customer


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """What a page says of a customer."""

    name: str
    email: str


def person_of(customer: Customer, *, may_see: bool) -> Person:
    """Return name and address, shortened unless the reader may see them. The number, where there is no name."""
    if may_see:
        name = f"{customer.first_name} {customer.last_name}".strip()
        return Person(name=name or str(customer), email=customer.email)
    name = mask_name(customer.first_name, customer.last_name)
    return Person(name=name or str(customer), email=mask_email(customer.email))
