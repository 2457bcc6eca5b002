"""The review request. What it can't do is the point of it: no reward, no choice by rating (GUARD 7 of the design)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from django_ppx.offers.kinds import CardContext, CardParts, Destination, OfferKind
from django_ppx.offers.models import AudienceRule, Offer
from django_ppx.offers.moments import Moment
from django_ppx.reviews.choosing import (
    NEUTRAL_TRAITS,
    PlatformConfig,
    ReviewConfig,
    ReviewLink,
    choose_platforms,
    may_stand_together,
)
from django_ppx.reviews.forms import ReviewRequestForm
from django_ppx.reviews.guarding import offer_problems, strictest
from django_ppx.reviews.models import ReviewPlatform, ReviewRequest

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

BADGE_LABEL: Final = _("See our profile on %(platform)s")


class ReviewRequestKind(OfferKind):
    """Leads to review platforms in neutral words. Gives no code and takes no benefit."""

    name = "review_request"
    label = _("Review request")
    description = _("Asks every customer alike for a review, on platforms chosen by country.")
    icon = "star"
    model = ReviewRequest
    form = ReviewRequestForm
    sources = (ReviewPlatform,)

    def configure(self, offer_ids: Sequence[int]) -> Mapping[int, Any]:
        selecting = _selecting_offers(offer_ids)
        found: dict[int, list[PlatformConfig]] = defaultdict(list)
        through = ReviewRequest.platforms.through
        rows = (
            through._default_manager.filter(
                reviewrequest__in=offer_ids, reviewplatform__is_active=True
            )
            .select_related("reviewplatform")
            .order_by("reviewplatform__priority", "reviewplatform__name", "reviewplatform_id")
        )
        for row in rows:
            # An audience may have come to select after the offer was saved: then the platform is not asked for.
            rules = strictest(row.reviewplatform)
            if rules.requires_all_customers and row.reviewrequest_id in selecting:
                continue
            found[row.reviewrequest_id].append(
                _compiled(row.reviewplatform, is_badge_only=rules.is_badge_only)
            )
        limits = ReviewRequest._base_manager.filter(pk__in=offer_ids).values_list(
            "pk", "max_platforms"
        )
        return {
            pk: ReviewConfig(platforms=may_stand_together(tuple(found[pk])), max_platforms=limit)
            for pk, limit in limits
        }

    def is_available(self, config: Any, moment: Moment) -> bool:
        return bool(choose_platforms(config, moment=moment, language=moment.language))

    def parts(self, config: Any, context: CardContext) -> CardParts:
        links = choose_platforms(config, moment=context.moment, language=context.language)
        single = context.button if len(links) == 1 else ""
        return CardParts(
            destinations=tuple(_destination(link, single, context.language) for link in links)
        )

    def problems(self, offer: Offer) -> Sequence[_StrOrPromise]:
        platforms = ReviewPlatform.objects.filter(review_requests=offer.pk, is_active=True)
        return offer_problems(platforms=list(platforms), audience=offer.audience)

    def copy_children(self, source: Offer, copy: Offer) -> None:
        platforms = ReviewPlatform.objects.filter(review_requests=source.pk)
        ReviewRequest._base_manager.get(pk=copy.pk).platforms.set(platforms)

    def starter_texts(self) -> Mapping[str, Mapping[str, str]]:
        return {
            "en": {
                "headline": "How was it?",
                "text": "Whatever you think of your order: tell others about it, in your own words.",
                "button": "Write a review",
            },
            "de": {
                "headline": "Wie war es?",
                "text": "Was immer Sie von Ihrer Bestellung halten: Berichten Sie anderen davon, in Ihren Worten.",
                "button": "Bewertung schreiben",
            },
        }


def _selecting_offers(offer_ids: Sequence[int]) -> frozenset[int]:
    """Return the offers whose audience selects by more than country and language. One query."""
    rules = AudienceRule.objects.filter(audience__offers__in=offer_ids).exclude(
        trait__in=NEUTRAL_TRAITS
    )
    return frozenset(rules.values_list("audience__offers", flat=True))


def _compiled(platform: ReviewPlatform, *, is_badge_only: bool) -> PlatformConfig:
    return PlatformConfig(
        id=platform.pk,
        name=platform.name,
        slug=platform.slug,
        icon=platform.icon,
        url_template=platform.url_template,
        countries=frozenset(country.upper() for country in platform.countries),
        is_badge_only=is_badge_only,
    )


def _destination(link: ReviewLink, button: str, language: str) -> Destination:
    platform = link.platform
    label = button or platform.name
    if platform.is_badge_only:
        with translation.override(language):
            label = str(BADGE_LABEL) % {"platform": platform.name}
    return Destination(
        key=f"platform-{platform.id}",
        label=label,
        url=link.url,
        icon=platform.icon,
        channel=platform.slug,
    )
