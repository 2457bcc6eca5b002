"""Reading purchases, and why their customers see the offers that they see."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.utils import timezone
from rest_framework import serializers
from rest_framework.response import Response

from django_ppx.access.scopes import Scope
from django_ppx.api.documenting import described
from django_ppx.api.fields import ChoiceField, QuerySerializer, TextField, WholeNumberField
from django_ppx.api.orders.purchases import (
    PurchasePageSerializer,
    PurchasesQuery,
    WholePurchaseSerializer,
    chosen,
    purchase_json,
)
from django_ppx.api.orders.views import recorded, shown
from django_ppx.api.pagination import Pages
from django_ppx.api.showing import sight_of
from django_ppx.api.views import BackendView
from django_ppx.conf import ppx_settings
from django_ppx.offers.engine import Reason as Verdict
from django_ppx.offers.explaining import ExplainedOffer, explain_record
from django_ppx.offers.models import Placement
from django_ppx.offers.snapshot import current_snapshot


class PurchasesView(BackendView):
    scopes = {"GET": Scope.PURCHASES_READ}

    @described(
        "listPurchases",
        summary="List purchases, the last recorded first",
        tag="purchases",
        query=PurchasesQuery,
        responses={200: PurchasePageSerializer},
    )
    def get(self, request: Any) -> Response:
        sight, pages = sight_of(request), Pages()
        purchases = chosen(self.query(PurchasesQuery), sight)
        rows: Any = pages.paginate_queryset(purchases, request, view=self)
        return pages.get_paginated_response(
            [purchase_json(row, reward_count=row.reward_count, sight=sight) for row in rows]
        )


class PurchaseView(BackendView):
    scopes = {"GET": Scope.PURCHASES_READ}

    @described(
        "readPurchase",
        summary="Read a purchase with its lines",
        tag="purchases",
        responses={200: WholePurchaseSerializer},
    )
    def get(self, request: Any, order_ref: str) -> Response:
        return Response(shown(order_ref, request))


class ExplainQuery(QuerySerializer):
    """Which page is meant."""

    placement = ChoiceField(
        choices=Placement.choices, required=False, help_text="thank_you if left out."
    )
    language = TextField(
        max_length=15,
        required=False,
        validators=[RegexValidator(r"^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*\Z")],
        help_text="The order's if left out.",
    )
    limit = WholeNumberField(
        min_value=1,
        max_value=100,
        required=False,
        help_text="How many offers the page has room for.",
    )


class VerdictSerializer(serializers.Serializer):
    """What the engine says of one offer."""

    offer = serializers.CharField(help_text="Its short name.")
    name = serializers.CharField()
    is_shown = serializers.BooleanField()
    reason = serializers.ChoiceField(choices=[each.value for each in Verdict])
    label = serializers.CharField(help_text="The reason in the caller's language.")
    detail = serializers.CharField(allow_blank=True, help_text="A sentence: what stood in the way.")
    variant = serializers.CharField(allow_null=True, allow_blank=True)


class ExplanationSerializer(serializers.Serializer):
    """The verdict on every offer, in the order in which they are considered."""

    order_ref = serializers.CharField()
    placement = serializers.ChoiceField(choices=Placement.values)
    language = serializers.CharField()
    offers = VerdictSerializer(many=True)


class ExplainView(BackendView):
    scopes = {"GET": Scope.PURCHASES_READ}

    @described(
        "explainOffers",
        summary="Say why each offer is shown to an order's customer, or not",
        description="As the page would be now. Nothing is recorded, and no code is given.",
        tag="purchases",
        query=ExplainQuery,
        responses={200: ExplanationSerializer},
    )
    def get(self, request: Any, order_ref: str) -> Response:
        query = self.query(ExplainQuery)
        record = recorded(order_ref)
        placement = query.get("placement", Placement.THANK_YOU.value)
        language = query.get("language") or record.purchase.language or settings.LANGUAGE_CODE
        explanation = explain_record(
            current_snapshot(),
            record=record,
            placement=placement,
            language=language,
            limit=query.get("limit", ppx_settings.PPX_PAGE_LIMIT),
            now=timezone.now(),
        )
        return Response(
            {
                "order_ref": record.purchase.order_ref,
                "placement": placement,
                "language": language,
                "offers": [_verdict(row) for row in explanation.offers],
            }
        )


def _verdict(row: ExplainedOffer) -> dict[str, Any]:
    return {
        "offer": row.offer.slug,
        "name": row.offer.name,
        "is_shown": row.is_shown,
        "reason": row.reason.value,
        "label": row.label,
        "detail": row.detail,
        "variant": None if row.variant is None else row.variant.label,
    }
