"""The compiled set of offers that decisions are made from: frozen, in process, no model rows.

Built by `offers.snapshot`, read by `offers.engine`. Pure but for the kinds, whose `is_available` must be pure too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django_ppx.experiments.bucketing import pick
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

    def variant_at(self, moment: Moment) -> CompiledVariant | None:
        """Return the variant this customer sees: the one of this page, else the first they saw, else their hash's."""
        known = moment.presented_here(self.id) or next(iter(moment.history.get(self.id, ())), None)
        if known is not None:
            for variant in self.variants:
                if variant.id == known.variant_id:
                    return variant
        unit = str(moment.customer.id) if moment.customer else ""
        index = pick(self.salt, unit, [variant.weight for variant in self.variants])
        return self.variants[index if index is not None else 0] if self.variants else None


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
