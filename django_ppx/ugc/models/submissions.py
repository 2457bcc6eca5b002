"""What one customer sent in for one offer, and everything that happened to it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from django_ppx.ugc.querysets import UGCSubmissionQuerySet


class UGCSubmission(models.Model):
    """Photos, videos and links that belong together.

    A draft holds what was uploaded and is not sent yet. `published_at` is set exactly while the shop may show it.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("not sent yet")
        WAITING = "waiting", _("waiting")
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")
        WITHDRAWN = "withdrawn", _("withdrawn")
        TAKEN_DOWN = "taken_down", _("taken down")

    ugc_offer = models.ForeignKey(
        "django_ppx.UGCRewardOffer",
        on_delete=models.PROTECT,
        related_name="submissions",
        verbose_name=_("offer"),
    )
    purchase = models.ForeignKey(
        "django_ppx.Purchase",
        on_delete=models.PROTECT,
        related_name="ugc_submissions",
        verbose_name=pgettext_lazy("purchase", "order"),
    )
    customer = models.ForeignKey(
        "django_ppx.Customer",
        on_delete=models.PROTECT,
        related_name="ugc_submissions",
        verbose_name=_("customer"),
    )
    form_key = models.CharField(
        _("key of the form"), max_length=40, help_text=_("Sent twice, it is one submission.")
    )
    status = models.CharField(
        _("status"), max_length=20, choices=Status.choices, default=Status.DRAFT
    )
    language = models.CharField(_("language"), max_length=15, blank=True)
    caption = models.TextField(_("caption"), max_length=1000, blank=True)
    product_sku = models.CharField(_("SKU"), max_length=150, blank=True)
    product_title = models.CharField(_("product"), max_length=300, blank=True)
    alt_text = models.CharField(
        _("picture description"),
        max_length=300,
        blank=True,
        help_text=_("Read to people who can't see it. Empty: the caption, or the product."),
    )
    limit_keys = models.JSONField(_("counted for"), default=list, blank=True)
    created_at = models.DateTimeField(_("begun at"))
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    reason = models.ForeignKey(
        "django_ppx.UGCReason",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="submissions",
        verbose_name=_("reason"),
    )
    note = models.TextField(
        _("words to the customer"), max_length=1000, blank=True, help_text=_("Beside the reason.")
    )
    reward = models.OneToOneField(
        "django_ppx.Reward",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="ugc_submission",
        verbose_name=_("reward"),
    )
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    published_until = models.DateTimeField(_("published until"), null=True, blank=True)
    ended_at = models.DateTimeField(_("withdrawn or taken down at"), null=True, blank=True)

    objects = UGCSubmissionQuerySet.as_manager()

    class Meta:
        verbose_name = _("UGC submission")
        verbose_name_plural = _("UGC submissions")
        permissions = [("moderate_ugcsubmission", _("Can approve and reject submissions"))]
        constraints = [
            models.UniqueConstraint(fields=["form_key"], name="ppx_ugcsubmission_form_unique"),
            models.CheckConstraint(
                condition=models.Q(published_at__isnull=True) | models.Q(status="approved"),
                name="ppx_ugcsubmission_only_approved_published",
                violation_error_message=_("Only what is approved is published."),
            ),
            models.CheckConstraint(
                condition=models.Q(status="draft")
                | models.Q(sent_at__isnull=False)
                | models.Q(status="withdrawn"),
                name="ppx_ugcsubmission_sent_at_set",
                violation_error_message=_("What is no draft was sent at some moment."),
            ),
        ]
        indexes = [
            # the queue: waiting longest first
            models.Index(fields=["status", "sent_at"], name="ppx_ugcsubmission_queue"),
            # the gallery, newest first
            models.Index(fields=["published_at"], name="ppx_ugcsubmission_published"),
            # the gallery of a product
            models.Index(fields=["product_sku", "published_at"], name="ppx_ugcsubmission_product"),
            # what one customer has sent
            models.Index(fields=["customer", "ugc_offer"], name="ppx_ugcsubmission_customer"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class UGCLogEntry(models.Model):
    """One thing that happened to a submission. Never changed, never deleted."""

    class Kind(models.TextChoices):
        SENT = "sent", _("sent")
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")
        REWARDED = "rewarded", _("rewarded")
        WITHDRAWN = "withdrawn", _("withdrawn by the customer")
        TAKEN_DOWN = "taken_down", _("taken down")
        LICENCE_REVOKED = "licence_revoked", _("licence revoked")
        LICENCE_ENDED = "licence_ended", _("licence ended")
        REWARD_KEPT = "reward_kept", _("reward kept")
        REWARD_TAKEN_BACK = "reward_taken_back", _("reward taken back")
        REPORTED = "reported", _("reported")
        REPORT_DISMISSED = "report_dismissed", _("report dismissed")
        REMINDED = "reminded", _("reminded of the reward")
        RECONSIDERED = "reconsidered", _("back in the queue")
        EDITED = "edited", _("text changed")

    submission = models.ForeignKey(
        UGCSubmission, on_delete=models.CASCADE, related_name="log", verbose_name=_("submission")
    )
    kind = models.CharField(_("what"), max_length=20, choices=Kind.choices)
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who"),
    )
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("entry in a submission's log")
        verbose_name_plural = _("entries in submissions' logs")

    def __str__(self) -> str:
        return f"#{self.submission_id}: {self.kind}"
