"""Rewards as they are asked for and shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from django_ppx.api.fields import ChoiceField, StrictSerializer, TextField, WholeNumberField
from django_ppx.api.orders.purchases import CustomerQuery
from django_ppx.api.orders.serializers import optional_text
from django_ppx.api.pagination import PageSerializer
from django_ppx.api.showing import ShownCustomerSerializer
from django_ppx.rewards.models import Reward, RewardEntry

LARGEST_ID: Final = 2**63 - 1
LONGEST_NOTE: Final = 160
"""Leaves room for who wrote it: the ledger keeps 200 characters."""


class RewardsQuery(CustomerQuery):
    """Which rewards: those to which all of it applies."""

    order_ref = TextField(max_length=100, required=False, help_text="The order that earned it.")
    status = ChoiceField(choices=Reward.Status.choices, required=False)
    benefit = WholeNumberField(
        min_value=1, max_value=LARGEST_ID, required=False, help_text="Its id."
    )


class NamedCustomerSerializer(StrictSerializer):
    """Somebody who has ordered before, by one name at least; the account counts first, the phone number last."""

    account_id = optional_text(100)
    email = optional_text(320)
    phone = optional_text(40)
    country = optional_text(2, "Of a phone number without its country's prefix.")


class GiveSerializer(StrictSerializer):
    """A reward for a customer, or for the customer of an order."""

    reference = TextField(
        max_length=64,
        validators=[RegexValidator(r"^[!-~]+\Z", _("Visible ASCII signs only."))],
        help_text="Your own name for it: sent twice, there is one reward.",
    )
    benefit = WholeNumberField(min_value=1, max_value=LARGEST_ID, help_text="Its id.")
    customer = NamedCustomerSerializer(required=False)
    order_ref = optional_text(100, "The reward then names the order.")
    reason_type = ChoiceField(
        choices=[Reward.ReasonType.APOLOGY.value, Reward.ReasonType.STAFF.value],
        required=False,
        help_text="staff (a gift of the house) if left out.",
    )
    note = optional_text(LONGEST_NOTE, "Why; for your colleagues, the customer does not read it.")

    def validate(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        if ("customer" in values) == bool(values.get("order_ref")):
            sentence = _("Name the customer, or one of their orders.")
            raise ValidationError({"customer": [ErrorDetail(str(sentence), code="required")]})
        return values


class ReverseSerializer(StrictSerializer):
    """Why it is taken back."""

    why = TextField(max_length=LONGEST_NOTE, help_text="Kept in the history.")


class HandOverSerializer(StrictSerializer):
    """What there is to say about it."""

    note = optional_text(LONGEST_NOTE, "Such as a parcel number. Kept in the history.")


class ShownBenefitSerializer(serializers.Serializer):
    """What was given, as staff call it."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class RewardSerializer(serializers.Serializer):
    """A reward as it stands."""

    id = serializers.IntegerField()
    status = serializers.ChoiceField(choices=Reward.Status.values)
    type = serializers.CharField(help_text="percent, amount, free_shipping, gift or points.")
    text = serializers.CharField(
        allow_blank=True, help_text="What it is worth, in the caller's language."
    )
    code = serializers.CharField(
        allow_null=True,
        help_text="As people read it. null: it has none, or staff who ask may not see codes.",
    )
    benefit = ShownBenefitSerializer()
    customer = ShownCustomerSerializer()
    order_ref = serializers.CharField(allow_null=True, help_text="The order that earned it.")
    reason_type = serializers.ChoiceField(choices=Reward.ReasonType.values)
    reason = serializers.CharField(allow_blank=True)
    flag = serializers.ChoiceField(
        choices=Reward.Flag.values, allow_null=True, help_text="Why staff have to look at it."
    )
    kept_ppm = serializers.IntegerField(
        help_text="What refunds left of it, in parts per million: 1000000 is all."
    )
    granted_at = serializers.DateTimeField()
    vests_at = serializers.DateTimeField(allow_null=True, help_text="Usable from then on.")
    expires_at = serializers.DateTimeField(allow_null=True)


class EntrySerializer(serializers.Serializer):
    """One thing that happened to it."""

    number = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=RewardEntry.Kind.values)
    at = serializers.DateTimeField()
    by = serializers.CharField(allow_null=True, help_text="Who of staff.")
    why = serializers.CharField(allow_blank=True)
    order_ref = serializers.CharField(allow_blank=True)
    kept_ppm = serializers.IntegerField(allow_null=True)


class WholeRewardSerializer(RewardSerializer):
    """A reward with its history, oldest entry first."""

    entries = EntrySerializer(many=True)


class RewardPageSerializer(PageSerializer):
    """A page of rewards, the last granted first."""

    results = RewardSerializer(many=True)
