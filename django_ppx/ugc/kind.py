"""The UGC reward: a card that invites to send in photos, videos or posts, and leads to the page where that is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from django_ppx.core.models import Purchase
from django_ppx.offers.kinds import CardContext, CardParts, Destination, KindRows, OfferKind
from django_ppx.offers.models import Offer
from django_ppx.offers.moments import Moment
from django_ppx.rewards.models import Benefit, BenefitAmount, BenefitScope
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.rewards.wording import summarize
from django_ppx.ugc.guarding import offer_problems
from django_ppx.ugc.links import page_path
from django_ppx.ugc.models import UGCRewardOffer, UGCRewardOfferText
from django_ppx.ugc.offer_forms import (
    UGCRewardOfferForm,
    UGCRewardOfferTextForm,
    UGCRewardOfferTextFormSet,
)

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

FALLBACK_BUTTON: Final = _("Take part")


@dataclass(frozen=True, kw_only=True, slots=True)
class UGCRewardConfig:
    """What the card of one offer says of the reward."""

    offer_id: int
    terms: FrozenTerms


class UGCRewardKind(OfferKind):
    """Invites the buyer of an order that stands; one that was cancelled or refunded has nothing to show."""

    name = "ugc_reward"
    label = _("UGC reward")
    description = _("Rewards photos, videos and posts of what was bought.")
    icon = "camera"
    model = UGCRewardOffer
    form = UGCRewardOfferForm
    rows = (
        KindRows(
            name="texts",
            model=UGCRewardOfferText,
            form=UGCRewardOfferTextForm,
            formset=UGCRewardOfferTextFormSet,
            link="ugc_offer",
        ),
    )
    sources = (Benefit, BenefitAmount, BenefitScope)
    done_events = frozenset({"submit"})

    def configure(self, offer_ids: Sequence[int]) -> Mapping[int, Any]:
        rows = dict(
            UGCRewardOffer._base_manager.filter(pk__in=offer_ids).values_list("pk", "benefit_id")
        )
        benefits = Benefit.objects.prefetch_related("amounts", "scopes").in_bulk(set(rows.values()))
        return {
            pk: UGCRewardConfig(offer_id=pk, terms=FrozenTerms.of(benefits[benefit_id]))
            for pk, benefit_id in rows.items()
        }

    def is_available(self, config: Any, moment: Moment) -> bool:
        return moment.purchase is None or moment.purchase.status == Purchase.Status.PLACED

    def parts(self, config: Any, context: CardContext) -> CardParts:
        moment, label = context.moment, context.button
        with translation.override(context.language):
            label = label or str(FALLBACK_BUTTON)
            currency = moment.purchase.total.currency if moment.purchase else ""
            reward = summarize(config.terms, currency=currency)
        if moment.purchase is None:
            return CardParts(details={"reward": reward})
        url = page_path(
            ugc_offer_id=config.offer_id, purchase_id=moment.purchase.id, now=moment.now
        )
        return CardParts(
            destinations=(Destination(key="take-part", label=label, url=url),),
            details={"reward": reward},
        )

    def problems(self, offer: Offer) -> Sequence[_StrOrPromise]:
        return offer_problems(UGCRewardOffer._base_manager.get(pk=offer.pk))

    def copy_children(self, source: Offer, copy: Offer) -> None:
        for row in UGCRewardOfferText.objects.filter(ugc_offer=source.pk).order_by("pk"):
            row.pk = None
            row.ugc_offer_id = copy.pk
            row.save(force_insert=True)

    def starter_texts(self) -> Mapping[str, Mapping[str, str]]:
        return {
            "en": {
                "headline": "Show us how you use it",
                "text": "Send us a photo or a short video. If we may show it, there is something for you.",
                "button": "Take part",
            },
            "de": {
                "headline": "Zeigen Sie uns, wie Sie es nutzen",
                "text": "Schicken Sie uns ein Foto oder kurzes Video. "
                "Dürfen wir es zeigen, bekommen Sie etwas dafür.",
                "button": "Mitmachen",
            },
        }
