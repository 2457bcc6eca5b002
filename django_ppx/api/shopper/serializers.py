"""What a shopper's front end sends, and what it gets."""

from __future__ import annotations

from typing import Any, Final

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from django_ppx.api.fields import (
    ChoiceField,
    InstantField,
    StrictSerializer,
    TextField,
    WholeNumberField,
)
from django_ppx.offers.models import Placement

LONGEST_TOKEN: Final = 500
MOST_EVENTS: Final = 100


class PlacementSerializer(StrictSerializer):
    """Which offers are asked for."""

    placement = ChoiceField(
        choices=Placement.values, default=Placement.THANK_YOU.value, help_text="Where they stand."
    )
    language = TextField(
        max_length=35,
        required=False,
        help_text="A language tag (BCP 47) instead of `Accept-Language`. What the shop does not have falls back.",
    )
    limit = WholeNumberField(
        min_value=1,
        max_value=50,
        required=False,
        help_text="How many at most; without it the setting `PPX_PAGE_LIMIT`.",
    )


class FragmentRequestSerializer(PlacementSerializer):
    """Which offers are to be drawn."""

    heading = TextField(
        max_length=200,
        allow_blank=True,
        default="",
        help_text="Above the offers. Without it, one that only screen readers get.",
    )


class CardImageSerializer(serializers.Serializer):
    """A picture, with its real size where it is known."""

    url = serializers.CharField(help_text="Absolute.")
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    alt = serializers.CharField(allow_blank=True)


class CardCodeSerializer(serializers.Serializer):
    """A discount code. What the code is good for is in words, as it was promised."""

    text = serializers.CharField(help_text="Grouped for reading.")
    value = serializers.CharField(help_text="What is copied.")
    summary = serializers.CharField(allow_blank=True, help_text='In a few words: "10% off".')
    conditions = serializers.ListField(child=serializers.CharField())
    expires_at = InstantField(
        allow_null=True,
        help_text="The first instant at which it is no longer valid. A countdown is made from this alone.",
    )
    last_day = serializers.CharField(
        allow_blank=True, help_text="The last day on which it is valid, written out."
    )
    first_day = serializers.CharField(
        allow_blank=True,
        help_text='The first day on which it can be used, written out; "" when that is now.',
    )


class CardLinkSerializer(serializers.Serializer):
    """A way out of a card."""

    key = serializers.CharField(help_text="Names it in `follow`.")
    label = serializers.CharField()
    url = serializers.CharField(help_text="Absolute. Our signed redirect, which counts the click.")
    event = serializers.CharField(help_text="What following it is counted as.")
    channel = serializers.CharField(allow_blank=True)
    icon = serializers.CharField(allow_blank=True)
    is_external = serializers.BooleanField()


class CardDetailsSerializer(serializers.Serializer):
    """What is special to the kind; each kind has its own of these, and kinds of the shop's have further ones."""

    code_state = serializers.CharField(
        required=False,
        help_text="next_purchase_discount without a code: used_up, expired or revoked.",
    )
    reward = serializers.CharField(
        required=False, allow_blank=True, help_text="ugc_reward: what there is for it, in words."
    )
    share_text = serializers.CharField(
        required=False, allow_blank=True, help_text="share_prompt: the prepared text."
    )
    share_url = serializers.CharField(
        required=False, allow_blank=True, help_text="share_prompt: what is shared."
    )
    share_title = serializers.CharField(
        required=False, allow_blank=True, help_text="share_prompt: the title of what is shared."
    )
    copy_text = serializers.CharField(
        required=False, allow_blank=True, help_text="share_prompt: text and address, to be copied."
    )


class CardSerializer(serializers.Serializer):
    """One offer as the customer sees it."""

    card = serializers.CharField(help_text="Names this card in reports and in `cards/…`.")
    offer = serializers.CharField(help_text="The offer's short name.")
    kind = serializers.CharField()
    design = serializers.CharField()
    icon = serializers.CharField(allow_blank=True, help_text="A symbol of the icon sprite.")
    headline = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True, help_text="Plain text with line breaks.")
    button = serializers.CharField(allow_blank=True)
    language = serializers.CharField(allow_blank=True)
    direction = serializers.ChoiceField(choices=("ltr", "rtl"))
    is_dismissible = serializers.BooleanField()
    image = CardImageSerializer(allow_null=True)
    code = CardCodeSerializer(allow_null=True)
    links = CardLinkSerializer(many=True)
    details = CardDetailsSerializer()


class DecisionSerializer(serializers.Serializer):
    """The offers of one order at one placement, in order."""

    placement = serializers.ChoiceField(choices=Placement.values)
    language = serializers.CharField(help_text="The language of labels and dates.")
    offers = CardSerializer(many=True)


class FragmentSerializer(serializers.Serializer):
    """The same offers as HTML, and what it needs. All addresses are absolute."""

    html = serializers.CharField(allow_blank=True, help_text='"" where there is nothing to show.')
    stylesheets = serializers.ListField(child=serializers.CharField())
    script = serializers.CharField()
    icons = serializers.CharField()


class CardEventSerializer(StrictSerializer):
    """One report of what the customer did with a card."""

    id = TextField(max_length=64, trim_whitespace=False, help_text="Yours; the answer names it.")
    card = TextField(max_length=LONGEST_TOKEN)
    name = ChoiceField(choices=("impression", "copy", "share"))
    channel = ChoiceField(
        choices=("device",),
        required=False,
        help_text="Of a share: that it went through the device's own share sheet.",
    )


class CardEventsSerializer(StrictSerializer):
    """Reports, each with an id of its own."""

    events = CardEventSerializer(many=True, min_length=1, max_length=MOST_EVENTS)

    def validate_events(self, events: Any) -> Any:
        ids = [event["id"] for event in events]
        if len(set(ids)) < len(ids):
            raise serializers.ValidationError(
                [ErrorDetail("Each event has an id of its own.", code="not_unique")]
            )
        return events


class CardEventResultSerializer(serializers.Serializer):
    """What became of a report."""

    id = serializers.CharField()
    result = serializers.ChoiceField(
        choices=("recorded", "known", "accepted", "refused"),
        help_text="known: the same fact was recorded before; accepted: it will be.",
    )
    reason = serializers.ChoiceField(choices=("unknown_card",), required=False)


class CardEventResultsSerializer(serializers.Serializer):
    """One result per event, in their order."""

    results = CardEventResultSerializer(many=True)


class CardLinksSerializer(serializers.Serializer):
    """The ways out of a card."""

    links = CardLinkSerializer(many=True)


class FollowLinkSerializer(StrictSerializer):
    """Which link the customer takes."""

    key = TextField(max_length=100)


class CardDestinationSerializer(serializers.Serializer):
    """Where a link leads."""

    url = serializers.CharField(help_text="Absolute: http, https or mailto.")
