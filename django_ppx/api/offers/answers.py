"""What answers about offers and audiences look like. The services make them; these classes describe them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from django_ppx.api.fields import InstantField
from django_ppx.api.pagination import PageSerializer
from django_ppx.offers.models import Offer, OfferVariant, Placement


class VariantImageSerializer(serializers.Serializer):
    url = serializers.CharField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)


class TextSerializer(serializers.Serializer):
    language = serializers.CharField()
    headline = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True)
    button = serializers.CharField(allow_blank=True)
    image = VariantImageSerializer(allow_null=True)
    image_alt = serializers.CharField(allow_blank=True)


class VariantSerializer(serializers.Serializer):
    label = serializers.CharField()
    design = serializers.ChoiceField(choices=OfferVariant.Design.choices)
    weight = serializers.IntegerField()
    texts = TextSerializer(many=True)


class OfferSerializer(serializers.Serializer):
    """An offer as staff write it."""

    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    status = serializers.ChoiceField(choices=Offer.Status.choices)
    starts_at = InstantField(allow_null=True)
    ends_at = InstantField(allow_null=True)
    priority = serializers.IntegerField()
    placements = serializers.ListField(child=serializers.ChoiceField(choices=Placement.choices))
    audience = serializers.IntegerField(allow_null=True, help_text="Its id; null: everybody.")
    page_behaviour = serializers.ChoiceField(choices=Offer.PageBehaviour.choices)
    is_dismissible = serializers.BooleanField()
    hide_when_done = serializers.BooleanField()
    cap_count = serializers.IntegerField(allow_null=True)
    cap_days = serializers.IntegerField(allow_null=True)
    created_at = InstantField()
    variants = VariantSerializer(many=True)
    settings = serializers.DictField(help_text="What is particular to the kind.")
    version = serializers.CharField(help_text="Another one after each change.")


class OfferPageSerializer(PageSerializer):
    results = OfferSerializer(many=True)


class CountsSerializer(serializers.Serializer):
    """Orders of customers, without tests."""

    shown = serializers.IntegerField()
    clicked = serializers.IntegerField()
    redeemed = serializers.IntegerField()


class OfferDetailSerializer(OfferSerializer):
    counts = CountsSerializer()


class RuleSerializer(serializers.Serializer):
    trait = serializers.CharField()
    operator = serializers.CharField()
    value: Any = serializers.JSONField(allow_null=True)


class AudienceSerializer(serializers.Serializer):
    """Who sees an offer."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    groups = serializers.ListField(child=serializers.ListField(child=RuleSerializer()))
    version = serializers.CharField(help_text="Another one after each change.")


class AudiencePageSerializer(PageSerializer):
    results = AudienceSerializer(many=True)


class OperatorSerializer(serializers.Serializer):
    name = serializers.CharField()
    label: Any = serializers.CharField()
    needs_value = serializers.BooleanField()


class TraitSerializer(serializers.Serializer):
    """One fact that rules ask about."""

    name = serializers.CharField()
    label: Any = serializers.CharField()
    group = serializers.CharField()
    type = serializers.CharField()
    hint = serializers.CharField(allow_blank=True)
    operators = OperatorSerializer(many=True)


class TraitsSerializer(serializers.Serializer):
    results = TraitSerializer(many=True)


class ChoiceSerializer(serializers.Serializer):
    value = serializers.CharField()
    label: Any = serializers.CharField()


class PlainFieldSerializer(serializers.Serializer):
    """One column of a kind, or of its rows."""

    name = serializers.CharField()
    label: Any = serializers.CharField()
    help_text: Any = serializers.CharField(allow_blank=True)
    type = serializers.CharField()
    is_required = serializers.BooleanField()
    may_be_null = serializers.BooleanField()
    is_read_only = serializers.BooleanField()
    choices = ChoiceSerializer(many=True)
    refers_to = serializers.CharField(allow_blank=True, help_text="The model of a reference.")
    max_length = serializers.IntegerField(allow_null=True)


class KindFieldSerializer(PlainFieldSerializer):
    fields_of_rows = PlainFieldSerializer(many=True, help_text="Of the type “rows”.")


class KindSerializer(serializers.Serializer):
    """A kind of offer, and what it takes in `settings`."""

    name = serializers.CharField()
    label: Any = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    settings = KindFieldSerializer(many=True)


class KindsSerializer(serializers.Serializer):
    results = KindSerializer(many=True)
