"""Finding the customer to whom staff give something: by an order's number, or by an address."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.core.identity import customer_keys
from django_ppx.core.models import Customer, CustomerKey, Purchase
from django_ppx.core.texts import clean_text
from django_ppx.exceptions import Refusal
from django_ppx.shop import types


class UnknownRecipient(Refusal):
    """Nobody is known by that number or address."""

    class Reason(models.TextChoices):
        NO_SUCH_ORDER = (
            "no_such_order",
            _("There is no order of this number here. It is known as soon as the shop reports it."),
        )
        NOT_A_CUSTOMER = (
            "not_a_customer",
            _("Nobody has ordered with this address yet. Rewards are for customers."),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipient:
    """Who gets it, and the order that it is about, if one was named."""

    customer: Customer
    purchase: Purchase | None = None


def recipient_of_order(order_ref: str) -> Recipient:
    """Return the buyer of the order with exactly this number.

    :raises UnknownRecipient: when there is none.
    """
    wanted = clean_text(order_ref)
    found = Purchase.objects.select_related("customer__merged_into").filter(order_ref=wanted)
    # Compared once more: a column that compares without case must not hand over another's order.
    purchase = next((row for row in found if row.order_ref == wanted), None)
    if purchase is None:
        raise UnknownRecipient(UnknownRecipient.Reason.NO_SUCH_ORDER)
    return Recipient(customer=_final(purchase.customer), purchase=purchase)


def recipient_at(email: str) -> Recipient:
    """Return the customer of this address, however it is written.

    :raises UnknownRecipient: when there is none.
    """
    return recipient_named(types.Customer(email=email))


def recipient_named(customer: types.Customer) -> Recipient:
    """Return the stored customer who is named like this: by the account, else the address, else the phone number.

    :raises UnknownRecipient: when there is none.
    """
    keys = customer_keys(customer)
    rows = CustomerKey.objects.filter(key__in=keys).select_related("customer__merged_into")
    found = {row.key: row.customer for row in rows} if keys else {}
    for key in keys:
        if key in found:
            return Recipient(customer=_final(found[key]))
    raise UnknownRecipient(UnknownRecipient.Reason.NOT_A_CUSTOMER)


def _final(customer: Customer) -> Customer:
    return customer.merged_into or customer
