"""What the thank-you pages of the demo's trade have shown, and what people did there."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django_ppx.events.models import OfferEvent
from django_ppx.events.recording import EventSubject, dedupe_key
from django_ppx.experiments.assignment import Exposure
from django_ppx.experiments.bucketing import pick
from django_ppx.experiments.exposing import ExposedPage, record_exposures
from django_ppx.offers.models import Offer, OfferPresentation, OfferVariant
from django_ppx.rewards.granting import RewardRequest, code_of, grant_rewards
from django_ppx.rewards.models import DiscountCode, Reward
from django_ppx.rewards.terms import FrozenTerms

from .books import Sale
from .trials import DISCOUNT, SHARE, WATCH, Trials

LOADED_AFTER = timedelta(seconds=4)
SEEN = 0.9
# What a customer does with a card that they have seen, and how likely, by offer and variant.
RESPONSES: dict[tuple[str, str], tuple[tuple[str, float], ...]] = {
    (DISCOUNT, "A"): (("copy", 0.5),),
    (SHARE, "A"): (("share", 0.085), ("dismiss", 0.05)),
    (SHARE, "B"): (("share", 0.10), ("dismiss", 0.05)),
    (WATCH, "A"): (("click", 0.17), ("dismiss", 0.05)),
    (WATCH, "B"): (("click", 0.19), ("dismiss", 0.06)),
}
CHANNELS = ("whatsapp", "whatsapp", "pinterest", "email")


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One offer for one order: the variant, None where an experiment shows nothing."""

    sale: Sale
    slug: str
    variant: OfferVariant | None
    exposure: Exposure | None

    @property
    def at(self) -> datetime:
        return self.sale.order.placed_at + LOADED_AFTER


class Pages:
    """Opens the pages of one day's orders; what experiments run decide, they decide with the real hash."""

    def __init__(self, *, trials: Trials, chance: random.Random) -> None:
        self.trials = trials
        self.chance = chance
        self.offers = {
            offer.slug: offer for offer in Offer.objects.filter(slug__in=(DISCOUNT, SHARE, WATCH))
        }
        self.variants: dict[str, list[OfferVariant]] = {
            slug: list(offer.variants.order_by("label")) for slug, offer in self.offers.items()
        }
        self.benefit = self.offers[DISCOUNT].next_purchase_discount.benefit
        self.terms = FrozenTerms.of(self.benefit)

    def open(self, sales: Sequence[Sale], *, day: int) -> set[int]:
        """Show what there is to show for these orders, and return the purchases whose page had the discount."""
        slots = [slot for sale in sales for slot in self.slots(sale, day)]
        self.expose(slots)
        shown = [slot for slot in slots if slot.variant is not None]
        codes = self.grant([slot for slot in shown if slot.slug == DISCOUNT])
        rows = [self.presentation(slot, codes) for slot in shown]
        events = [
            event
            for slot, row in zip(shown, rows, strict=True)
            for event in self.respond(slot, row, codes)
        ]
        OfferPresentation.objects.bulk_create(rows)
        OfferEvent.objects.bulk_create(events)
        return set(codes)

    def slots(self, sale: Sale, day: int) -> list[Slot]:
        """Return what stands on the page of one order; nothing where the page did not come up."""
        slots = [
            self.slot(sale, slug)
            for slug in self.trials.offers_of(day, is_first=sale.buyer.orders == 1)
            if self.offers[slug].pk not in sale.buyer.dismissed
        ]
        labels = {slot.slug: slot.variant.label for slot in slots if slot.variant is not None}
        return [] if self.trials.loses(labels, day=day, draw=self.chance.random()) else slots

    def slot(self, sale: Sale, slug: str) -> Slot:
        unit = str(sale.purchase.customer_id)
        variants = self.variants[slug]
        experiment = self.trials.running.get(slug)
        if experiment is None:
            weights = [variant.weight for variant in variants]
            index = pick(slug, unit, weights) or 0
            return Slot(sale=sale, slug=slug, variant=variants[index], exposure=None)
        arm = experiment.arm_of(unit)
        shown = next((each for each in variants if arm and each.pk == arm.variant_id), None)
        exposure = Exposure(experiment=experiment, arm=arm) if arm else None
        return Slot(sale=sale, slug=slug, variant=shown, exposure=exposure)

    def expose(self, slots: Sequence[Slot]) -> None:
        by_page: dict[int, list[Slot]] = {}
        for slot in slots:
            if slot.exposure is not None and self.trials.is_new(slot.exposure, slot.sale):
                by_page.setdefault(slot.sale.purchase.pk, []).append(slot)
        for found in by_page.values():
            page = ExposedPage(
                customer_id=found[0].sale.purchase.customer_id,
                purchase_id=found[0].sale.purchase.pk,
                placement="thank_you",
                now=found[0].at,
            )
            exposures = [slot.exposure for slot in found if slot.exposure is not None]
            record_exposures(exposures=exposures, page=page)

    def grant(self, slots: Sequence[Slot]) -> dict[int, DiscountCode]:
        """Return the codes that these pages give, by purchase."""
        if not slots:
            return {}
        offer = self.offers[DISCOUNT]
        requests = [
            RewardRequest(
                reason_key=f"offer:{offer.pk}:purchase:{slot.sale.purchase.pk}",
                reason_type=Reward.ReasonType.OFFER,
                benefit_id=self.benefit.pk,
                terms=self.terms,
                customer_id=slot.sale.purchase.customer_id,
                purchase_id=slot.sale.purchase.pk,
                reason=offer.name,
            )
            for slot in slots
        ]
        codes = [code_of(reward) for reward in grant_rewards(requests=requests, now=slots[0].at)]
        return {code.purchase_id: code for code in codes if code and code.purchase_id}

    def presentation(self, slot: Slot, codes: dict[int, DiscountCode]) -> OfferPresentation:
        purchase = slot.sale.purchase
        return OfferPresentation(
            offer_id=self.offers[slot.slug].pk,
            variant=slot.variant,
            purchase=purchase,
            customer_id=purchase.customer_id,
            placement="thank_you",
            language=purchase.language,
            code=codes.get(purchase.pk) if slot.slug == DISCOUNT else None,
            presented_at=slot.at,
        )

    def respond(
        self, slot: Slot, row: OfferPresentation, codes: dict[int, DiscountCode]
    ) -> list[OfferEvent]:
        """Return what one customer did with one card: saw it, most of the time, and now and then more."""
        if self.chance.random() > SEEN:
            return []
        at = slot.at + timedelta(seconds=self.chance.randrange(2, 20))
        events = [event_of(row, "impression", at)]
        for name, likelihood in RESPONSES[slot.slug, row.variant.label]:
            if self.chance.random() >= likelihood:
                continue
            at += timedelta(seconds=self.chance.randrange(3, 60))
            channel = self.chance.choice(CHANNELS) if name == "share" else ""
            events.append(event_of(row, name, at, channel=channel))
            if name == "copy":
                slot.sale.buyer.code = codes[row.purchase_id]
            elif name == "dismiss":
                row.dismissed_at = at
                slot.sale.buyer.dismissed.add(row.offer_id)
            else:
                row.done_at = at
            break
        return events


def event_of(row: OfferPresentation, name: str, at: datetime, *, channel: str = "") -> OfferEvent:
    """Return one event, not stored."""
    subject = EventSubject(
        offer_id=row.offer_id,
        variant_id=row.variant_id,
        presentation_id=str(row.pk),
        customer_id=row.customer_id,
    )
    return OfferEvent(
        name=name,
        offer_id=row.offer_id,
        variant_id=row.variant_id,
        presentation_id=row.pk,
        customer_id=row.customer_id,
        channel=channel,
        source=OfferEvent.Source.LINK if name == "click" else OfferEvent.Source.BEACON,
        occurred_at=at,
        dedupe_key=dedupe_key(name=name, subject=subject, channel=channel),
    )
