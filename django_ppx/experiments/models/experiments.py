"""One question about an offer, and the arms that it is put to."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.experiments.querysets import ExperimentQuerySet


class Metric(models.TextChoices):
    """What is counted of each exposed customer, within the window. `insights.measuring` says how."""

    CLICKED = "clicked", _("Clicked")
    CLAIMED = "claimed", _("Claimed")
    REDEEMED = "redeemed", _("Code redeemed")
    REPEAT = "repeat", _("Bought again")
    REVENUE = "revenue", _("Net revenue per customer")
    MARGIN = "margin", _("Margin per customer")


NEEDS_THE_OFFER: Final = frozenset({Metric.CLICKED, Metric.CLAIMED, Metric.REDEEMED})
"""Who is shown nothing can't do these: they compare variants, not an offer with a holdout."""
MONEY: Final = frozenset({Metric.REVENUE, Metric.MARGIN})
"""A mean of minor units; the others are a yes or no."""


class Experiment(models.Model):
    """Variants of one offer against each other, or against showing nothing.

    Without an offer it is the holdout of a quarter: all our offers together against none.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        RUNNING = "running", _("Running")
        STOPPED = "stopped", _("Stopped")
        DECIDED = "decided", _("Decided")

    class Plan(models.TextChoices):
        HYBRID = "hybrid", _("Planned size, with daily looks")
        ANYTIME = "anytime", _("No fixed end")
        EXACT = "exact", _("Rare events: exact counts")

    name = models.CharField(_("name"), max_length=120)
    hypothesis = models.TextField(
        _("hypothesis"),
        max_length=1000,
        blank=True,
        help_text=_("What you expect, and why. It is kept as you write it now."),
    )
    offer = models.ForeignKey(
        "django_ppx.Offer",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="experiments",
        verbose_name=_("offer"),
    )
    quarter = models.CharField(
        _("quarter"), max_length=7, null=True, blank=True, unique=True, editable=False
    )
    status = models.CharField(
        _("status"),
        max_length=20,
        choices=Status.choices,
        default=Status.DRAFT,
        editable=False,
    )
    running_offer = models.OneToOneField(
        "django_ppx.Offer",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="running_experiment",
        verbose_name=_("offer, while it runs"),
    )
    holdout_percent = models.PositiveSmallIntegerField(
        _("shown nothing, in percent"),
        default=0,
        validators=[MaxValueValidator(90)],
        help_text=_(
            "So many customers do not get the offer. Then the variants are compared with them."
        ),
    )
    coverage_percent = models.PositiveSmallIntegerField(
        _("part of customers, in percent"),
        default=100,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("Begin with a few and raise it later: nobody changes sides."),
    )
    control_label = models.CharField(
        _("compared with"),
        max_length=40,
        blank=True,
        help_text=_("The variant that the others are compared with, where nobody is left out."),
    )
    primary_metric = models.CharField(
        _("decided by"), max_length=20, choices=Metric.choices, default=Metric.REPEAT
    )
    secondary_metrics = models.JSONField(_("also shown"), default=list, blank=True)
    window_days = models.PositiveSmallIntegerField(
        _("within (days)"),
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text=_("So long after a customer saw it, what they do is counted."),
    )
    plan = models.CharField(_("plan"), max_length=20, choices=Plan.choices, default=Plan.HYBRID)
    smallest_lift_percent = models.DecimalField(
        _("smallest effect worth knowing, in percent"),
        max_digits=6,
        decimal_places=1,
        default=20,
        help_text=_("20 means: a fifth more than the control."),
    )
    planned_customers = models.PositiveIntegerField(
        _("planned customers"),
        null=True,
        blank=True,
        validators=[MinValueValidator(2)],
        help_text=_("Of all arms together. Empty: the planner's figure."),
    )
    refund_lag_days = models.PositiveSmallIntegerField(
        _("refunds come in within (days)"), default=14, validators=[MaxValueValidator(365)]
    )
    starts_at = models.DateTimeField(
        _("starts"), null=True, blank=True, help_text=_("Empty: when you start it.")
    )
    ends_at = models.DateTimeField(
        _("ends"),
        null=True,
        blank=True,
        help_text=_("From then on nobody new takes part. Empty: when you stop it."),
    )
    started_at = models.DateTimeField(_("started at"), null=True, blank=True, editable=False)
    stopped_at = models.DateTimeField(_("stopped at"), null=True, blank=True, editable=False)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("created by"),
    )

    objects = ExperimentQuerySet.as_manager()

    class Meta:
        verbose_name = _("experiment")
        verbose_name_plural = _("experiments")
        permissions = [("decide_experiment", _("Can start, stop and decide experiments"))]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(offer__isnull=False) | models.Q(quarter__isnull=False),
                name="ppx_experiment_offer_or_quarter",
                violation_error_message=_("An experiment is about one offer."),
            ),
            models.CheckConstraint(
                condition=models.Q(holdout_percent__lte=90)
                & models.Q(coverage_percent__gte=1, coverage_percent__lte=100)
                & models.Q(window_days__gte=1, window_days__lte=365),
                name="ppx_experiment_ranges",
                violation_error_message=_("A share or a number of days is out of range."),
            ),
            models.CheckConstraint(
                condition=models.Q(starts_at__isnull=True)
                | models.Q(ends_at__isnull=True)
                | models.Q(ends_at__gt=models.F("starts_at")),
                name="ppx_experiment_window_ordered",
                violation_error_message=_("The end lies after the start."),
            ),
            models.CheckConstraint(
                condition=models.Q(running_offer__isnull=True) | models.Q(status="running"),
                name="ppx_experiment_runs_while_running",
                violation_error_message=_("Only a running experiment holds its offer."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_about_everything(self) -> bool:
        """Whether it is the holdout of a quarter."""
        return self.offer_id is None


class ExperimentArm(models.Model):
    """One side of an experiment: a variant, or nothing at all (no variant)."""

    experiment = models.ForeignKey(
        Experiment, on_delete=models.CASCADE, related_name="arms", verbose_name=_("experiment")
    )
    variant = models.ForeignKey(
        "django_ppx.OfferVariant",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="experiment_arms",
        verbose_name=_("variant"),
    )
    label = models.CharField(_("label"), max_length=60)
    weight = models.PositiveIntegerField(
        _("weight"), default=1, help_text=_("Its share of customers, against the other variants.")
    )
    is_holdout = models.BooleanField(_("shown nothing"), default=False, editable=False)

    class Meta:
        verbose_name = _("experiment arm")
        verbose_name_plural = _("experiment arms")
        ordering = ["is_holdout", "label", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["experiment", "label"],
                name="ppx_experimentarm_label_unique",
                violation_error_message=_("The experiment has an arm of this name already."),
            ),
            models.CheckConstraint(
                condition=models.Q(is_holdout=False) | models.Q(variant__isnull=True),
                name="ppx_experimentarm_holdout_has_no_variant",
                violation_error_message=_("Who is shown nothing sees no variant."),
            ),
        ]

    def __str__(self) -> str:
        return self.label
