"""The photos, videos and links of a submission. Files are reached by a random key alone, through our own view."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.ugc.querysets import UGCMediaQuerySet


class UGCMedia(models.Model):
    """One photo or video, as re-made by us. Nothing of the upload is kept beside it."""

    class Type(models.TextChoices):
        PHOTO = "photo", _("photo")
        VIDEO = "video", _("video")

    submission = models.ForeignKey(
        "django_ppx.UGCSubmission",
        on_delete=models.CASCADE,
        related_name="media",
        verbose_name=_("submission"),
    )
    key = models.CharField(_("key"), max_length=40, help_text=_("Random; names the files."))
    type = models.CharField(_("type"), max_length=10, choices=Type.choices)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    width = models.PositiveIntegerField(_("width"), null=True, blank=True)
    height = models.PositiveIntegerField(_("height"), null=True, blank=True)
    duration_seconds = models.FloatField(_("seconds"), null=True, blank=True)
    digest = models.CharField(_("SHA-256 of the upload"), max_length=64)
    fingerprint = models.BigIntegerField(
        _("fingerprint"), null=True, blank=True, help_text=_("Alike for pictures that look alike.")
    )
    files = models.JSONField(
        _("files"),
        default=dict,
        help_text=_("By what they are called in addresses: name in the storage, type, size."),
    )
    stored_bytes = models.PositiveBigIntegerField(_("bytes"), default=0)
    original_name = models.CharField(_("name of the upload"), max_length=100, blank=True)
    created_at = models.DateTimeField(_("created at"))
    files_removed_at = models.DateTimeField(_("files removed at"), null=True, blank=True)

    objects = UGCMediaQuerySet.as_manager()

    class Meta:
        verbose_name = _("photo or video")
        verbose_name_plural = _("photos and videos")
        constraints = [
            models.UniqueConstraint(fields=["key"], name="ppx_ugcmedia_key_unique"),
            models.UniqueConstraint(
                fields=["submission", "digest"],
                name="ppx_ugcmedia_digest_unique",
                violation_error_message=_("This file is there already."),
            ),
        ]
        indexes = [
            # duplicates among the submissions of others
            models.Index(fields=["digest"], name="ppx_ugcmedia_digest"),
            models.Index(fields=["fingerprint"], name="ppx_ugcmedia_fingerprint"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class UGCPost(models.Model):
    """A link to a post on a social network, normalised. Never fetched."""

    submission = models.ForeignKey(
        "django_ppx.UGCSubmission",
        on_delete=models.CASCADE,
        related_name="posts",
        verbose_name=_("submission"),
    )
    network = models.CharField(_("network"), max_length=20)
    url = models.CharField(_("address"), max_length=500)
    url_digest = models.CharField(_("SHA-256 of the address"), max_length=64)

    class Meta:
        verbose_name = _("link to a post")
        verbose_name_plural = _("links to posts")
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "url_digest"],
                name="ppx_ugcpost_url_unique",
                violation_error_message=_("This link is there already."),
            )
        ]
        indexes = [
            # the same post, sent by others
            models.Index(fields=["url_digest"], name="ppx_ugcpost_url_digest"),
        ]

    def __str__(self) -> str:
        return self.url
