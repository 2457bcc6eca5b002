"""The compiled set of offers that decisions are made from: frozen, in process, no model rows.

Built by `offers.snapshot`, read by `offers.engine`. Pure but for the kinds, whose `is_available` must be pure too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django_ppx.experiments.assignment import CompiledArm, CompiledExperiment, Exposure
from django_ppx.experiments.bucketing import pick
from django_ppx.experiments.overriding import has_overrides, overridden
from django_ppx.offers.moments import Moment

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    from django_ppx.offers.kinds import OfferKind


@dataclass(frozen=True, kw_only=True, slots=True)
class CompiledRule:
    """One rule of an audience: `test` says whether the moment satisfies it, `sentence` says it in words.

    The sentence is in the language of whoever reads it: the snapshot is shared by all.
    """

    sentence: _StrOrPromise
    test: Callable[[Moment], bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class CompiledAudience:
    """AND inside a group, OR between groups; no groups match everybody."""

    id: int
    name: str
    groups: tuple[tuple[CompiledRule, ...], ...]

    def matches(self, moment: Moment) -> bool:
        if not self.groups:
            return True
        return any(all(rule.test(moment) for rule in group) for group in self.groups)

    def unmet(self, moment: Moment) -> tuple[str, ...]:
        """Return the sentences of the rules that fail, of every group."""
        return tuple(
            str(rule.sentence) for group in self.groups for rule in group if not rule.test(moment)
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class CompiledText:
    """The words of one variant in one language. `image` is a storage name, resolved when the page is made."""

    language: str
    headline: str
    text: str
    button: str
    image: str = ""
    image_width: int | None = None
    image_height: int | None = None
    image_alt: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CompiledVariant:
    """One wording and look."""

    id: int
    label: str
    design: str
    weight: int
    texts: Mapping[str, CompiledText]
    default_language: str

    def text(self, language: str) -> CompiledText | None:
        """Return the text in `language`, else in its base language, else in the default, else the first there is."""
        wanted = language.lower()
        for candidate in (
            wanted,
            wanted.split("-")[0],
            self.default_language,
            self.default_language.split("-")[0],
        ):
            found = self.texts.get(candidate)
            if found is not None:
                return found
        return next(iter(self.texts.values()), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """What a customer gets of an offer: a variant, or nothing (no variant, held out or not).

    `exposure` is set where this is to be counted from now on: the first time, in an experiment.
    """

    variant: CompiledVariant | None
    is_held_out: bool = False
    exposure: Exposure | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CompiledOffer:
    """One offer, ready to be judged. `config` is what its kind made of the kind's own columns."""

    id: int
    slug: str
    name: str
    kind: OfferKind
    status: str
    priority: int
    placements: frozenset[str]
    order: tuple[bool, int, int]
    """Fillers last, then priority, then age."""
    salt: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    audience: CompiledAudience | None = None
    page_behaviour: str = "stack"
    is_dismissible: bool = True
    hide_when_done: bool = False
    cap_count: int | None = None
    cap_days: int | None = None
    variants: tuple[CompiledVariant, ...] = ()
    config: Any = None
    experiment: CompiledExperiment | None = None

    def assign(self, moment: Moment) -> Assignment:
        """Return what this customer gets: the variant of this page, else what the experiment says, else the weights.

        An experiment keeps everybody where they were first exposed. Whom it does not cover gets what the control gets,
        and is not counted.
        """
        if has_overrides() and (fixed := overridden(self.slug)) is not None:
            return self._fixed(fixed[0])
        experiment = self.experiment
        if experiment is None or experiment.is_settled(moment.now):
            return Assignment(variant=self._by_weight(moment))
        stored = experiment.arm(moment.exposures.get(experiment.id, 0))
        if stored is None and not experiment.is_open(moment.now):
            return Assignment(variant=self._by_weight(moment))
        arm = stored or experiment.arm_of(moment.unit)
        assigned = self._of_arm(arm or experiment.control)
        here = moment.presented_here(self.id)
        shown = None if here is None else self._variant(here.variant_id)
        if here is not None and shown is not None:
            assigned = Assignment(variant=shown)
            if here.presented_at < experiment.counts_from or arm is None:
                return assigned
            if arm.is_holdout or arm.variant_id != here.variant_id:
                return assigned
        if arm is None or stored is not None:
            return assigned
        exposure = Exposure(experiment=experiment, arm=arm)
        return Assignment(
            variant=assigned.variant, is_held_out=assigned.is_held_out, exposure=exposure
        )

    def _by_weight(self, moment: Moment) -> CompiledVariant | None:
        """Return the variant of this page, else the first they saw that is still shown, else their hash's."""
        here = moment.presented_here(self.id)
        if here is not None and (variant := self._variant(here.variant_id)) is not None:
            return variant
        for row in moment.history.get(self.id, ())[:1]:
            variant = self._variant(row.variant_id)
            if variant is not None and variant.weight:
                return variant
        index = pick(self.salt, moment.unit, [variant.weight for variant in self.variants])
        return self.variants[index if index is not None else 0] if self.variants else None

    def _of_arm(self, arm: CompiledArm) -> Assignment:
        variant = None if arm.variant_id is None else self._variant(arm.variant_id)
        return Assignment(variant=variant, is_held_out=arm.is_holdout)

    def _fixed(self, label: str | None) -> Assignment:
        if label is None:
            return Assignment(variant=None, is_held_out=True)
        for variant in self.variants:
            if variant.label.casefold() == label.casefold():
                return Assignment(variant=variant)
        raise LookupError(f"The offer {self.slug!r} has no variant {label!r}.")

    def _variant(self, variant_id: int) -> CompiledVariant | None:
        return next((variant for variant in self.variants if variant.id == variant_id), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class AudienceGroup:
    """Active offers of one placement that share an audience, in order."""

    audience: CompiledAudience | None
    offers: tuple[CompiledOffer, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CompiledTheme:
    """The active theme as a stylesheet, and the digest that names it."""

    css: str
    digest: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """Every offer that is not archived, as of the revision `stamp`."""

    stamp: str
    offers: tuple[CompiledOffer, ...] = ()
    groups: Mapping[str, tuple[AudienceGroup, ...]] = field(default_factory=dict)
    by_id: Mapping[int, CompiledOffer] = field(default_factory=dict)
    cap_horizon_days: int | None = 0
    theme: CompiledTheme | None = None
    zone: ZoneInfo = field(default_factory=partial(ZoneInfo, "UTC"))
    """The shop's, in which quarters begin."""
    holdouts: Mapping[str, CompiledExperiment | None] = field(default_factory=dict)
    """The holdouts from all offers, by quarter ("2026-Q4"); None for one that was stopped."""
