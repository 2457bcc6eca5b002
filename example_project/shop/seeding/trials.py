"""The demo's experiments: one that is decided, one that runs, and one in which a variant lost customers for a while.

Nothing of their results is written here. Customers fall into arms by the hash that every page uses, come back by chance
(`buyers`, `pages`), and `measure_experiments` takes a look at the end of every day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User

from django_ppx.experiments.assignment import CompiledExperiment, Exposure
from django_ppx.experiments.compiling import compile_experiment
from django_ppx.experiments.ending import decide_experiment, stop_experiment
from django_ppx.experiments.models import Experiment, ExperimentArm, ExperimentPhase
from django_ppx.experiments.models.experiments import Metric
from django_ppx.experiments.planning import EVEN, Design, rate_effect, required_customers
from django_ppx.experiments.starting import start_experiment
from django_ppx.insights.catching_up import measure_experiments
from django_ppx.insights.reading import load_result
from django_ppx.insights.results import VerdictState
from django_ppx.insights.snapshots import result_as_json
from django_ppx.offers.models import Offer
from django_ppx.offers.rolling_out import roll_out

from .books import Sale
from .people import STAFF
from .variants import CARD, Words, say

DISCOUNT, SHARE, WATCH = "first-order-10", "share", "watch-the-kiln"
DISCOUNT_DAY, SHARE_DAY, WATCH_DAY = 30, 128, 156
"""On which day of the trade each experiment began."""
LOST_FROM, LOST_UNTIL, LOST_PART = 136, 152, 0.92
"""On these days nearly no page with variant B of the share prompt came up."""
MATURED_AFTER = 34
"""Days after the stop: the window of 30, and some for refunds."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One experiment as staff set it up. `base_rate` and `smallest_lift_percent` are what it was planned by."""

    slug: str
    day: int
    name: str
    hypothesis: str
    metric: Metric
    secondary: tuple[Metric, ...]
    window_days: int
    base_rate: float
    smallest_lift_percent: int
    holdout_percent: int = 0
    labels: tuple[str, ...] = ("A", "B")

    @property
    def planned_customers(self) -> int:
        effect = rate_effect(base_rate=self.base_rate, lift=self.smallest_lift_percent / 100)
        return required_customers(effect, EVEN, design=Design.HYBRID)


TRIALS = (
    Trial(
        slug=DISCOUNT,
        day=DISCOUNT_DAY,
        name="Does the code bring anybody back?",
        hypothesis="Half of the new customers get no code. If it is worth its tenth, the others come back more often.",
        metric=Metric.REPEAT,
        secondary=(Metric.REVENUE, Metric.MARGIN),
        window_days=30,
        base_rate=0.1,
        smallest_lift_percent=75,
        holdout_percent=50,
        labels=("A",),
    ),
    Trial(
        slug=SHARE,
        day=SHARE_DAY,
        name="A picture to share, or words?",
        hypothesis="People share what they can picture: the table rather than the parcel.",
        metric=Metric.CLAIMED,
        secondary=(Metric.CLICKED, Metric.REPEAT),
        window_days=7,
        base_rate=0.08,
        smallest_lift_percent=40,
    ),
    Trial(
        slug=WATCH,
        day=WATCH_DAY,
        name="The kiln, or how yours was made?",
        hypothesis="What was made for me is more worth a look than what is made for everybody.",
        metric=Metric.CLICKED,
        secondary=(Metric.REPEAT, Metric.REVENUE),
        window_days=7,
        base_rate=0.15,
        smallest_lift_percent=35,
    ),
)


@dataclass
class Trials:
    """Runs the experiments through the days. `at` gives the instant of a day and a minute of it."""

    now: datetime
    at: Callable[[int, int], datetime]
    running: dict[str, CompiledExperiment] = field(default_factory=dict)
    exposed: set[tuple[int, int]] = field(default_factory=set)
    decides_on: int | None = None

    def __post_init__(self) -> None:
        self.staff = User.objects.get(username=STAFF)
        add_second_share_variant()

    def offers_of(self, day: int, *, is_first: bool) -> tuple[str, ...]:
        """Return the offers that an order's page of this day shows. Of quiet days there are orders only."""
        is_quiet = DISCOUNT not in self.running and day < SHARE_DAY
        discount = (DISCOUNT,) if is_first and not is_quiet else ()
        return (*discount, SHARE, WATCH) if day >= SHARE_DAY else discount

    def loses(self, labels: Mapping[str, str], *, day: int, draw: float) -> bool:
        """Return whether the page with these variants failed: that is how a sample ratio breaks."""
        is_failing = labels.get(SHARE) == "B" and LOST_FROM <= day < LOST_UNTIL
        return is_failing and draw < LOST_PART

    def is_new(self, exposure: Exposure, sale: Sale) -> bool:
        """Return whether the customer takes part from now on, and remember it."""
        key = (exposure.experiment.id, sale.purchase.customer_id)
        is_new = key not in self.exposed
        self.exposed.add(key)
        return is_new

    def begin_day(self, day: int) -> None:
        """Do what staff did that morning: start, stop, decide."""
        for trial in TRIALS:
            if trial.day == day:
                self.start(trial, self.at(day, 0))
        first = self.running.get(DISCOUNT)
        if first is not None and self.has_planned_size(first):
            self.stop(first, day)
        if day == self.decides_on:
            self.decide(self.at(day, 9 * 60 + 30))

    def end_day(self, day: int) -> None:
        """Take the day's looks, as cron does in the night."""
        if day >= DISCOUNT_DAY:
            measure_experiments(now=min(self.at(day + 1, 4 * 60 + 5), self.now))

    def start(self, trial: Trial, now: datetime) -> None:
        offer = Offer.objects.get(slug=trial.slug)
        experiment = Experiment.objects.create(
            name=trial.name,
            hypothesis=trial.hypothesis,
            offer=offer,
            primary_metric=trial.metric,
            secondary_metrics=list(trial.secondary),
            window_days=trial.window_days,
            smallest_lift_percent=trial.smallest_lift_percent,
            holdout_percent=trial.holdout_percent,
            control_label="" if trial.holdout_percent else trial.labels[0],
            created_by=self.staff,
        )
        Experiment.objects.filter(pk=experiment.pk).update(created_at=now - timedelta(days=2))
        for variant in offer.variants.filter(label__in=trial.labels).order_by("label"):
            ExperimentArm.objects.create(
                experiment=experiment, variant=variant, label=variant.label
            )
        phase = start_experiment(
            experiment=experiment,
            planned_customers=trial.planned_customers,
            by=self.staff,
            now=now,
        )
        # A salt of its own for every shop, but one for every demo: the screens look alike everywhere.
        ExperimentPhase.objects.filter(pk=phase.pk).update(salt=f"demo:{trial.day}")
        phase.refresh_from_db()
        self.running[trial.slug] = compile_experiment(experiment, phase)

    def has_planned_size(self, experiment: CompiledExperiment) -> bool:
        taking_part = sum(1 for found, _customer in self.exposed if found == experiment.id)
        phase = ExperimentPhase.objects.get(pk=experiment.phase_id)
        return taking_part >= phase.planned_customers

    def stop(self, experiment: CompiledExperiment, day: int) -> None:
        now = self.at(day, 9 * 60)
        phase = ExperimentPhase.objects.select_related("experiment").get(pk=experiment.phase_id)
        stop_experiment(
            experiment=phase.experiment,
            reason="As many customers as planned have taken part. Now their thirty days have to pass.",
            by=self.staff,
            snapshot=figures(phase, now=now),
            now=now,
        )
        del self.running[DISCOUNT]
        self.decides_on = day + MATURED_AFTER

    def decide(self, now: datetime) -> None:
        phase = ExperimentPhase.objects.select_related("experiment").get(
            experiment__offer__slug=DISCOUNT
        )
        verdict = load_result(phase=phase, now=now).verdict
        if verdict.state is not VerdictState.BETTER:
            return  # nobody decides against the figures
        arm = phase.experiment.arms.get(label=verdict.arm_label)
        decide_experiment(
            experiment=phase.experiment,
            arm_label=arm.label,
            reason="More of them come back.",
            by=self.staff,
            snapshot=figures(phase, now=now),
            now=now,
        )
        roll_out(
            experiment=phase.experiment,
            arm=arm,
            reason="Everybody gets the code from today on.",
            by=self.staff,
            snapshot=figures(phase, now=now),
            now=now + timedelta(minutes=4),
        )


def figures(phase: ExperimentPhase, *, now: datetime) -> dict[str, Any]:
    """Return what the result page said at `now`."""
    return result_as_json(load_result(phase=phase, now=now))


def add_second_share_variant() -> None:
    say(
        Offer.objects.get(slug=SHARE),
        Words(
            label="B",
            design=CARD,
            en=(
                "Who sits at your table?",
                "Show them what they will drink from next time.",
                "Show it",
            ),
            de=(
                "Wer sitzt an deinem Tisch?",
                "Zeig ihnen, woraus sie beim nächsten Mal trinken.",
                "Zeigen",
            ),
        ),
    )
