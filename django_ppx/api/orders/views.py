"""Sending orders, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone
from rest_framework.response import Response

from django_ppx import purchases
from django_ppx.access.scopes import Scope
from django_ppx.api.documenting import described
from django_ppx.api.fields import NothingSerializer
from django_ppx.api.idempotency import idempotent
from django_ppx.api.orders.purchases import WholePurchaseSerializer, record_json
from django_ppx.api.orders.serializers import (
    OrderResultsSerializer,
    OrdersSerializer,
    OrderTokenSerializer,
    RefundSerializer,
)
from django_ppx.api.orders.values import as_order
from django_ppx.api.problems import Problem, Reason
from django_ppx.api.showing import instant, sight_of
from django_ppx.api.views import BackendView
from django_ppx.conf import ppx_settings
from django_ppx.core.order_tokens import make_order_token
from django_ppx.core.recording import PurchaseRecord, load_purchase
from django_ppx.exceptions import InvalidOrder
from django_ppx.rewards.models import Reward
from django_ppx.rewards.settling import cancel_order, refund_order


class OrdersView(BackendView):
    scopes = {"POST": Scope.ORDERS_WRITE}

    @described(
        "sendOrders",
        summary="Record orders, or follow their status and refunds",
        description=(
            "Up to 100 at once; each may be sent any number of times. Amounts and lines stay as first recorded. "
            "An order that can't be taken is refused by itself; the others are not held up."
        ),
        tag="orders",
        request=OrdersSerializer,
        responses={200: OrderResultsSerializer},
        is_write=True,
    )
    @idempotent
    def post(self, request: Any) -> Response:
        orders = self.read(OrdersSerializer)["orders"]
        return Response({"results": [_receive(order) for order in orders]})


class CancelView(BackendView):
    scopes = {"POST": Scope.ORDERS_WRITE}

    @described(
        "cancelPurchase",
        summary="Cancel an order, and settle the codes and rewards that hang on it",
        tag="purchases",
        request=NothingSerializer,
        responses={200: WholePurchaseSerializer},
        is_write=True,
    )
    @idempotent
    def post(self, request: Any, order_ref: str) -> Response:
        self.read(NothingSerializer)
        record = recorded(order_ref)
        cancel_order(purchase=record.purchase, now=timezone.now())
        return Response(shown(record.purchase.order_ref, request))


class RefundView(BackendView):
    scopes = {"POST": Scope.ORDERS_WRITE}

    @described(
        "refundPurchase",
        summary="Say how much of an order was refunded so far, all its refunds together",
        tag="purchases",
        request=RefundSerializer,
        responses={200: WholePurchaseSerializer},
        is_write=True,
    )
    @idempotent
    def post(self, request: Any, order_ref: str) -> Response:
        refunded = self.read(RefundSerializer).get("amount")
        record = recorded(order_ref)
        refund_order(purchase=record.purchase, amount=refunded, now=timezone.now())
        return Response(shown(record.purchase.order_ref, request))


class OrderTokenView(BackendView):
    scopes = {"POST": Scope.ORDERS_WRITE}

    @described(
        "makeOrderToken",
        summary="Make a token for the page of an order's customer",
        tag="purchases",
        request=NothingSerializer,
        responses={200: OrderTokenSerializer},
        is_write=True,
    )
    @idempotent
    def post(self, request: Any, order_ref: str) -> Response:
        self.read(NothingSerializer)
        now = timezone.now()
        token = make_order_token(recorded(order_ref).purchase.order_ref, now=now)
        expires_at = now + timedelta(days=ppx_settings.PPX_ORDER_TOKEN_DAYS)
        return Response({"order_token": token, "expires_at": instant(expires_at)})


def recorded(order_ref: str) -> PurchaseRecord:
    """Return the recorded purchase of this number. :raises Problem: when there is none."""
    record = load_purchase(order_ref=order_ref)
    if record is None:
        raise Problem(Reason.NOT_FOUND)
    return record


def shown(order_ref: str, request: Any) -> Mapping[str, Any]:
    """Return the purchase of this number as it stands now."""
    record = recorded(order_ref)
    count = Reward.objects.filter(purchase=record.purchase).count()
    return record_json(record, reward_count=count, sight=sight_of(request))


def _receive(values: Mapping[str, Any]) -> Mapping[str, str]:
    number = values["number"]
    try:
        receipt = purchases.received(as_order(values), values.get("refunded"))
    except InvalidOrder as error:
        return {
            "number": number,
            "result": "refused",
            "reason": Reason.INVALID_ORDER.value,
            "detail": str(error),
        }
    return {
        "number": number,
        "result": receipt.result,
        "order_token": purchases.order_token(receipt.purchase.order_ref),
    }
