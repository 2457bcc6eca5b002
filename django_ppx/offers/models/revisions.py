"""Whether what processes hold of the offers is still true."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


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
