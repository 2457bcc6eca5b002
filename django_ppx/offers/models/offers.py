"""What customers may be shown. What a kind needs beyond it stands in the kind's own child table."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from django_ppx.offers.models.audiences import Audience
from django_ppx.offers.querysets import OfferQuerySet
from django_ppx.offers.validators import validate_placements


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
