"""How far an import of the shop's history is."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class OrderImport(models.Model):
    """One run of `ppx_import_orders`: what lets the next call go on where this one was broken off."""

    since = models.DateTimeField(
        _("since"), null=True, blank=True, help_text=_("Empty: all orders of the shop.")
    )
    reached_at = models.DateTimeField(
        _("reached"),
        null=True,
        blank=True,
        help_text=_("When the newest order was placed up to which all are imported."),
    )
    is_ordered = models.BooleanField(
        _("oldest first"),
        default=True,
        help_text=_("Whether the shop gave its orders oldest first: only then can a run go on."),
    )
    recorded_count = models.PositiveBigIntegerField(_("recorded"), default=0)
    known_count = models.PositiveBigIntegerField(_("known before"), default=0)
    failed_count = models.PositiveBigIntegerField(_("not readable"), default=0)
    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("order import")
        verbose_name_plural = _("order imports")

    def __str__(self) -> str:
        return f"#{self.pk}"
