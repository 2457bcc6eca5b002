"""Uploads that arrive in pieces."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class UGCUpload(models.Model):
    """One large file on its way in. Its pieces lie in the private storage until it is whole, or too old."""

    submission = models.ForeignKey(
        "django_ppx.UGCSubmission",
        on_delete=models.CASCADE,
        related_name="uploads",
        verbose_name=_("submission"),
    )
    key = models.CharField(_("key"), max_length=40, help_text=_("Random; names the upload."))
    name = models.CharField(_("name of the upload"), max_length=100, blank=True)
    size = models.PositiveBigIntegerField(_("bytes in all"))
    received = models.PositiveBigIntegerField(_("bytes so far"), default=0)
    parts = models.JSONField(
        _("pieces"), default=list, help_text=_("Their names in the storage, in order.")
    )
    media = models.OneToOneField(
        "django_ppx.UGCMedia",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="upload",
        verbose_name=_("photo or video"),
    )
    created_at = models.DateTimeField(_("created at"))
    touched_at = models.DateTimeField(_("last piece at"))

    class Meta:
        verbose_name = _("upload in pieces")
        verbose_name_plural = _("uploads in pieces")
        constraints = [
            models.UniqueConstraint(fields=["key"], name="ppx_ugcupload_key_unique"),
            models.CheckConstraint(
                condition=Q(received__lte=F("size")),
                name="ppx_ugcupload_not_over_size",
                violation_error_message=_("More was received than was announced."),
            ),
        ]
        indexes = [
            # what was given up
            models.Index(fields=["touched_at"], name="ppx_ugcupload_touched"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"
