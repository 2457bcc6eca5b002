"""The forms of a UGC reward: what is asked and earned, and the words of its page in every language."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from django_ppx.offers.forms import OfferForm
from django_ppx.offers.models import Offer
from django_ppx.offers.pictures import clean_picture
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.ugc.language_forms import LanguageTextForm, LanguageTextFormSet
from django_ppx.ugc.models import UGCRewardOffer, UGCRewardOfferText

PICTURE_SIDE = 800
"""Pixels of the longer side of the reward's picture, which is shown beside a sentence."""


class UGCRewardOfferForm(OfferForm):
    """An offer that is switched on needs a licence with a text, and a reward that can be used."""

    class Meta:
        model = UGCRewardOffer
        fields = "__all__"  # the admin's fieldsets say which

    def clean_reward_image(self) -> Any:
        """Make the picture small and harmless, whatever was uploaded."""
        picture = self.cleaned_data["reward_image"]
        if isinstance(picture, UploadedFile):
            return clean_picture(picture, size=picture.size or 0, max_side=PICTURE_SIDE)
        return picture

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("status") != Offer.Status.ACTIVE:
            return data
        licence, benefit = data.get("licence"), data.get("benefit")
        if licence is not None and not licence.texts.exists():
            self.add_error("licence", _("The licence has no text yet."))
        if benefit is not None and FrozenTerms.of(benefit).first_order_only:
            self.add_error(
                "benefit",
                _("This is for a first order only: nobody who gets the code could use it."),
            )
        return data


class UGCRewardOfferTextForm(LanguageTextForm):
    """Theme, brief, reward and prepared text in one language."""

    class Meta:
        model = UGCRewardOfferText
        fields = ("language", "theme", "brief", "reward_text", "disclosure", "post_text")
        widgets = {
            "brief": forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
            "reward_text": forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
            "post_text": forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        }


class UGCRewardOfferTextFormSet(LanguageTextFormSet):
    """A draft may be without words; what customers see may not."""

    no_text_message = _("Write the theme and the brief in at least one language.")

    def needs_text(self) -> bool:
        return bool(self.instance.status == Offer.Status.ACTIVE)
