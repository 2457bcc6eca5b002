"""What customers may be shown: offers, their variants and texts, audiences, and the record of what was shown.

One row of `Offer` per offer; what a kind needs beyond it stands in the kind's own child table.
"""

from __future__ import annotations

import uuid

from django.core.validators import FileExtensionValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from django_ppx.offers.querysets import OfferPresentationQuerySet, OfferQuerySet
from django_ppx.offers.validators import validate_color, validate_placements


class Placement(models.TextChoices):
    THANK_YOU = "thank_you", _("Thank-you page")
    ORDER_STATUS = "order_status", _("Order status")
    ACCOUNT = "account", _("Account")
    EMAIL = "email", _("E-mail")
    SITE = "site", _("Elsewhere in the shop")


def new_salt() -> str:
    return get_random_string(16)


def default_placements() -> list[str]:
    return [Placement.THANK_YOU.value]


class Audience(models.Model):
    """A reusable set of rules: AND inside a group, OR between groups. No rules: everybody."""

    name = models.CharField(_("name"), max_length=120)
    description = models.CharField(_("description"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("audience")
        verbose_name_plural = _("audiences")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                name="ppx_audience_name_unique",
                violation_error_message=_("There is an audience of this name already."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class AudienceRule(models.Model):
    """One condition on one trait. `value` is JSON in the shape that the trait's type reads."""

    audience = models.ForeignKey(
        Audience, on_delete=models.CASCADE, related_name="rules", verbose_name=_("audience")
    )
    group = models.PositiveSmallIntegerField(
        _("group"),
        default=1,
        help_text=_("Rules of one group must all hold; one group that holds is enough."),
    )
    trait = models.CharField(_("trait"), max_length=60)
    operator = models.CharField(_("comparison"), max_length=20)
    value = models.JSONField(_("value"), default=None, null=True, blank=True)

    class Meta:
        verbose_name = _("audience rule")
        verbose_name_plural = _("rules")
        ordering = ["group", "pk"]

    def __str__(self) -> str:
        return f"{self.trait} {self.operator}"


class Offer(models.Model):
    """Anything a customer may be shown. The kind's own columns stand in a child table of the same key."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")
        ARCHIVED = "archived", _("Archived")

    class PageBehaviour(models.TextChoices):
        STACK = "stack", _("Together with others")
        ALONE = "alone", _("Alone: nothing else is shown")
        FILLER = "filler", _("Only when nothing else is shown")

    name = models.CharField(
        _("name"), max_length=120, help_text=_("For you; customers never see it.")
    )
    slug = models.SlugField(
        _("short name"), max_length=60, help_text=_("Used by developers and in exports.")
    )
    kind = models.CharField(_("kind"), max_length=50, editable=False)
    status = models.CharField(
        _("status"), max_length=20, choices=Status.choices, default=Status.DRAFT
    )
    starts_at = models.DateTimeField(
        _("starts"), null=True, blank=True, help_text=_("Empty: at once.")
    )
    ends_at = models.DateTimeField(
        _("ends"),
        null=True,
        blank=True,
        help_text=_("From this moment on it is no longer shown. Empty: never."),
    )
    priority = models.PositiveIntegerField(
        _("priority"),
        default=100,
        help_text=_("Lowest first, when a page has room for only a few."),
    )
    placements = models.JSONField(
        _("where"), default=default_placements, validators=[validate_placements]
    )
    audience = models.ForeignKey(
        Audience,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="offers",
        verbose_name=_("audience"),
        help_text=_("Empty: everybody."),
    )
    page_behaviour = models.CharField(
        _("on the page"), max_length=20, choices=PageBehaviour.choices, default=PageBehaviour.STACK
    )
    is_dismissible = models.BooleanField(
        _("can be dismissed"),
        default=True,
        help_text=_("A dismissed offer is not shown to that customer again."),
    )
    hide_when_done = models.BooleanField(
        _("hide when done"),
        default=False,
        help_text=_(
            "Once the customer did what the offer asks, it is not shown with later orders."
        ),
    )
    cap_count = models.PositiveIntegerField(
        _("shown at most"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("How many orders of one customer may show it. Empty: no limit."),
    )
    cap_days = models.PositiveIntegerField(
        _("within (days)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
        help_text=_("Empty: ever."),
    )
    salt = models.CharField(_("salt"), max_length=32, default=new_salt, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers: all")
        ordering = ["priority", "pk"]
        permissions = [("activate_offer", _("Can activate and pause offers"))]
        constraints = [
            models.UniqueConstraint(
                fields=["slug"],
                name="ppx_offer_slug_unique",
                violation_error_message=_("There is an offer of this short name already."),
            ),
            models.CheckConstraint(
                condition=~models.Q(kind=""),
                name="ppx_offer_kind_set",
                violation_error_message=_("An offer is of one kind."),
            ),
            models.CheckConstraint(
                condition=models.Q(starts_at__isnull=True)
                | models.Q(ends_at__isnull=True)
                | models.Q(ends_at__gt=models.F("starts_at")),
                name="ppx_offer_window_ordered",
                violation_error_message=_("The end lies after the start."),
            ),
            models.CheckConstraint(
                condition=models.Q(cap_days__isnull=True) | models.Q(cap_count__isnull=False),
                name="ppx_offer_cap_days_needs_count",
                violation_error_message=_("Say how often within these days."),
            ),
        ]
        indexes = [
            # OfferQuerySet.compiled: what the snapshot loads
            models.Index(fields=["status", "priority"], name="ppx_offer_status_priority"),
        ]

    def __str__(self) -> str:
        return self.name


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
        help_text=_("Its share of customers, against the other variants. 0: nobody new."),
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


class OfferPresentation(models.Model):
    """An offer on the page of one purchase: written once, then the same variant and code for good.

    Also the customer's history with the offer: the frequency cap counts these rows, `dismissed_at` and `done_at`
    say how it ended.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    offer = models.ForeignKey(
        Offer, on_delete=models.CASCADE, related_name="presentations", verbose_name=_("offer")
    )
    variant = models.ForeignKey(
        OfferVariant,
        on_delete=models.PROTECT,
        related_name="presentations",
        verbose_name=_("variant"),
    )
    purchase = models.ForeignKey(
        "django_ppx.Purchase",
        on_delete=models.CASCADE,
        related_name="presentations",
        verbose_name=_("purchase"),
    )
    customer = models.ForeignKey(
        "django_ppx.Customer",
        on_delete=models.CASCADE,
        related_name="presentations",
        verbose_name=_("customer"),
    )
    placement = models.CharField(_("placement"), max_length=20, choices=Placement.choices)
    language = models.CharField(_("language"), max_length=15, blank=True)
    code = models.ForeignKey(
        "django_ppx.DiscountCode",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="presentations",
        verbose_name=_("code"),
    )
    presented_at = models.DateTimeField(_("presented at"))
    dismissed_at = models.DateTimeField(_("dismissed at"), null=True, blank=True)
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)

    objects = OfferPresentationQuerySet.as_manager()

    class Meta:
        verbose_name = _("offer presentation")
        verbose_name_plural = _("offer presentations")
        constraints = [
            models.UniqueConstraint(
                fields=["purchase", "offer", "placement"], name="ppx_offerpresentation_once"
            )
        ]
        indexes = [
            # OfferPresentationQuerySet.history
            models.Index(fields=["customer", "offer"], name="ppx_presentation_customer"),
            # counts per offer and day in insights
            models.Index(fields=["offer", "presented_at"], name="ppx_presentation_offer_at"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class OfferRevision(models.Model):
    """One row whose stamp changes with every change to what offers show. The freshness query reads it."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    stamp = models.CharField(_("stamp"), max_length=32)

    class Meta:
        verbose_name = _("offer revision")
        verbose_name_plural = _("offer revision")
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="ppx_offerrevision_single")
        ]

    def __str__(self) -> str:
        return self.stamp


class Theme(models.Model):
    """The shop's colours and shapes. At most one is active; without one the offers take the defaults."""

    class Font(models.TextChoices):
        HOST = "host", _("The shop's own")
        SANS = "sans", _("Sans-serif")
        SERIF = "serif", _("Serif")
        MONO = "mono", _("Monospaced")

    class Spacing(models.TextChoices):
        TIGHT = "tight", _("Tight")
        NORMAL = "normal", _("Normal")
        AIRY = "airy", _("Airy")

    name = models.CharField(_("name"), max_length=80)
    is_active = models.BooleanField(
        _("active"),
        null=True,
        default=None,
        help_text=_("True or empty, never false: a unique column allows one."),
    )
    accent = models.CharField(
        _("accent"), max_length=7, default="#3b5bdb", validators=[validate_color]
    )
    surface = models.CharField(
        _("surface"), max_length=7, default="#ffffff", validators=[validate_color]
    )
    text = models.CharField(_("text"), max_length=7, default="#1d1d1f", validators=[validate_color])
    dark_accent = models.CharField(
        _("accent, dark"), max_length=7, default="#91a7ff", validators=[validate_color]
    )
    dark_surface = models.CharField(
        _("surface, dark"), max_length=7, default="#1e1f24", validators=[validate_color]
    )
    dark_text = models.CharField(
        _("text, dark"), max_length=7, default="#f2f2f4", validators=[validate_color]
    )
    has_dark_scheme = models.BooleanField(
        _("dark scheme"),
        default=True,
        help_text=_("Follow the visitor's system. Off: always light."),
    )
    radius = models.PositiveSmallIntegerField(
        _("corner radius (px)"), default=12, validators=[MaxValueValidator(40)]
    )
    spacing = models.CharField(
        _("spacing"), max_length=10, choices=Spacing.choices, default=Spacing.NORMAL
    )
    font = models.CharField(_("font"), max_length=10, choices=Font.choices, default=Font.HOST)

    class Meta:
        verbose_name = _("theme")
        verbose_name_plural = _("themes")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_active"],
                name="ppx_theme_one_active",
                violation_error_message=_("Another theme is active."),
            ),
            models.CheckConstraint(
                condition=models.Q(is_active__isnull=True) | models.Q(is_active=True),
                name="ppx_theme_active_or_null",
            ),
        ]

    def __str__(self) -> str:
        return self.name
