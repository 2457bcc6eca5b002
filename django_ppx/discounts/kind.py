"""The next-purchase discount: a personal code for the next order, one per order and offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from django_ppx.conf import ppx_settings
from django_ppx.core.models import Purchase
from django_ppx.discounts.card_codes import SAMPLE_VALUE, CodeState, card_code, state_of
from django_ppx.discounts.forms import NextPurchaseDiscountForm
from django_ppx.discounts.guarding import benefit_problems
from django_ppx.discounts.models import NextPurchaseDiscount
from django_ppx.offers.kinds import (
    CardContext,
    CardParts,
    Destination,
    Grant,
    GrantedCode,
    OfferKind,
)
from django_ppx.offers.models import Offer
from django_ppx.offers.moments import Moment, StoredCode
from django_ppx.rewards.granting import RewardRequest, code_of, grant_rewards
from django_ppx.rewards.models import (
    Benefit,
    BenefitAmount,
    BenefitBudget,
    BenefitScope,
    DiscountCode,
    Reward,
)
from django_ppx.rewards.pricing import is_foreign
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.rewards.validity import expires_at, starts_at

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

FALLBACK_BUTTON: Final = _("Continue shopping")


@dataclass(frozen=True, kw_only=True, slots=True)
class DiscountConfig:
    """The benefit as it stands now, for codes to come, and where the button leads."""

    offer_id: int
    benefit_id: int
    terms: FrozenTerms
    url: str = ""
    ended_currencies: frozenset[str] = frozenset()
    """Those in which the budget of the benefit is used up."""


class NextPurchaseDiscountKind(OfferKind):
    """Hands out a code on the first showing and shows that same code ever after."""

    name = "next_purchase_discount"
    label = _("Next-purchase discount")
    description = _("Gives every order a personal code for the next one.")
    icon = "tag"
    model = NextPurchaseDiscount
    form = NextPurchaseDiscountForm
    sources = (Benefit, BenefitAmount, BenefitBudget, BenefitScope)
    default_design = "ticket"
    # Done is who used the code up; the ledger says so, no event has to.
    done_events = frozenset()
    gives_code = True

    def configure(self, offer_ids: Sequence[int]) -> Mapping[int, Any]:
        rows = list(
            NextPurchaseDiscount._base_manager.filter(pk__in=offer_ids).values_list(
                "pk", "benefit_id", "url"
            )
        )
        benefits = Benefit.objects.prefetch_related("amounts", "scopes", "budgets").in_bulk(
            {row[1] for row in rows}
        )
        terms = {pk: FrozenTerms.of(benefit) for pk, benefit in benefits.items()}
        return {
            pk: DiscountConfig(
                offer_id=pk,
                benefit_id=benefit_id,
                terms=terms[benefit_id],
                url=url,
                ended_currencies=_ended(benefits[benefit_id]),
            )
            for pk, benefit_id, url in rows
        }

    def is_available(self, config: Any, moment: Moment) -> bool:
        """An order that was cancelled or wholly refunded earns no code, and a benefit without an amount in the order's
        currency gives nothing: there is no conversion.

        A code that was given stays on its page, whatever becomes of the benefit and the order.
        """
        if moment.presented_here(config.offer_id) is not None:
            return True
        if not config.terms.is_discount:
            return False
        if moment.purchase is not None and moment.purchase.status != Purchase.Status.PLACED:
            return False
        if moment.purchase is None:
            return True
        currency = moment.purchase.total.currency
        return currency not in config.ended_currencies and not is_foreign(config.terms, currency)

    def grant(self, grants: Sequence[Grant], *, now: datetime) -> Mapping[int, GrantedCode]:
        requests = {
            f"offer:{grant.offer_id}:purchase:{grant.purchase_id}": grant for grant in grants
        }
        rewards = grant_rewards(
            requests=[
                RewardRequest(
                    reason_key=key,
                    reason_type=Reward.ReasonType.OFFER,
                    benefit_id=grant.config.benefit_id,
                    terms=grant.config.terms,
                    customer_id=grant.customer_id,
                    purchase_id=grant.purchase_id,
                    reason=grant.offer_name,
                )
                for key, grant in requests.items()
            ],
            now=now,
        )
        return {
            requests[reward.reason_key].offer_id: _granted(code)
            for reward in rewards
            if (code := code_of(reward)) is not None
        }

    def sample_code(self, config: Any, *, now: datetime) -> StoredCode | None:
        if config is None:
            return None
        return StoredCode(
            value=SAMPLE_VALUE,
            terms=config.terms.as_json(),
            starts_at=starts_at(config.terms, now=now),
            expires_at=expires_at(config.terms, now=now),
            is_used_up=False,
        )

    def parts(self, config: Any, context: CardContext) -> CardParts:
        """Show the code, or say that it is spent: a dead code on a page only leads to a refusal at the checkout."""
        destinations = _destinations(config, context)
        if context.code is None:
            return CardParts(destinations=destinations)
        state = state_of(context.code, now=context.moment.now)
        if state is not CodeState.VALID:
            return CardParts(destinations=destinations, details={"code_state": state.value})
        purchase = context.moment.purchase
        shown = card_code(
            context.code,
            language=context.language,
            currency=purchase.total.currency if purchase else "",
            zone=ppx_settings.PPX_TIME_ZONE,
            now=context.moment.now,
        )
        return CardParts(destinations=destinations, code=shown)

    def problems(self, offer: Offer) -> Sequence[_StrOrPromise]:
        discounts = NextPurchaseDiscount._base_manager.select_related("benefit")
        return benefit_problems(discounts.get(pk=offer.pk).benefit)

    def starter_texts(self) -> Mapping[str, Mapping[str, str]]:
        return {
            "en": {
                "headline": "Thank you – something for next time",
                "text": "Your personal code for your next order.",
                "button": "Continue shopping",
            },
            "de": {
                "headline": "Danke – etwas fürs nächste Mal",
                "text": "Ihr persönlicher Code für die nächste Bestellung.",
                "button": "Weiter einkaufen",
            },
        }


def _destinations(config: DiscountConfig, context: CardContext) -> tuple[Destination, ...]:
    if not config.url:
        return ()
    label = context.button
    if not label:
        with translation.override(context.language):
            label = str(FALLBACK_BUTTON)
    return (Destination(key="link", label=label, url=config.url),)


def _ended(benefit: Benefit) -> frozenset[str]:
    return frozenset(budget.currency for budget in benefit.budgets.all() if budget.is_used_up)


def _granted(row: DiscountCode) -> GrantedCode:
    return GrantedCode(
        id=row.pk,
        stored=StoredCode(
            value=row.code,
            terms=row.terms,
            starts_at=row.starts_at,
            expires_at=row.expires_at,
            is_used_up=row.times_used >= row.max_uses,
            is_revoked=row.status == DiscountCode.Status.REVOKED,
            is_expired=row.status == DiscountCode.Status.EXPIRED,
        ),
    )
