"""UGC rewards among the offers: what is asked for, what it earns, what is allowed with it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from django_ppx.offers.admin import OfferKindAdmin
from django_ppx.offers.admin.parts import OfferPartPermissions
from django_ppx.offers.models import Offer
from django_ppx.ugc.admin.languages import LanguageTextInline, LanguageTexts
from django_ppx.ugc.admin.order_links import OrderLinks
from django_ppx.ugc.models import UGCRewardOffer, UGCRewardOfferText
from django_ppx.ugc.offer_forms import (
    UGCRewardOfferForm,
    UGCRewardOfferTextForm,
    UGCRewardOfferTextFormSet,
)


class UGCRewardOfferTextInline(OfferPartPermissions, LanguageTextInline):
    """The words of the page on which customers send something in."""

    model = UGCRewardOfferText
    form = UGCRewardOfferTextForm
    formset = UGCRewardOfferTextFormSet
    fk_name = "ugc_offer"
    verbose_name_plural = _("what the page says")


@admin.register(UGCRewardOffer)
class UGCRewardOfferAdmin(OrderLinks, LanguageTexts, OfferKindAdmin):
    """Photos, videos and posts, for a reward."""

    kind_name = "ugc_reward"
    kind_inlines = (UGCRewardOfferTextInline,)
    form = UGCRewardOfferForm

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["django_ppx/admin/ugc.css"]}

    def get_fieldsets(self, request: HttpRequest, obj: Offer | None = None) -> Any:
        says, *rest = super().get_fieldsets(request, obj)
        asked = (
            ("max_photos", "max_videos", "max_posts"),
            ("max_photo_megabytes", "max_video_megabytes"),
        )
        return [
            says,
            (
                _("What is asked for"),
                {
                    "fields": asked,
                    "description": _(
                        "Photos are JPEG, PNG, WebP or HEIC, videos MP4, MOV or WebM. "
                        "Links lead to posts on social networks."
                    ),
                },
            ),
            (_("What it earns"), {"fields": ("benefit", "reward_image", "after_withdrawal")}),
            (
                _("Licence and conditions"),
                {
                    "fields": ("licence", "minimum_age", "asks_people_agreed"),
                    "description": _(
                        "Customers tick a box for each. Nothing is shown without the licence."
                    ),
                },
            ),
            (_("How often"), {"fields": (("max_per_customer", "max_total"),)}),
            *rest,
        ]
