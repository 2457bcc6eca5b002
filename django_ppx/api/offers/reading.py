"""What bodies and addresses of offers and audiences may say. What a kind takes in `settings`, its own form says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from rest_framework import serializers

from django_ppx.api.fields import (
    ChoiceField,
    FlagField,
    InstantField,
    StrictSerializer,
    TextField,
    WholeNumberField,
)
from django_ppx.api.pagination import PageQuery
from django_ppx.api.problems import Problem, Reason
from django_ppx.offers.faults import InvalidContent
from django_ppx.offers.models import Audience, Offer, OfferVariant, Placement
from django_ppx.offers.variant_forms import MOST_VARIANTS

LARGEST: Final = 2**31 - 1
"""Of the smallest column on any database."""


@contextmanager
def translated() -> Iterator[None]:
    """Turn what the services of offers say into problems."""
    try:
        yield
    except InvalidContent as error:
        faults = tuple(fault.as_dict() for fault in error.faults)
        raise Problem(Reason.INVALID, errors=faults) from error
    except (Offer.DoesNotExist, Audience.DoesNotExist):
        raise Problem(Reason.NOT_FOUND) from None


class OfferQuery(PageQuery):
    status = ChoiceField(choices=Offer.Status.choices, required=False)
    kind = TextField(max_length=50, required=False, help_text="The name of a kind.")
    placement = ChoiceField(choices=Placement.choices, required=False)
    audience = WholeNumberField(
        min_value=1, max_value=2**63 - 1, required=False, help_text="The id of an audience."
    )
    q = TextField(max_length=120, required=False, help_text="A part of the name or short name.")


class SentTextSerializer(StrictSerializer):
    """A variant's words in one language. Pictures are uploaded in admin; their description can be written here."""

    language = TextField(max_length=15, help_text="One of the shop's, such as “de”.")
    headline = TextField(max_length=160, required=False)
    text = TextField(max_length=2000, allow_blank=True, required=False)
    button = TextField(max_length=60, allow_blank=True, required=False)
    image_alt = TextField(max_length=200, allow_blank=True, required=False)


class SentVariantSerializer(StrictSerializer):
    """One wording and look, found by its label."""

    label = TextField(max_length=40)
    design = ChoiceField(choices=OfferVariant.Design.choices, required=False)
    weight = WholeNumberField(min_value=0, max_value=LARGEST, required=False)
    texts = SentTextSerializer(
        many=True,
        required=False,
        max_length=100,
        help_text="All that there shall be, one for each language.",
    )


class OfferFieldsSerializer(StrictSerializer):
    """What can be said of an offer."""

    name = TextField(max_length=120, required=False, help_text="For staff.")
    slug = TextField(max_length=60, required=False, help_text="The short name.")
    starts_at = InstantField(required=False, allow_null=True, help_text="null: at once.")
    ends_at = InstantField(required=False, allow_null=True, help_text="null: never.")
    priority = WholeNumberField(
        min_value=0, max_value=LARGEST, required=False, help_text="Lowest first."
    )
    placements = serializers.ListField(
        child=ChoiceField(choices=Placement.choices),
        min_length=1,
        max_length=len(Placement.choices),
        required=False,
    )
    audience = WholeNumberField(
        min_value=1,
        max_value=2**63 - 1,
        required=False,
        allow_null=True,
        help_text="The id of an audience; null: everybody.",
    )
    page_behaviour = ChoiceField(choices=Offer.PageBehaviour.choices, required=False)
    is_dismissible = FlagField(required=False)
    hide_when_done = FlagField(required=False)
    cap_count = WholeNumberField(
        min_value=1, max_value=LARGEST, required=False, allow_null=True, help_text="null: no limit."
    )
    cap_days = WholeNumberField(
        min_value=1, max_value=3650, required=False, allow_null=True, help_text="null: ever."
    )
    variants = SentVariantSerializer(
        many=True,
        required=False,
        max_length=MOST_VARIANTS,
        help_text="All that there shall be. One that customers have seen stays.",
    )
    settings = serializers.DictField(
        required=False, help_text="What is particular to the kind; see the list of kinds."
    )


class OfferChangeSerializer(OfferFieldsSerializer):
    """What stays as it is may be left out."""

    version = TextField(
        max_length=64,
        required=False,
        help_text="As it was read: if somebody changed the offer meanwhile, nothing is written.",
    )


class NewOfferSerializer(OfferFieldsSerializer):
    """What is left out is as in the form of a new offer."""

    kind = TextField(max_length=50, help_text="The name of a kind.")
    name = TextField(max_length=120, help_text="For staff.")


class EmptySerializer(StrictSerializer):
    """Nothing."""


class ValueField(serializers.JSONField):
    """Any JSON, as it was read: whoever knows the type looks at it."""

    def to_internal_value(self, data: Any) -> Any:
        return data


class SentRuleSerializer(StrictSerializer):
    """One condition on one trait."""

    trait = TextField(max_length=60)
    operator = TextField(max_length=20)
    value: Any = ValueField(
        required=False, allow_null=True, help_text="Of the type that the trait has."
    )


class AudienceFieldsSerializer(StrictSerializer):
    """What can be said of an audience."""

    name = TextField(max_length=120, required=False)
    description = TextField(max_length=300, allow_blank=True, required=False)
    groups = serializers.ListField(
        child=serializers.ListField(child=SentRuleSerializer(), min_length=1, max_length=50),
        max_length=50,
        required=False,
        help_text="All rules of one group must hold; one group that holds is enough. None: everybody.",
    )


class AudienceChangeSerializer(AudienceFieldsSerializer):
    """What stays as it is may be left out."""

    version = TextField(
        max_length=64,
        required=False,
        help_text="As it was read: if somebody changed the audience meanwhile, nothing is written.",
    )


class NewAudienceSerializer(AudienceFieldsSerializer):
    """Without rules it is everybody."""

    name = TextField(max_length=120)
