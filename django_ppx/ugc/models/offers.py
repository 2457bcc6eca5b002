"""The UGC reward offer: what is asked for, and what it earns."""

from __future__ import annotations

from datetime import datetime

from django.core.validators import FileExtensionValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from django_ppx.offers.models import Offer
from django_ppx.ugc.models.licences import UGCLicence


class UGCRewardOffer(Offer):
    """An offer that rewards photos, videos and posts of what was bought."""

    class AfterWithdrawal(models.TextChoices):
        KEEP = "keep", _("The customer keeps the reward")
        TAKE_BACK = "take_back", _("The reward is taken back, unless it was used")

    offer = models.OneToOneField(
        Offer, on_delete=models.CASCADE, parent_link=True, related_name="ugc_reward"
    )
    benefit = models.ForeignKey(
        "django_ppx.Benefit",
        on_delete=models.PROTECT,
        related_name="ugc_reward_offers",
        verbose_name=_("reward"),
        help_text=_("What an approved submission earns. Rewards already given keep their terms."),
    )
    reward_image = models.ImageField(
        _("picture of the reward"),
        upload_to="ppx/offers/%Y/%m/",
        blank=True,
        validators=[FileExtensionValidator(["jpg", "jpeg", "png", "webp"])],
    )
    licence = models.ForeignKey(
        UGCLicence,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("licence asked for"),
    )
    max_photos = models.PositiveSmallIntegerField(
        _("photos, at most"),
        default=5,
        validators=[MaxValueValidator(20)],
        help_text=_("In one submission. 0: no photos."),
    )
    max_videos = models.PositiveSmallIntegerField(
        _("videos, at most"),
        default=1,
        validators=[MaxValueValidator(5)],
        help_text=_("In one submission. 0: no videos."),
    )
    max_posts = models.PositiveSmallIntegerField(
        _("links to posts, at most"),
        default=0,
        validators=[MaxValueValidator(5)],
        help_text=_("In one submission. 0: no links."),
    )
    max_photo_megabytes = models.PositiveSmallIntegerField(
        _("size of a photo, MB"),
        default=20,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
        help_text=_("At most 20: a larger one would take too long to look at."),
    )
    max_video_megabytes = models.PositiveSmallIntegerField(
        _("size of a video, MB"),
        default=100,
        validators=[MinValueValidator(1), MaxValueValidator(2000)],
    )
    minimum_age = models.PositiveSmallIntegerField(
        _("minimum age"),
        null=True,
        blank=True,
        validators=[MinValueValidator(13), MaxValueValidator(99)],
        help_text=_("Customers confirm that they are so old. Empty: nobody is asked."),
    )
    asks_people_agreed = models.BooleanField(
        _("ask whether people shown agreed"),
        default=True,
        help_text=_("Customers confirm that everybody who can be recognised agreed to it."),
    )
    max_per_customer = models.PositiveIntegerField(
        _("submissions per customer"),
        null=True,
        blank=True,
        default=1,
        validators=[MinValueValidator(1)],
        help_text=_("Rejected ones do not count. Empty: no limit."),
    )
    max_total = models.PositiveIntegerField(
        _("submissions in total"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Rejected ones do not count. Empty: no limit."),
    )
    after_withdrawal = models.CharField(
        _("when the customer withdraws"),
        max_length=20,
        choices=AfterWithdrawal.choices,
        default=AfterWithdrawal.KEEP,
    )

    class Meta:
        verbose_name = _("UGC reward")
        verbose_name_plural = _("offers: UGC rewards")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(max_photos__gt=0)
                | models.Q(max_videos__gt=0)
                | models.Q(max_posts__gt=0),
                name="ppx_ugcrewardoffer_accepts_something",
                violation_error_message=_("Accept photos, videos or links to posts."),
            )
        ]

    def is_open(self, *, now: datetime) -> bool:
        """Return whether something can be sent in: the offer is active, and `now` lies in its dates."""
        has_begun = self.starts_at is None or self.starts_at <= now
        has_ended = self.ends_at is not None and self.ends_at <= now
        return self.status == Offer.Status.ACTIVE and has_begun and not has_ended


class UGCRewardOfferText(models.Model):
    """What the page of the offer says in one language."""

    ugc_offer = models.ForeignKey(
        UGCRewardOffer, on_delete=models.CASCADE, related_name="texts", verbose_name=_("offer")
    )
    language = models.CharField(_("language"), max_length=15)
    theme = models.CharField(
        pgettext_lazy("brief", "theme"),
        max_length=120,
        help_text=_("Such as: Your mornings with our mug."),
    )
    brief = models.TextField(
        _("brief"),
        max_length=4000,
        help_text=_("What you would like to see, and what not. Plain text; line breaks are kept."),
    )
    reward_text = models.TextField(
        _("what it earns"),
        max_length=1000,
        blank=True,
        help_text=_("The reward in your words. Empty: a sentence made from the benefit."),
    )
    disclosure = models.CharField(
        _("disclosure"),
        max_length=60,
        default="#ad",
        help_text=_("Stands first in the prepared text: a rewarded post must say that it is one."),
    )
    post_text = models.TextField(
        _("prepared text of a post"),
        max_length=1000,
        blank=True,
        help_text=_("Customers copy it into their post, after the disclosure."),
    )

    class Meta:
        verbose_name = _("text of a UGC reward")
        verbose_name_plural = _("texts of UGC rewards")
        ordering = ["language", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["ugc_offer", "language"],
                name="ppx_ugcrewardoffertext_language_unique",
                violation_error_message=_("There is a text in this language already."),
            )
        ]

    def __str__(self) -> str:
        return self.language
