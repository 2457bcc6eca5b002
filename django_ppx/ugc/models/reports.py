"""What the public says about content that is published."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class UGCReport(models.Model):
    """One report, with its receipt and what was decided."""

    class Cause(models.TextChoices):
        SHOWS_ME = "shows_me", _("It shows me, and I did not agree")
        MINE = "mine", _("It is my work, used without permission")
        OFFENSIVE = "offensive", _("It is offensive, hateful or violent")
        SEXUAL = "sexual", _("It is sexual, or shows a child in an unfitting way")
        ILLEGAL = "illegal", _("It is against the law for another reason")
        MISLEADING = "misleading", _("It misleads about the product")
        OTHER = "other", _("Something else")

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        UPHELD = "upheld", _("taken down")
        DISMISSED = "dismissed", _("left as it is")

    submission = models.ForeignKey(
        "django_ppx.UGCSubmission",
        on_delete=models.PROTECT,
        related_name="reports",
        verbose_name=_("submission"),
    )
    media_key = models.CharField(_("photo or video"), max_length=40, blank=True)
    receipt = models.CharField(_("receipt number"), max_length=20)
    form_key = models.CharField(_("key of the form"), max_length=40)
    cause = models.CharField(_("what is wrong"), max_length=20, choices=Cause.choices)
    text = models.TextField(_("in their words"), max_length=2000, blank=True)
    email = models.CharField(_("e-mail"), max_length=320, blank=True)
    language = models.CharField(_("language"), max_length=15, blank=True)
    reported_at = models.DateTimeField(_("reported at"))
    status = models.CharField(
        _("status"), max_length=20, choices=Status.choices, default=Status.OPEN
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decision = models.TextField(_("reason of the decision"), max_length=1000, blank=True)

    class Meta:
        verbose_name = _("report from the public")
        verbose_name_plural = _("reports from the public")
        permissions = [("decide_ugcreport", _("Can decide on reports"))]
        constraints = [
            models.UniqueConstraint(fields=["receipt"], name="ppx_ugcreport_receipt_unique"),
            models.UniqueConstraint(fields=["form_key"], name="ppx_ugcreport_form_unique"),
        ]
        indexes = [
            # the queue of open ones, oldest first
            models.Index(fields=["status", "reported_at"], name="ppx_ugcreport_status"),
        ]

    def __str__(self) -> str:
        return self.receipt
