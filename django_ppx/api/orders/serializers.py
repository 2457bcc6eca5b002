"""Orders as a shop in any language sends them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from django_ppx.api.fields import (
    AmountField,
    ChoiceField,
    FlagField,
    InstantField,
    StrictSerializer,
    TextField,
)
from django_ppx.api.orders.fields import DayField, NumberField
from django_ppx.shop.types import OrderStatus

MOST_ORDERS: Final = 100
MOST_LINES: Final = 500


def optional_text(max_length: int, help_text: str = "") -> TextField:
    return TextField(max_length=max_length, required=False, allow_blank=True, help_text=help_text)


class CustomerSerializer(StrictSerializer):
    """Who buys. Known by the account, else by the address, else by the phone number."""

    account_id = optional_text(100, "The shop's id of the account; left out for a guest.")
    email = optional_text(320)
    phone = optional_text(40, "As the customer wrote it.")
    first_name = optional_text(150)
    last_name = optional_text(150)
    language = optional_text(15, "BCP 47, such as de or pt-BR.")
    country = optional_text(2, "ISO 3166-1 alpha-2.")
    birthday = DayField(required=False, allow_null=True)
    interests = serializers.ListField(
        child=TextField(max_length=100), max_length=50, required=False
    )


class CampaignSerializer(StrictSerializer):
    """Where the visit came from: the utm_… parameters."""

    source = optional_text(150)
    medium = optional_text(150)
    name = optional_text(150)
    term = optional_text(150)
    content = optional_text(150)


class OrderLineSerializer(StrictSerializer):
    """One line of an order."""

    title = TextField(max_length=300)
    sku = optional_text(150)
    category_path = optional_text(500, 'From the root, joined with "/": Kitchen/Bowls.')
    quantity = NumberField(required=False, help_text='Text, such as "2" or "0.5"; 1 if left out.')
    unit_price = AmountField(required=False, may_be_negative=True)
    total = AmountField(
        required=False,
        may_be_negative=True,
        help_text="What is paid for the line, after its discounts.",
    )
    product_url = optional_text(1000)
    image_url = optional_text(1000)
    cost = AmountField(
        required=False,
        allow_null=True,
        may_be_negative=True,
        help_text="What the goods of the line cost the shop, for the whole quantity.",
    )


class OrderSerializer(StrictSerializer):
    """One order as it stands now."""

    number = TextField(max_length=100, help_text="The shop's own number, unique in the shop.")
    placed_at = InstantField()
    currency = TextField(max_length=3, help_text="ISO 4217, upper case.")
    total = AmountField(
        may_be_negative=True, help_text="With shipping and tax, after discounts; zero or more."
    )
    status = ChoiceField(choices=[each.value for each in OrderStatus], required=False)
    discount_total = AmountField(required=False)
    shipping = AmountField(required=False)
    tax = AmountField(
        required=False, help_text="Contained in the total, without the tax on shipping."
    )
    base_rate = NumberField(
        required=False,
        allow_null=True,
        help_text="What one unit of the currency is worth in the shop's base currency.",
    )
    discount_codes = serializers.ListField(
        child=TextField(max_length=100), max_length=50, required=False
    )
    is_test = FlagField(required=False)
    campaign = CampaignSerializer(required=False)
    customer = CustomerSerializer(required=False)
    lines = OrderLineSerializer(many=True, required=False, max_length=MOST_LINES)


class SentOrderSerializer(OrderSerializer):
    """One order, with what was refunded of it."""

    refunded = AmountField(
        required=False, allow_null=True, help_text="The sum of all refunds so far."
    )


class OrdersSerializer(StrictSerializer):
    """Up to 100 orders."""

    orders = SentOrderSerializer(many=True, min_length=1, max_length=MOST_ORDERS)

    def validate(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Refuse a number that stands there twice: which of the two would be the truth?"""
        seen: set[str] = set()
        for index, order in enumerate(values["orders"]):
            if order["number"] in seen:
                error = ErrorDetail(str(_("This number is in the list twice.")), code="unique")
                raise ValidationError({"orders": {str(index): {"number": [error]}}})
            seen.add(order["number"])
        return values


class OrderResultSerializer(serializers.Serializer):
    """What became of one order."""

    number = serializers.CharField()
    result = serializers.ChoiceField(choices=["recorded", "updated", "unchanged", "refused"])
    order_token = serializers.CharField(
        required=False, help_text="For the page of this order's customer. Not where it is refused."
    )
    reason = serializers.CharField(required=False, help_text="Where it is refused.")
    detail = serializers.CharField(required=False, help_text="Where it is refused.")


class OrderResultsSerializer(serializers.Serializer):
    """One result for each order, in their order."""

    results = OrderResultSerializer(many=True)


class RefundSerializer(StrictSerializer):
    """The sum of all refunds of the order so far."""

    amount = AmountField(required=False, allow_null=True, help_text="null or left out: all of it.")


class OrderTokenSerializer(serializers.Serializer):
    """What lets a front end ask for this order's offers."""

    order_token = serializers.CharField()
    expires_at = serializers.DateTimeField()
