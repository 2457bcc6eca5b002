"""The shop's colours and shapes."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.offers.validators import validate_color


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
