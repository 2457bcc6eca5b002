"""Who sees an offer: reusable sets of rules."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


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
