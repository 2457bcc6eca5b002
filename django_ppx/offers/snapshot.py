"""The compiled offers, held in process. One cheap query tells whether they are still true.

What is cached is the whole set of offers, never anything of a customer.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connections, router
from django.utils.functional import lazy

from django_ppx.conf import ppx_settings
from django_ppx.core.prepared import PreparedQuery
from django_ppx.experiments.assignment import CompiledExperiment
from django_ppx.experiments.compiling import compile_experiments
from django_ppx.offers.compiled import (
    AudienceGroup,
    CompiledAudience,
    CompiledOffer,
    CompiledRule,
    CompiledText,
    CompiledTheme,
    CompiledVariant,
    Snapshot,
)
from django_ppx.offers.kinds import OfferKind, load_kinds
from django_ppx.offers.models import (
    Audience,
    AudienceRule,
    Offer,
    OfferRevision,
    OfferVariant,
    Theme,
)
from django_ppx.offers.moments import Moment
from django_ppx.offers.themes import stylesheet, stylesheet_digest
from django_ppx.offers.traits import load_traits

logger = logging.getLogger("django_ppx")

_held: dict[str, Snapshot] = {}


def current_stamp() -> str:
    """Return the stamp of the newest change to what offers show. One query."""
    rows = _stamps.rows(using=router.db_for_read(OfferRevision), pk=1)
    return str(rows[0][0]) if rows else ""


_stamps: Final = PreparedQuery(
    lambda pk: OfferRevision.objects.filter(pk=pk).values_list("stamp"), marks={"pk": 9001}
)


def current_snapshot() -> Snapshot:
    """Return the compiled offers, rebuilt if anything changed since. One query, unless it did."""
    database = router.db_for_read(OfferRevision)
    name = str(connections[database].settings_dict["NAME"])
    stamp = current_stamp()
    held = _held.get(name)
    if held is None or held.stamp != stamp:
        # The stamp was read before the rows: rows that are newer than it only lead to one more rebuild.
        held = _held[name] = build_snapshot(stamp)
    return held


def forget() -> None:
    """Drop what this process holds, so that the next page builds it anew."""
    _held.clear()


def build_snapshot(stamp: str) -> Snapshot:
    """Return every offer that is not archived, compiled. The number of queries does not depend on their number."""
    kinds = load_kinds()
    rows = [
        row for row in Offer.objects.not_archived().order_by("priority", "pk") if row.kind in kinds
    ]
    audiences = {
        audience.id: audience
        for audience in map(compile_audience, Audience.objects.prefetch_related("rules"))
    }
    variants = _variants([row.pk for row in rows])
    configs = _configs(kinds, rows)
    experiments = compile_experiments()
    offers = sorted(
        (
            _compile_offer(
                row,
                kinds[row.kind],
                audience=None if row.audience_id is None else audiences[row.audience_id],
                variants=variants[row.pk],
                config=configs[row.kind][row.pk],
                experiment=experiments.by_offer.get(row.pk),
            )
            for row in rows
            if row.pk in configs[row.kind]
        ),
        key=lambda offer: offer.order,
    )
    active = [offer for offer in offers if offer.status == "active"]
    return Snapshot(
        stamp=stamp,
        offers=tuple(offers),
        groups=_groups(active),
        by_id={offer.id: offer for offer in offers},
        cap_horizon_days=_cap_horizon(active),
        theme=_theme(),
        zone=ZoneInfo(ppx_settings.PPX_TIME_ZONE),
        holdouts=experiments.by_quarter,
    )


def compile_rule(rule: AudienceRule) -> CompiledRule:
    """Return the rule as a test. One that can't be read (a trait that is gone) matches nobody and says so."""
    trait = load_traits().get(rule.trait)
    if trait is None:
        return _unreadable(rule)
    try:
        test = trait.type.compile(rule.operator, rule.value)
    except (ValidationError, ValueError, TypeError, KeyError):
        return _unreadable(rule)
    read = trait.read

    def holds(moment: Moment) -> bool:
        return test(read(moment))

    return CompiledRule(sentence=_sentence_later(rule), test=holds)


def rule_sentence(rule: AudienceRule) -> str:
    """Return the rule in words, in the language that is active: "Order total is at least 50 EUR"."""
    trait = load_traits().get(rule.trait)
    if trait is None or rule.operator not in trait.type.operators:
        return f"{rule.trait} {rule.operator}"
    value = rule.value
    if isinstance(value, Mapping):
        value = " ".join(str(part) for part in value.values())
    elif isinstance(value, list):
        value = ", ".join(str(part) for part in value)
    words = [
        str(trait.label),
        str(trait.type.operators[rule.operator].label),
        "" if value is None else str(value),
    ]
    return " ".join(word for word in words if word)


_sentence_later = lazy(rule_sentence, str)


def compile_audience(audience: Audience) -> CompiledAudience:
    """Return the audience with its rules compiled, groups in order."""
    groups: dict[int, list[CompiledRule]] = defaultdict(list)
    for rule in audience.rules.all():
        groups[rule.group].append(compile_rule(rule))
    return CompiledAudience(
        id=audience.pk,
        name=audience.name,
        groups=tuple(tuple(groups[number]) for number in sorted(groups)),
    )


def compile_variant(variant: OfferVariant) -> CompiledVariant:
    """Return the variant with its texts, keyed by lower-case language code."""
    return CompiledVariant(
        id=variant.pk,
        label=variant.label,
        design=variant.design,
        weight=variant.weight,
        default_language=settings.LANGUAGE_CODE.lower(),
        texts={
            text.language.lower(): CompiledText(
                language=text.language,
                headline=text.headline,
                text=text.text,
                button=text.button,
                image=text.image.name or "",
                image_width=text.image_width,
                image_height=text.image_height,
                image_alt=text.image_alt,
            )
            for text in variant.texts.all()
        },
    )


def _unreadable(rule: AudienceRule) -> CompiledRule:
    logger.warning(
        "The rule %s of audience %s can't be read; it matches nobody.", rule.pk, rule.audience_id
    )
    return CompiledRule(sentence=_sentence_later(rule), test=lambda moment: False)


def _variants(offer_ids: list[int]) -> Mapping[int, tuple[CompiledVariant, ...]]:
    found: dict[int, list[CompiledVariant]] = defaultdict(list)
    known = set(offer_ids)
    for variant in (
        OfferVariant.objects.exclude(offer__status="archived")
        .order_by("label", "pk")
        .prefetch_related("texts")
    ):
        if variant.offer_id in known:
            compiled = compile_variant(variant)
            if compiled.texts:
                found[variant.offer_id].append(compiled)
    return defaultdict(tuple, {offer_id: tuple(variants) for offer_id, variants in found.items()})


def _configs(
    kinds: Mapping[str, OfferKind], rows: Iterable[Offer]
) -> Mapping[str, Mapping[int, Any]]:
    """Return the kind's configuration per offer; an offer whose child row is gone has none and is left out."""
    ids: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        ids[row.kind].append(row.pk)
    return {name: kinds[name].configure(offer_ids) for name, offer_ids in ids.items()}


def _compile_offer(
    row: Offer,
    kind: OfferKind,
    *,
    audience: CompiledAudience | None,
    variants: tuple[CompiledVariant, ...],
    config: Any,
    experiment: CompiledExperiment | None,
) -> CompiledOffer:
    return CompiledOffer(
        id=row.pk,
        slug=row.slug,
        name=row.name,
        kind=kind,
        status=row.status,
        priority=row.priority,
        placements=frozenset(row.placements),
        order=(row.page_behaviour == Offer.PageBehaviour.FILLER, row.priority, row.pk),
        salt=row.salt,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        audience=audience,
        page_behaviour=row.page_behaviour,
        is_dismissible=row.is_dismissible,
        hide_when_done=row.hide_when_done,
        cap_count=row.cap_count,
        cap_days=row.cap_days,
        variants=variants,
        config=config,
        experiment=experiment,
    )


def _groups(active: Iterable[CompiledOffer]) -> Mapping[str, tuple[AudienceGroup, ...]]:
    by_placement: dict[str, dict[int, list[CompiledOffer]]] = defaultdict(lambda: defaultdict(list))
    for offer in active:
        for placement in offer.placements:
            by_placement[placement][offer.audience.id if offer.audience else 0].append(offer)
    return {
        placement: tuple(
            AudienceGroup(audience=offers[0].audience, offers=tuple(offers))
            for offers in groups.values()
        )
        for placement, groups in by_placement.items()
    }


def _cap_horizon(active: Iterable[CompiledOffer]) -> int | None:
    """Return how many days of history the frequency caps look at: 0 for none, None for all of it."""
    capped = [offer.cap_days for offer in active if offer.cap_count is not None]
    if any(days is None for days in capped):
        return None
    return max((days for days in capped if days is not None), default=0)


def _theme() -> CompiledTheme | None:
    theme = Theme.objects.filter(is_active=True).first()
    if theme is None:
        return None
    css = stylesheet(theme)
    return CompiledTheme(css=css, digest=stylesheet_digest(css))
