"""Purchases as answers, and how lists of them are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from django_ppx.api.fields import ChoiceField, FlagField, InstantField, TextField
from django_ppx.api.pagination import PageQuery, PageSerializer
from django_ppx.api.problems import Problem, Reason
from django_ppx.api.showing import (
    ShownCustomerSerializer,
    Sight,
    amount,
    customer_json,
    instant,
    number,
)
from django_ppx.core.identity import account_key, customer_keys
from django_ppx.core.models import Purchase
from django_ppx.core.recording import LineRecord, PurchaseRecord
from django_ppx.rewards.counting import with_reward_count
from django_ppx.shop.types import Customer


class CustomerQuery(PageQuery):
    """Whose rows: as the shop names the person, however an address is written."""

    customer_account_id = TextField(max_length=100, required=False)
    customer_email = TextField(max_length=320, required=False)


class PurchasesQuery(CustomerQuery):
    """Which purchases: those to which all of it applies."""

    order_ref = TextField(max_length=100, required=False)
    status = ChoiceField(choices=Purchase.Status.choices, required=False)
    is_test = FlagField(required=False)
    placed_from = InstantField(required=False)
    placed_before = InstantField(required=False)
    recorded_from = InstantField(required=False)
    recorded_before = InstantField(required=False)


_COLUMNS: Mapping[str, str] = {
    "order_ref": "order_ref",
    "status": "status",
    "is_test": "is_test",
    "placed_from": "placed_at__gte",
    "placed_before": "placed_at__lt",
    "recorded_from": "recorded_at__gte",
    "recorded_before": "recorded_at__lt",
}


def chosen(query: Mapping[str, Any], sight: Sight) -> QuerySet[Purchase]:
    """Return the purchases that `query` asks for, each with all that its answer needs."""
    wanted = {column: query[name] for name, column in _COLUMNS.items() if name in query}
    purchases = Purchase.objects.filter(**wanted)
    for keys in asked_customers(query, sight):
        purchases = purchases.of_customer(keys)
    return with_reward_count(purchases.select_related("customer"))


def asked_customers(query: Mapping[str, Any], sight: Sight) -> list[tuple[str, ...]]:
    """Return the keys of each customer that `query` names.

    :raises Problem: for an address from who may not see addresses: what is found would tell that the person buys here.
    """
    found: list[tuple[str, ...]] = []
    if "customer_account_id" in query:
        found.append((account_key(query["customer_account_id"]),))
    if "customer_email" in query:
        if not sight.addresses:
            raise Problem(Reason.NOT_ALLOWED)
        found.append(customer_keys(Customer(email=query["customer_email"])))
    return found


class ShownCampaignSerializer(serializers.Serializer):
    """Where the visit came from."""

    source = serializers.CharField(allow_blank=True)
    medium = serializers.CharField(allow_blank=True)
    name = serializers.CharField(allow_blank=True)
    term = serializers.CharField(allow_blank=True)
    content = serializers.CharField(allow_blank=True)


class PurchaseSerializer(serializers.Serializer):
    """An order as it was recorded. Amounts are text in major units of `currency`."""

    order_ref = serializers.CharField()
    status = serializers.ChoiceField(choices=Purchase.Status.values)
    placed_at = serializers.DateTimeField()
    currency = serializers.CharField()
    total = serializers.CharField()
    discount_total = serializers.CharField()
    shipping = serializers.CharField()
    refunded = serializers.CharField(help_text="The sum of all refunds so far.")
    discount_codes = serializers.ListField(child=serializers.CharField(allow_blank=True))
    language = serializers.CharField(allow_blank=True)
    country = serializers.CharField(allow_blank=True)
    campaign = ShownCampaignSerializer()
    is_test = serializers.BooleanField()
    recorded_at = serializers.DateTimeField()
    cancelled_at = serializers.DateTimeField(allow_null=True)
    reward_count = serializers.IntegerField(help_text="Rewards that name this order.")
    customer = ShownCustomerSerializer()


class ShownLineSerializer(serializers.Serializer):
    """One line, as bought."""

    title = serializers.CharField(allow_blank=True)
    sku = serializers.CharField(allow_blank=True)
    category_path = serializers.CharField(allow_blank=True)
    quantity = serializers.CharField()
    unit_price = serializers.CharField()
    total = serializers.CharField()
    product_url = serializers.CharField(allow_blank=True)
    image_url = serializers.CharField(allow_blank=True)


class WholePurchaseSerializer(PurchaseSerializer):
    """A purchase with its lines."""

    lines = ShownLineSerializer(many=True)


class PurchasePageSerializer(PageSerializer):
    """A page of purchases, the last recorded first. Their lines stand with each one."""

    results = PurchaseSerializer(many=True)


def purchase_json(purchase: Purchase, *, reward_count: int, sight: Sight) -> dict[str, Any]:
    currency = purchase.currency
    return {
        "order_ref": purchase.order_ref,
        "status": purchase.status,
        "placed_at": instant(purchase.placed_at),
        "currency": currency,
        "total": amount(purchase.total_minor, currency),
        "discount_total": amount(purchase.discount_minor, currency),
        "shipping": amount(purchase.shipping_minor, currency),
        "refunded": amount(purchase.refunded_minor, currency),
        "discount_codes": [_code(code, sight) for code in purchase.discount_codes],
        "language": purchase.language,
        "country": purchase.country,
        "campaign": {
            "source": purchase.utm_source,
            "medium": purchase.utm_medium,
            "name": purchase.utm_campaign,
            "term": purchase.utm_term,
            "content": purchase.utm_content,
        },
        "is_test": purchase.is_test,
        "recorded_at": instant(purchase.recorded_at),
        "cancelled_at": instant(purchase.cancelled_at),
        "reward_count": reward_count,
        "customer": customer_json(purchase.customer, sight),
    }


def record_json(record: PurchaseRecord, *, reward_count: int, sight: Sight) -> dict[str, Any]:
    """Return the purchase with its lines."""
    currency = record.purchase.currency
    shown = purchase_json(record.purchase, reward_count=reward_count, sight=sight)
    return {**shown, "lines": [_line_json(line, currency) for line in record.lines]}


def _line_json(line: LineRecord, currency: str) -> dict[str, str]:
    return {
        "title": line.title,
        "sku": line.sku,
        "category_path": line.category_path,
        "quantity": number(line.quantity),
        "unit_price": amount(line.unit_price_minor, currency),
        "total": amount(line.total_minor, currency),
        "product_url": line.product_url,
        "image_url": line.image_url,
    }


def _code(code: object, sight: Sight) -> str:
    return str(code) if sight.codes else f"{str(code)[:4]}…"
