"""What a checkout asks of discount codes.

A code that is not good is a 409: `reason` is the truth, for the shop; `detail` a sentence for whoever typed it, which
tells nobody but its owner that a code exists. Guesses are not counted here: it is the shop that asks.
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework.response import Response

from django_ppx.access.scopes import Scope
from django_ppx.api.codes.serializers import (
    QuotedSerializer,
    QuoteSerializer,
    RedeemSerializer,
    RedemptionSerializer,
    ReleasedSerializer,
    ReleaseSerializer,
    ReserveSerializer,
)
from django_ppx.api.codes.values import quote_json, read_basket, read_order, redemption_json
from django_ppx.api.documenting import described
from django_ppx.api.idempotency import idempotent
from django_ppx.api.views import BackendView
from django_ppx.conf import ppx_settings
from django_ppx.rewards.quoting import quote_code
from django_ppx.rewards.redeeming import redeem_code, reserve_code
from django_ppx.rewards.releasing import release_code


class QuoteView(BackendView):
    scopes = {"POST": Scope.CODES_WRITE}

    @described(
        "quoteCode",
        summary="Say what a code takes off a basket",
        description="Nothing is reserved or used up.",
        tag="codes",
        request=QuoteSerializer,
        responses={200: QuotedSerializer},
        is_write=True,
    )
    @idempotent
    def post(self, request: Any) -> Response:
        body = self.read(QuoteSerializer)
        basket = read_basket(body["basket"])
        return Response(
            quote_json(quote_code(code=body["code"], basket=basket, now=timezone.now()))
        )


class ReserveView(BackendView):
    scopes = {"POST": Scope.CODES_WRITE}

    @described(
        "reserveCode",
        summary="Hold one use of a code for the order that is about to be paid",
        description="Nobody else gets it meanwhile. The same order asking again holds it for longer.",
        tag="codes",
        request=ReserveSerializer,
        responses={200: RedemptionSerializer},
        is_write=True,
    )
    @idempotent
    def post(self, request: Any) -> Response:
        body = self.read(ReserveSerializer)
        minutes = body.get("minutes", ppx_settings.PPX_RESERVATION_MINUTES)
        redemption = reserve_code(
            code=body["code"],
            order_ref=body["order_ref"],
            basket=read_basket(body["basket"]),
            now=timezone.now(),
            ttl_seconds=minutes * 60,
            discount=body.get("discount"),
        )
        return Response(redemption_json(redemption))


class RedeemView(BackendView):
    scopes = {"POST": Scope.CODES_WRITE}

    @described(
        "redeemCode",
        summary="Use a code up for an order",
        description=(
            "The same order asking again gets the same answer; of two orders that want one use, one gets it. "
            "An order that is sent along is not recorded by this: send it to orders/ as well."
        ),
        tag="codes",
        request=RedeemSerializer,
        responses={200: RedemptionSerializer},
        is_write=True,
    )
    @idempotent
    def post(self, request: Any) -> Response:
        body = self.read(RedeemSerializer)
        discount = body.get("discount")
        order = read_order(body, discount=discount)
        redemption = redeem_code(
            code=body["code"], order=order, discount=discount, now=timezone.now()
        )
        return Response(redemption_json(redemption))


class ReleaseView(BackendView):
    scopes = {"POST": Scope.CODES_WRITE}

    @described(
        "releaseCode",
        summary="Give the use of an order that will not be back to its code",
        tag="codes",
        request=ReleaseSerializer,
        responses={200: ReleasedSerializer},
        is_write=True,
    )
    @idempotent
    def post(self, request: Any) -> Response:
        body = self.read(ReleaseSerializer)
        redemption = release_code(
            code=body["code"],
            order_ref=body["order_ref"],
            is_held_only=body.get("is_held_only", False),
            now=timezone.now(),
        )
        shown = None if redemption is None else redemption_json(redemption)
        return Response({"redemption": shown})
