"""The offers of an order, as data and as HTML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils import timezone, translation
from rest_framework.response import Response

from django_ppx.api.documenting import described
from django_ppx.api.idempotency import idempotent
from django_ppx.api.problems import Problem, Reason
from django_ppx.api.shopper.cards import card_json
from django_ppx.api.shopper.serializers import (
    DecisionSerializer,
    FragmentRequestSerializer,
    FragmentSerializer,
    PlacementSerializer,
)
from django_ppx.api.views import ShopperView
from django_ppx.offers.building import icons_url
from django_ppx.offers.cards import Card
from django_ppx.offers.pages import (
    PlacementQuery,
    UnknownOrder,
    head_context,
    offers_of,
    shop_language,
)
from django_ppx.offers.rendering import render_offers


class PageView(ShopperView):
    """For what a page of the shop shows as well: the shop's adapter and the experiments meet the same visitor.

    `page_request` is the host's own request, with the user whom the host's middleware found: the API's
    authentication would leave none on it, and staff who look at a customer's page would count as customers.
    """

    page_request: HttpRequest

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.page_request = request
        self._visitor = getattr(request, "user", None)
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self._visitor is not None:
            self.page_request.user = self._visitor

    @property
    def base(self) -> str:
        """Return our origin, with which every address in an answer begins."""
        return self.page_request.build_absolute_uri("/")

    def language(self, asked: str = "") -> str:
        """Return the language to answer in: the one asked for or else the caller's, where the shop has it."""
        return shop_language(asked or translation.get_language() or "")

    def offers(self, body: Mapping[str, Any], *, language: str) -> tuple[Card, ...]:
        """Return the cards that are asked for. :raises Problem: when there is no such order."""
        query = PlacementQuery(
            placement=body["placement"],
            language=language,
            limit=body.get("limit"),
            base=self.base,
        )
        try:
            return offers_of(
                self.order_ref, query=query, request=self.page_request, now=timezone.now()
            )
        except UnknownOrder:
            raise Problem(Reason.NOT_FOUND) from None


class DecisionsView(PageView):
    """The offers of the order, as data."""

    @described(
        "decideOffers",
        summary="Decide which offers the order's page shows",
        description=(
            "The first time at a placement fixes wording and code for good; asking again gives the same. Who asks on "
            "a customer's behalf passes the customer's User-Agent and Accept-Language on: machines take part in no "
            "experiment."
        ),
        tag="shopper",
        request=PlacementSerializer,
        responses={200: DecisionSerializer},
        is_write=True,
    )
    @idempotent
    def post(self, request: Any) -> Response:
        body = self.read(PlacementSerializer)
        language = self.language(body.get("language", ""))
        with translation.override(language):
            cards = [card_json(card) for card in self.offers(body, language=language)]
        return Response({"placement": body["placement"], "language": language, "offers": cards})


class FragmentsView(PageView):
    """The offers of the order, as HTML."""

    @described(
        "renderOffers",
        summary="Render the offers that the order's page shows",
        description=(
            "The HTML of the same offers, for a page on whatever origin: every address in it is absolute."
        ),
        tag="shopper",
        request=FragmentRequestSerializer,
        responses={200: FragmentSerializer},
        is_write=True,
    )
    @idempotent
    def post(self, request: Any) -> Response:
        body = self.read(FragmentRequestSerializer)
        language = self.language(body.get("language", ""))
        with translation.override(language):
            cards = self.offers(body, language=language)
            html = render_offers(cards, heading=body["heading"], base=self.base)
        head = head_context(self.page_request, base=self.base)
        stylesheets = [url for url in (head["css_url"], head["theme_url"]) if url]
        return Response(
            {
                "html": str(html),
                "stylesheets": stylesheets,
                "script": head["js_url"],
                "icons": icons_url(self.base),
            }
        )
