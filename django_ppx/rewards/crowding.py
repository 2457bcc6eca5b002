"""Whether live codes could be guessed: counted over all benefits whose codes look alike."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.db.models.functions import Length
from django.utils.translation import ngettext

from django_ppx.conf import ppx_settings
from django_ppx.rewards.alphabet import RANDOM, fold, shape_of
from django_ppx.rewards.models import Benefit, CodeBatch, DiscountCode
from django_ppx.rewards.space import characters_needed, is_crowded, random_characters
from django_ppx.rewards.terms import FrozenTerms, UnreadableTerms


@dataclass(frozen=True, kw_only=True, slots=True)
class Crowd:
    """A shape of which more codes are live than it has room for."""

    shape: str
    live: int

    @property
    def needed(self) -> int:
        """Random characters that so many codes need."""
        return characters_needed(self.live)


def shape_of_terms(terms: FrozenTerms) -> str:
    """Return how codes of these terms are made from now on: "THANKS############"."""
    return shape_of(
        prefix=terms.code_prefix, pattern=terms.code_pattern, length=ppx_settings.PPX_CODE_LENGTH
    )


def live_of_shape(shape: str, *, now: datetime) -> int:
    """Return how many live codes look like this, whichever benefit they are of."""
    head, _mark, rest = shape.partition(RANDOM)
    codes = DiscountCode.objects.live(now=now).annotate(ppx_length=Length("code"))
    codes = codes.filter(ppx_length=len(shape))
    if head:
        codes = codes.filter(code__startswith=head)
    if rest.strip(RANDOM):  # fixed characters stand after the first random one
        pattern = re.escape(shape).replace(re.escape(RANDOM), ".")
        codes = codes.filter(code__regex=f"^{pattern}$")
    return codes.count()


def ordered_of_shape(shape: str) -> int:
    """Return how many codes of this shape are ordered and not made yet."""
    running = CodeBatch.objects.filter(
        kind=CodeBatch.Kind.DRAWN, status=CodeBatch.Status.RUNNING
    ).values_list("terms", "requested", "made")
    return sum(
        requested - made for terms, requested, made in running if _shape_of_stored(terms) == shape
    )


def _shape_of_stored(terms: Mapping[str, Any]) -> str:
    """Return the shape of a batch; "" when its terms can't be read, since it then makes none."""
    try:
        return shape_of_terms(FrozenTerms.from_json(terms))
    except UnreadableTerms:
        return ""


def crowd_with(shape: str, *, more: int, now: datetime) -> Crowd | None:
    """Return what would be crowded if there were `more` codes of this shape; None when there is room for them."""
    live = live_of_shape(shape, now=now) + ordered_of_shape(shape) + more
    return Crowd(shape=shape, live=live) if is_crowded(shape, live=live) else None


def crowding_sentence(crowd: Crowd) -> str:
    """Return for staff what is wrong with so many codes, and how many characters would do."""
    return ngettext(
        "%(live)d code with %(random)d random characters could be guessed: %(needed)d are needed.",
        "%(live)d codes with %(random)d random characters could be guessed: %(needed)d are needed.",
        crowd.live,
    ) % {
        "live": crowd.live,
        "random": random_characters(crowd.shape),
        "needed": crowd.needed,
    }


def crowded_shapes(*, now: datetime) -> list[Crowd]:
    """Return every shape of which too many codes are live, in order. Two queries.

    Imported codes are not counted: how they were drawn is not known here. A code is taken to be made as its benefit's
    codes of that length are made now.
    """
    drawn = DiscountCode.objects.live(now=now).exclude(batch__kind=CodeBatch.Kind.IMPORTED)
    counts = (
        drawn.annotate(ppx_length=Length("code"))
        .values_list("benefit", "ppx_length")
        .annotate(n=Count("pk"))
        .order_by()
    )
    made = list(counts)
    benefits = Benefit.objects.in_bulk({benefit for benefit, _length, _n in made})
    live: Counter[str] = Counter()
    for benefit_id, length, n in made:
        live[_shape_of_length(benefits[benefit_id], length)] += n
    return [
        Crowd(shape=shape, live=n) for shape, n in sorted(live.items()) if is_crowded(shape, live=n)
    ]


def _shape_of_length(benefit: Benefit, length: int) -> str:
    pattern = benefit.code_pattern.upper().replace("-", "")
    if len(pattern) == length:
        return pattern
    prefix = fold(benefit.code_prefix)
    return shape_of(prefix=prefix, length=max(length - len(prefix), 0))
