"""What a review request and a review platform must not be, as sentences for staff (GUARD 7 of the design).

The form refuses with these sentences when an offer is saved, and activation refuses with the same ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from django_ppx.offers.models import Audience
from django_ppx.offers.traits import load_traits
from django_ppx.reviews.choosing import NEUTRAL_TRAITS
from django_ppx.reviews.models import ReviewPlatform
from django_ppx.reviews.platform_rules import BADGE_ONLY, rules_for

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True, slots=True)
class EffectiveRules:
    """What holds of a platform: the row's rules and those known of its host, whichever is stricter."""

    is_badge_only: bool
    requires_all_customers: bool


def strictest(platform: ReviewPlatform) -> EffectiveRules:
    """Return the rules that hold of a platform, also where a row was written past the form."""
    known = rules_for(platform.url_template)
    return EffectiveRules(
        is_badge_only=BADGE_ONLY in (platform.asking, known.asking if known else ""),
        requires_all_customers=platform.requires_all_customers
        or (known is not None and known.requires_all_customers),
    )


def offer_problems(
    *, platforms: Sequence[ReviewPlatform], audience: Audience | None
) -> tuple[str, ...]:
    """Return what stops a review request with these active platforms and this audience, a sentence each."""
    if not platforms:
        return (_("Choose at least one platform that is switched on."),)
    return (*mixing_problems(platforms), *audience_problems(platforms, audience))


def mixing_problems(platforms: Sequence[ReviewPlatform]) -> tuple[str, ...]:
    """Return why a platform that must not be asked for can't stand beside one that is asked for."""
    badges = [platform.name for platform in platforms if strictest(platform).is_badge_only]
    if not badges or len(badges) == len(platforms):
        return ()
    return (
        _(
            "%(platforms)s must not be asked for reviews, and a link beside a request would be asking. "
            "Make an offer of its own for the profile link."
        )
        % {"platforms": ", ".join(badges)},
    )


def audience_problems(
    platforms: Sequence[ReviewPlatform], audience: Audience | None
) -> tuple[str, ...]:
    """Return why the audience must not select among buyers, for the platforms that want all of them asked alike."""
    strict = [platform.name for platform in platforms if strictest(platform).requires_all_customers]
    if audience is None or not strict:
        return ()
    traits = load_traits()
    selecting = [
        str(traits[rule.trait].label) if rule.trait in traits else rule.trait
        for rule in audience.rules.all()
        if rule.trait not in NEUTRAL_TRAITS
    ]
    if not selecting:
        return ()
    return (
        _(
            "%(platforms)s: all buyers must be asked alike, and the audience “%(audience)s” selects by %(traits)s. "
            "Choose no audience, or one that goes by country and language only."
        )
        % {
            "platforms": ", ".join(strict),
            "audience": audience.name,
            "traits": ", ".join(dict.fromkeys(selecting)),
        },
    )


def looser_than_known(
    *, url_template: str, asking: str, allows_reward: bool, requires_all_customers: bool
) -> Mapping[str, str]:
    """Return, by field, where a platform would be looser than the rules that are known of its host."""
    known = rules_for(url_template)
    if known is None:
        return {}
    problems: dict[str, str] = {}
    name = {"platform": known.name}
    if known.asking == BADGE_ONLY and asking != BADGE_ONLY:
        problems["asking"] = (
            _(
                "%(platform)s does not want customers to be asked at all: a link to the profile only."
            )
            % name
        )
    if allows_reward and not known.allows_reward:
        problems["allows_reward"] = _("%(platform)s forbids any reward for a review.") % name
    if known.requires_all_customers and not requires_all_customers:
        problems["requires_all_customers"] = (
            _("%(platform)s wants all buyers asked alike, the happy and the unhappy.") % name
        )
    return problems
