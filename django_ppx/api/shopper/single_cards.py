"""What a front end does with one card. A card that is not of the caller's order is not found."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

from django.utils import timezone
from rest_framework.response import Response

from django_ppx.api.documenting import described
from django_ppx.api.fields import NothingSerializer
from django_ppx.api.idempotency import idempotent
from django_ppx.api.shopper.cards import card_json, link_json
from django_ppx.api.shopper.pages import PageView
from django_ppx.api.shopper.serializers import (
    CardDestinationSerializer,
    CardLinksSerializer,
    CardSerializer,
    FollowLinkSerializer,
)
from django_ppx.events.bots import visit_from_headers
from django_ppx.offers.claiming import CardView, claim_card, look_at_card
from django_ppx.offers.responding import Report, follow_link, report_event
from django_ppx.offers.shown_cards import CardName
from django_ppx.offers.snapshot import current_snapshot


class SingleCardView(PageView):
    """The base of these."""

    def name(self, card: str) -> CardName:
        return CardName(token=card, order_ref=self.order_ref)

    def view_of(self, card: str) -> CardView:
        return CardView(name=self.name(card), language=self.language(), base=self.base)


class ClaimView(SingleCardView):
    """Taking the code."""

    @described(
        "claimCard",
        summary="Take the code of a card",
        description=(
            "Returns the card with its code, and counts the code as copied, once. A card without a code, or whose code "
            "can't be used any more, answers 409 `nothing_to_claim`."
        ),
        tag="shopper",
        request=NothingSerializer,
        responses={200: CardSerializer},
        is_write=True,
    )
    @idempotent
    def post(self, request: Any, card: str) -> Response:
        self.read(NothingSerializer)
        claimed = claim_card(
            current_snapshot(),
            self.view_of(card),
            visit=visit_from_headers("POST", request.headers),
            now=timezone.now(),
        )
        return Response(card_json(claimed))


class DismissView(SingleCardView):
    """Hiding an offer."""

    @described(
        "dismissCard",
        summary="Hide an offer for good",
        tag="shopper",
        request=NothingSerializer,
        responses={204: None},
        is_write=True,
    )
    @idempotent
    def post(self, request: Any, card: str) -> Response:
        self.read(NothingSerializer)
        report_event(
            Report(token=card, event="dismiss", order_ref=self.order_ref),
            visit=visit_from_headers("POST", request.headers),
            now=timezone.now(),
        )
        return Response(status=204)


class LinksView(SingleCardView):
    """The ways out of a card."""

    @described(
        "listCardLinks",
        summary="List the links of a card",
        description="Share links and all others, each through our signed redirect, which counts the click.",
        tag="shopper",
        responses={200: CardLinksSerializer},
    )
    def get(self, request: Any, card: str) -> Response:
        found = look_at_card(current_snapshot(), self.view_of(card), now=timezone.now())
        return Response({"links": [link_json(link) for link in found.links]})


class FollowView(SingleCardView):
    """Where a link leads, for apps that can't follow a redirect."""

    @described(
        "followCardLink",
        summary="Tell where a link of a card leads, and count the click",
        tag="shopper",
        request=FollowLinkSerializer,
        responses={200: CardDestinationSerializer},
        is_write=True,
    )
    @idempotent
    def post(self, request: Any, card: str) -> Response:
        body = self.read(FollowLinkSerializer)
        url = follow_link(
            current_snapshot(),
            card=self.name(card),
            key=body["key"],
            visit=visit_from_headers("POST", request.headers),
            now=timezone.now(),
        )
        return Response({"url": urljoin(self.base, url)})
