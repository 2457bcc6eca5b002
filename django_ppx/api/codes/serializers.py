"""Baskets and codes as a shop's backend sends them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from django_ppx.api.fields import (
    AmountField,
    FlagField,
    StrictSerializer,
    TextField,
    WholeNumberField,
)
from django_ppx.api.orders.fields import NumberField
from django_ppx.api.orders.serializers import (
    MOST_LINES,
    CustomerSerializer,
    OrderSerializer,
    optional_text,
)
from django_ppx.rewards.models import CodeRedemption


class BasketLineSerializer(StrictSerializer):
    """One line of a basket."""

    total = AmountField(
        may_be_negative=True, help_text="What the line costs now, after the shop's own discounts."
    )
    sku = optional_text(150)
    category_path = optional_text(500)
    quantity = NumberField(required=False)


class BasketSerializer(StrictSerializer):
    """What a code is weighed against."""

    currency = TextField(max_length=3, help_text="ISO 4217, upper case.")
    total = AmountField(help_text="The goods, after the shop's own discounts, without shipping.")
    shipping = AmountField(required=False)
    lines = BasketLineSerializer(many=True, required=False, max_length=MOST_LINES)
    customer = CustomerSerializer(required=False)
    other_codes = serializers.ListField(
        child=TextField(max_length=100), max_length=50, required=False
    )
    order_ref = optional_text(100, "The number that the order will have, if there is one already.")


class TypedSerializer(StrictSerializer):
    """A code, however it is typed."""

    code = TextField(max_length=200)


class QuoteSerializer(TypedSerializer):
    """What does the code come to?"""

    basket = BasketSerializer()


class ReserveSerializer(TypedSerializer):
    """Hold one use while the customer pays."""

    order_ref = TextField(max_length=100, help_text="The number that the order will have.")
    basket = BasketSerializer()
    discount = AmountField(
        required=False, allow_null=True, help_text="What you take off; left out: what it comes to."
    )
    minutes = WholeNumberField(min_value=1, max_value=10_080, required=False)


class RedeemSerializer(TypedSerializer):
    """Use the code up for an order: one that is recorded, by its number, or one that is sent along."""

    order = OrderSerializer(required=False)
    order_ref = optional_text(100)
    discount = AmountField(
        required=False, allow_null=True, help_text="What you took off; left out: what it comes to."
    )

    def validate(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        if ("order" in values) == bool(values.get("order_ref")):
            sentence = _("Send the order, or the number of a recorded one.")
            raise ValidationError({"order": [ErrorDetail(str(sentence), code="required")]})
        return values


class ReleaseSerializer(TypedSerializer):
    """Give the use of an order that will not be back to the code."""

    order_ref = TextField(max_length=100)
    is_held_only = FlagField(
        required=False, help_text="Only what is reserved; a use that was redeemed stays."
    )


class QuotedSerializer(serializers.Serializer):
    """What the code takes off. Nothing is reserved."""

    code = serializers.CharField(help_text="As people read it.")
    currency = serializers.CharField()
    discount = serializers.CharField(help_text="Off the goods.")
    shipping_discount = serializers.CharField()
    total_discount = serializers.CharField(help_text="What the customer pays less.")
    line_discounts = serializers.ListField(
        child=serializers.CharField(), help_text="The discount split over the lines, in order."
    )
    text = serializers.CharField(help_text="In a few words, in the caller's language.")


class RedemptionSerializer(serializers.Serializer):
    """An order's use of a code."""

    code = serializers.CharField(help_text="As people read it.")
    order_ref = serializers.CharField()
    status = serializers.ChoiceField(choices=CodeRedemption.Status.values)
    currency = serializers.CharField()
    discount = serializers.CharField(help_text="Goods and shipping together.")
    reserved_until = serializers.DateTimeField(allow_null=True)
    redeemed_at = serializers.DateTimeField(allow_null=True)
    released_at = serializers.DateTimeField(allow_null=True)


class ReleasedSerializer(serializers.Serializer):
    """What became of the use; null where the order never had one."""

    redemption = RedemptionSerializer(allow_null=True)
