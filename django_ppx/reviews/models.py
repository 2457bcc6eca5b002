"""Where customers are asked for a review, and the rules of each place as data."""

from __future__ import annotations

from django.core.validators import URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.offers.models import Offer


class ReviewPlatform(models.Model):
    """One place to review the shop or a product, with the rules it sets (GUARD 7)."""

    class Asking(models.TextChoices):
        ALLOWED = "allowed", _("Customers may be asked")
        BADGE_ONLY = "badge_only", _("Never ask: a link to the profile only")

    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(_("short name"), max_length=50)
    icon = models.CharField(_("icon"), max_length=30, blank=True, default="star")
    url_template = models.CharField(
        _("address"),
        max_length=1000,
        help_text=_(
            "Where the review is written. May contain {order}, {sku}, {language} and {country}."
        ),
    )
    countries = models.JSONField(
        _("countries"),
        default=list,
        blank=True,
        help_text=_("Two-letter codes, such as DE. Empty: everywhere."),
    )
    asking = models.CharField(
        _("asking"), max_length=20, choices=Asking.choices, default=Asking.ALLOWED
    )
    allows_reward = models.BooleanField(
        _("allows a reward for a review"),
        default=False,
        help_text=_("Google, Amazon, Trustpilot and Yelp forbid it."),
    )
    requires_all_customers = models.BooleanField(
        _("all buyers must be asked alike"),
        default=True,
        help_text=_(
            "No asking only the happy, or only some: the offer may have no audience that selects."
        ),
    )
    rules_source = models.CharField(
        _("source of the rules"),
        max_length=500,
        blank=True,
        validators=[URLValidator(schemes=["http", "https"])],
    )
    rules_checked_date = models.DateField(_("rules checked on"), null=True, blank=True)
    priority = models.PositiveSmallIntegerField(
        _("order"), default=100, help_text=_("Lowest first.")
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("review platform")
        verbose_name_plural = _("review platforms")
        ordering = ["priority", "name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["slug"], name="ppx_reviewplatform_slug_unique")
        ]

    def __str__(self) -> str:
        return self.name


class ReviewRequest(Offer):
    """An offer that leads to one or more review platforms, chosen by the customer's country."""

    offer = models.OneToOneField(
        Offer, on_delete=models.CASCADE, parent_link=True, related_name="review_request"
    )
    platforms = models.ManyToManyField(
        ReviewPlatform,
        related_name="review_requests",
        verbose_name=_("platforms"),
        help_text=_("A review request never carries a reward: no code, no points, no gift."),
    )
    max_platforms = models.PositiveSmallIntegerField(
        _("platforms shown at most"),
        default=1,
        help_text=_("The first that fit the customer's country."),
    )

    class Meta:
        verbose_name = _("review request")
        verbose_name_plural = _("offers: review requests")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(max_platforms__gte=1),
                name="ppx_reviewrequest_max_platforms_positive",
                violation_error_message=_("Show at least one platform."),
            )
        ]
