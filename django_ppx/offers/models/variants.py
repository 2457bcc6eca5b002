"""The wordings and looks of an offer."""

from __future__ import annotations

from django.core.validators import FileExtensionValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.offers.models.offers import Offer


class OfferVariant(models.Model):
    """One wording and look of an offer. Its share of customers is its weight over the sum of weights."""

    class Design(models.TextChoices):
        TICKET = "ticket", _("Coupon ticket")
        CARD = "card", _("Card")
        BANNER = "banner", _("Slim banner")

    offer = models.ForeignKey(
        Offer, on_delete=models.CASCADE, related_name="variants", verbose_name=_("offer")
    )
    label = models.CharField(_("label"), max_length=40, default="A")
    design = models.CharField(
        _("design"), max_length=20, choices=Design.choices, default=Design.CARD
    )
    weight = models.PositiveIntegerField(
        _("weight"),
        default=1,
        help_text=_(
            "Its share of customers, against the other variants. 0: no further order shows it."
        ),
    )

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        ordering = ["label", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["offer", "label"],
                name="ppx_offervariant_label_unique",
                violation_error_message=_("The offer has a variant of this label already."),
            )
        ]

    def __str__(self) -> str:
        return self.label


class OfferVariantText(models.Model):
    """A variant's words and picture in one language. Looked up exactly, then base language, then the default."""

    variant = models.ForeignKey(
        OfferVariant, on_delete=models.CASCADE, related_name="texts", verbose_name=_("variant")
    )
    language = models.CharField(_("language"), max_length=15)
    headline = models.CharField(_("headline"), max_length=160)
    text = models.TextField(
        _("text"), max_length=2000, blank=True, help_text=_("Plain text; line breaks are kept.")
    )
    button = models.CharField(_("button"), max_length=60, blank=True)
    image = models.ImageField(
        _("picture"),
        upload_to="ppx/offers/%Y/%m/",
        blank=True,
        width_field="image_width",
        height_field="image_height",
        validators=[FileExtensionValidator(["jpg", "jpeg", "png", "webp"])],
    )
    image_width = models.PositiveIntegerField(
        _("picture width"), null=True, blank=True, editable=False
    )
    image_height = models.PositiveIntegerField(
        _("picture height"), null=True, blank=True, editable=False
    )
    image_alt = models.CharField(
        _("picture description"),
        max_length=200,
        blank=True,
        help_text=_("Read to people who can't see the picture."),
    )

    class Meta:
        verbose_name = _("text")
        verbose_name_plural = _("texts")
        ordering = ["language", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["variant", "language"],
                name="ppx_offervarianttext_language_unique",
                violation_error_message=_("The variant has a text in this language already."),
            )
        ]

    def __str__(self) -> str:
        return self.language
