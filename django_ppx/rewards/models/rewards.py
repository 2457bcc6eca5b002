"""The ledger of what was promised: `Reward` and its entries.

A reward opens with what its own row says (granted when, by whom, why, as what), and that part never changes. Whatever
happens later is an entry. `status`, `kept_ppm` and `flag` are what replaying them comes to.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.rewards.querysets import RewardQuerySet


class Reward(models.Model):
    """One benefit granted to one customer for one reason."""

    class Status(models.TextChoices):
        PROMISED = "promised", _("promised")
        VESTED = "vested", _("earned")
        ISSUED = "issued", _("given")
        REDEEMED = "redeemed", _("used")
        REVERSED = "reversed", _("taken back")
        EXPIRED = "expired", _("expired")

    class ReasonType(models.TextChoices):
        OFFER = "offer", _("offer after an order")
        UGC = "ugc", _("photo, video or post")
        SURVEY = "survey", _("survey")
        APOLOGY = "apology", _("apology")
        STAFF = "staff", _("given by staff")

    class Flag(models.TextChoices):
        UNDONE_AFTER_USE = (
            "undone_after_use",
            _("Used, although it was taken back or the order that earned it was undone"),
        )
        REDUCED_AFTER_USE = (
            "reduced_after_use",
            _("Used, and the order that earned it was partly refunded"),
        )
        NOT_DELIVERED = "not_delivered", _("The shop could not hand it over")

    customer = models.ForeignKey(
        "django_ppx.Customer",
        on_delete=models.PROTECT,
        related_name="rewards",
        verbose_name=_("customer"),
    )
    benefit = models.ForeignKey(
        "django_ppx.Benefit",
        on_delete=models.PROTECT,
        related_name="rewards",
        verbose_name=_("benefit"),
    )
    terms = models.JSONField(
        _("terms"), help_text=_("A frozen copy of the benefit at the moment of the promise.")
    )
    purchase = models.ForeignKey(
        "django_ppx.Purchase",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="rewards",
        verbose_name=_("earned by order"),
    )
    reason_type = models.CharField(_("kind of reason"), max_length=20, choices=ReasonType.choices)
    reason_key = models.CharField(
        _("reason key"), max_length=150, help_text=_("One reward per reason and customer.")
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    opened_as = models.CharField(_("opened as"), max_length=20, choices=Status.choices)
    granted_at = models.DateTimeField(_("granted at"))
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("granted by"),
    )
    vests_at = models.DateTimeField(_("earned at"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=20, choices=Status.choices)
    kept_ppm = models.PositiveIntegerField(_("share kept, parts per million"), default=1_000_000)
    flag = models.CharField(_("needs a look"), max_length=30, choices=Flag.choices, blank=True)
    entry_count = models.PositiveIntegerField(_("entries"), default=0)
    due_at = models.DateTimeField(
        _("next due at"), null=True, blank=True, help_text=_("When `ppx_run_due` looks at it next.")
    )
    delivery_attempts = models.PositiveIntegerField(_("delivery attempts"), default=0)

    objects = RewardQuerySet.as_manager()

    class Meta:
        verbose_name = _("reward")
        verbose_name_plural = _("rewards")
        permissions = [
            ("grant_reward", _("Can give rewards")),
            ("fulfil_reward", _("Can hand rewards over")),
            ("reverse_reward", _("Can take rewards back")),
            ("view_reward_liability", _("Can see what is outstanding")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["reason_key", "customer"], name="ppx_reward_reason_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(kept_ppm__lte=1_000_000),
                name="ppx_reward_kept_within_whole",
                violation_error_message=_("A reward can't grow."),
            ),
            models.CheckConstraint(
                condition=models.Q(opened_as__in=["promised", "issued"]),
                name="ppx_reward_opened_as",
                violation_error_message=_("A reward opens promised or given."),
            ),
        ]
        indexes = [
            # what `ppx_run_due` has to look at
            models.Index(fields=["due_at"], name="ppx_reward_due_at"),
            # the admin list, newest first
            models.Index(fields=["granted_at"], name="ppx_reward_granted_at"),
            # the queue of what is to be handed over, and what is outstanding
            models.Index(fields=["status", "granted_at"], name="ppx_reward_status"),
            # what staff must look at
            models.Index(fields=["flag"], name="ppx_reward_flag"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class RewardEntry(models.Model):
    """One thing that happened to a reward. Never changed, never deleted."""

    class Kind(models.TextChoices):
        VESTED = "vested", _("earned")
        ISSUED = "issued", _("given")
        REDEEMED = "redeemed", _("used")
        RELEASED = "released", _("use given back")
        REDUCED = "reduced", _("reduced")
        REVERSED = "reversed", _("taken back")
        EXPIRED = "expired", _("expired")
        EXTENDED = "extended", _("limits changed")
        UNDELIVERED = "undelivered", _("could not be handed over")
        RESOLVED = "resolved", _("looked at")

    reward = models.ForeignKey(
        Reward, on_delete=models.PROTECT, related_name="entries", verbose_name=_("reward")
    )
    number = models.PositiveIntegerField(_("number"))
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
    why = models.CharField(_("why"), max_length=200, blank=True)
    order_ref = models.CharField(_("order number"), max_length=100, blank=True)
    kept_ppm = models.PositiveIntegerField(
        _("share kept, parts per million"), null=True, blank=True
    )

    class Meta:
        verbose_name = _("reward entry")
        verbose_name_plural = _("reward entries")
        constraints = [
            models.UniqueConstraint(
                fields=["reward", "number"], name="ppx_rewardentry_number_unique"
            )
        ]

    def __str__(self) -> str:
        return f"#{self.reward_id}.{self.number}"
