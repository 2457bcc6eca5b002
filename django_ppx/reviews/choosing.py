"""Which platforms one customer is led to. Pure: no Django.

A rating is not among the facts: it can't change what is chosen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from django_ppx.offers.moments import Moment
from django_ppx.reviews.url_templates import fill

NEUTRAL_TRAITS: Final = frozenset({"country", "language"})
"""What an audience may select by where a platform wants all buyers asked alike."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PlatformConfig:
    """One platform of one offer."""

    id: int
    name: str
    slug: str
    icon: str
    url_template: str
    countries: frozenset[str] = frozenset()
    is_badge_only: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewConfig:
    """The platforms of one offer, in order."""

    platforms: tuple[PlatformConfig, ...] = ()
    max_platforms: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewLink:
    """A platform with its address for this purchase."""

    platform: PlatformConfig
    url: str


def may_stand_together(platforms: tuple[PlatformConfig, ...]) -> tuple[PlatformConfig, ...]:
    """Return the platforms without those that must not be asked for, unless there are no others.

    A link to a profile on a card that asks for reviews would be asking.
    """
    asked = tuple(platform for platform in platforms if not platform.is_badge_only)
    return asked or platforms


def choose_platforms(
    config: ReviewConfig, *, moment: Moment, language: str
) -> tuple[ReviewLink, ...]:
    """Return the first platforms of the customer's country whose address can be filled."""
    links = []
    country = country_of(moment)
    values = _values(moment, country=country, language=language)
    for link in _fitting(config, country=country, values=values):
        links.append(link)
        if len(links) >= config.max_platforms:
            break
    return tuple(links)


def country_of(moment: Moment) -> str:
    """Return where the order goes, else where the customer lives, as two capitals; empty when nobody knows."""
    for facts in (moment.purchase, moment.customer):
        if facts is not None and facts.country:
            return facts.country.upper()
    return ""


def _fitting(
    config: ReviewConfig, *, country: str, values: Mapping[str, str]
) -> Iterator[ReviewLink]:
    for platform in config.platforms:
        if platform.countries and country not in platform.countries:
            continue
        url = fill(platform.url_template, values)
        if url is not None:
            yield ReviewLink(platform=platform, url=url)


def _values(moment: Moment, *, country: str, language: str) -> Mapping[str, str]:
    purchase = moment.purchase
    skus = (line.sku for line in purchase.lines if line.sku) if purchase else iter(())
    return {
        "order": purchase.order_ref if purchase else "",
        "sku": next(skus, ""),
        "language": language,
        "country": country,
    }
