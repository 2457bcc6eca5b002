"""What is sent in and answered about customers' photos, videos and posts."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from django_ppx.api.fields import (
    FlagField,
    InstantField,
    StrictSerializer,
    TextField,
    WholeNumberField,
)
from django_ppx.api.ugc.pages import PageField
from django_ppx.ugc.models import UGCMedia, UGCSubmission
from django_ppx.ugc.models.licences import Scope
from django_ppx.ugc.posts import MAX_LENGTH


class UgcBeginSerializer(StrictSerializer):
    offer = TextField(max_length=50, help_text="The short name of the offer.")
    reference = TextField(
        max_length=64,
        required=False,
        allow_blank=True,
        default="",
        help_text="Yours: the same one is the same submission.",
    )


class UgcSendSerializer(StrictSerializer):
    caption = TextField(max_length=1000, required=False, allow_blank=True, default="")
    product_sku = TextField(
        max_length=150,
        required=False,
        allow_blank=True,
        default="",
        help_text="Of a product of the order; empty for several, or none of them.",
    )
    posts = serializers.ListField(
        child=TextField(max_length=MAX_LENGTH),
        max_length=20,
        required=False,
        default=list,
        help_text="Addresses of posts on social networks.",
    )
    has_agreed = FlagField(help_text="Whether the customer ticked the box beside the licence.")
    licence_mark = TextField(
        max_length=64, help_text="Of the licence that was shown to the customer."
    )
    is_old_enough = FlagField(required=False, default=False)
    people_agreed = FlagField(required=False, default=False)
    page = PageField(help_text="The page on which the customer agreed: for the register.")


class UgcBeginUploadSerializer(StrictSerializer):
    name = TextField(max_length=300, required=False, allow_blank=True, default="")
    size = WholeNumberField(min_value=0, max_value=2**53, help_text="All bytes of the file.")


class UgcFileFormSerializer(serializers.Serializer):
    """One file, as a form sends it."""

    file = serializers.FileField()


class UgcFilesAcceptedSerializer(serializers.Serializer):
    """How many files of one kind, and how large."""

    most = serializers.IntegerField(help_text="In one submission. 0: none.")
    max_bytes = serializers.IntegerField()
    media_types = serializers.ListField(child=serializers.CharField())


class UgcAcceptedSerializer(serializers.Serializer):
    """What one submission takes."""

    photos = UgcFilesAcceptedSerializer()
    videos = UgcFilesAcceptedSerializer()
    posts = serializers.IntegerField(help_text="Links to posts. 0: none.")
    texts = serializers.ListField(
        child=serializers.CharField(), help_text="The same about files in words."
    )


class UgcEarnedSerializer(serializers.Serializer):
    """What an approved submission earns."""

    summary = serializers.CharField()
    text = serializers.CharField(allow_blank=True, help_text="In the words of the shop.")
    conditions = serializers.ListField(child=serializers.CharField())
    image_url = serializers.CharField(allow_blank=True)


class UgcLicenceSerializer(serializers.Serializer):
    """What the customer is asked to allow."""

    summary = serializers.CharField(help_text="The sentence beside the box.")
    text = serializers.CharField()
    mark = serializers.CharField(help_text="Of exactly this text; sent back with the agreement.")
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Scope.values))
    term = serializers.CharField()
    term_months = serializers.IntegerField(allow_null=True)


class UgcProductSerializer(serializers.Serializer):
    """One product of the order."""

    sku = serializers.CharField()
    title = serializers.CharField(allow_blank=True)


class UgcOfferingSerializer(serializers.Serializer):
    """A UGC reward that the order's customer may take part in."""

    offer = serializers.CharField()
    theme = serializers.CharField()
    brief = serializers.CharField()
    accepted = UgcAcceptedSerializer()
    reward = UgcEarnedSerializer()
    licence = UgcLicenceSerializer()
    minimum_age = serializers.IntegerField(allow_null=True)
    asks_people_agreed = serializers.BooleanField()
    disclosure = serializers.CharField(allow_blank=True, help_text="First in each post.")
    prepared_text = serializers.CharField(allow_blank=True, help_text="For a post.")
    products = UgcProductSerializer(many=True, help_text="To choose among; empty: no choice.")
    ends_at = InstantField(allow_null=True)
    has_room = serializers.BooleanField(help_text="Whether the customer's places are left.")


class UgcOfferingsSerializer(serializers.Serializer):
    """All of them, as offers stand on a page."""

    results = UgcOfferingSerializer(many=True)


class UgcPreviewSerializer(serializers.Serializer):
    """A picture of a file."""

    url = serializers.CharField()
    media_type = serializers.CharField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)


class UgcMediaSerializer(serializers.Serializer):
    """A photo or video as it was re-made."""

    key = serializers.CharField()
    type = serializers.ChoiceField(choices=UGCMedia.Type.values)
    name = serializers.CharField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    duration_seconds = serializers.FloatField(allow_null=True)
    previews = UgcPreviewSerializer(
        many=True, help_text="Smaller first; none of a video without a poster, or once removed."
    )


class UgcUploadSerializer(serializers.Serializer):
    """A large file on its way in."""

    id = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    size = serializers.IntegerField()
    offset = serializers.IntegerField(help_text="Where the next piece begins.")
    chunk_size = serializers.IntegerField(help_text="Bytes of a piece, at most.")
    media = UgcMediaSerializer(allow_null=True, help_text="Once all of it has arrived.")


class UgcCodeSerializer(serializers.Serializer):
    """The code of the reward."""

    text = serializers.CharField(help_text="Grouped for reading.")
    value = serializers.CharField(help_text="To be copied.")
    summary = serializers.CharField()
    conditions = serializers.ListField(child=serializers.CharField())
    expires_at = InstantField(allow_null=True)
    last_day = serializers.CharField(allow_blank=True)


class UgcRewardSerializer(serializers.Serializer):
    """What became of the reward."""

    state = serializers.ChoiceField(choices=["waiting", "given", "used", "expired", "taken_back"])
    summary = serializers.CharField()
    usable_from = serializers.CharField(allow_blank=True)
    code = UgcCodeSerializer(allow_null=True)


class UgcAgreedSerializer(serializers.Serializer):
    """What the customer agreed to."""

    summary = serializers.CharField()
    text = serializers.CharField()


class UgcSubmissionSerializer(serializers.Serializer):
    """What was begun or sent in, and how it stands."""

    id = serializers.CharField()
    offer = serializers.CharField()
    state = serializers.ChoiceField(choices=UGCSubmission.Status.values)
    title = serializers.CharField(help_text="How it stands.")
    next = serializers.CharField(allow_blank=True, help_text="What happens next.")
    theme = serializers.CharField(allow_blank=True)
    created_at = InstantField()
    sent_at = InstantField(allow_null=True)
    caption = serializers.CharField(allow_blank=True)
    product_sku = serializers.CharField(allow_blank=True)
    product_title = serializers.CharField(allow_blank=True)
    files = UgcMediaSerializer(many=True)
    posts = serializers.ListField(child=serializers.CharField())
    uploads = UgcUploadSerializer(many=True, help_text="On their way in.")
    promised = serializers.CharField(help_text="What it earns once it is approved.")
    reward = UgcRewardSerializer(allow_null=True)
    reason = serializers.CharField(allow_blank=True, help_text="Why it was rejected.")
    note = serializers.CharField(allow_blank=True, help_text="Words of the shop beside it.")
    licence = UgcAgreedSerializer(allow_null=True)
    can_withdraw = serializers.BooleanField()
    is_reward_taken_back = serializers.BooleanField(
        help_text="Whether withdrawing now takes the reward back."
    )


class UgcSubmissionPageSerializer(serializers.Serializer):
    """One page of them, newest first."""

    results = UgcSubmissionSerializer(many=True)
    next: Any = serializers.URLField(allow_null=True)
    previous: Any = serializers.URLField(allow_null=True)
