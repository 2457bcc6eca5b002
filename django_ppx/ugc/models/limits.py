"""Counters: each one row, changed by one conditional `UPDATE` whose row count is checked."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class UGCPlaceCount(models.Model):
    """How many submissions to one offer count, of one person or (with an empty key) of all."""

    ugc_offer = models.ForeignKey(
        "django_ppx.UGCRewardOffer",
        on_delete=models.CASCADE,
        related_name="place_counts",
        verbose_name=_("offer"),
    )
    limit_key = models.CharField(_("person"), max_length=120, blank=True)
    taken = models.PositiveIntegerField(_("submissions"), default=0)

    class Meta:
        verbose_name = _("submissions counted")
        verbose_name_plural = _("submissions counted")
        constraints = [
            models.UniqueConstraint(
                fields=["ugc_offer", "limit_key"], name="ppx_ugcplacecount_person_unique"
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class UGCUploadAllowance(models.Model):
    """How much one person has uploaded: files in the running hour, bytes that are kept."""

    limit_key = models.CharField(_("person"), max_length=120)
    hour_starts_at = models.DateTimeField(_("hour starts"))
    files_this_hour = models.PositiveIntegerField(_("files in this hour"), default=0)
    stored_bytes = models.PositiveBigIntegerField(_("bytes kept"), default=0)

    class Meta:
        verbose_name = _("uploads of a person")
        verbose_name_plural = _("uploads of persons")
        constraints = [
            models.UniqueConstraint(
                fields=["limit_key"], name="ppx_ugcuploadallowance_person_unique"
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
