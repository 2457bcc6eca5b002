"""Addresses that only tests have, to ask of the base what every endpoint relies on."""

from __future__ import annotations

import threading
from typing import Any

from django.urls import include, path
from rest_framework.response import Response

from django_ppx.access.scopes import Scope
from django_ppx.api.fields import (
    AmountField,
    FlagField,
    InstantField,
    QuerySerializer,
    StrictSerializer,
    TextField,
    WholeNumberField,
)
from django_ppx.api.idempotency import idempotent
from django_ppx.api.views import BackendView, NotFoundView, ShopperView
from django_ppx.core.models import Customer
from django_ppx.testing import make_customer


class LineSerializer(StrictSerializer):
    total = AmountField()


class ProbeSerializer(StrictSerializer):
    text = TextField(max_length=20)
    number = WholeNumberField(required=False)
    flag = FlagField(required=False)
    at = InstantField(required=False)
    lines = LineSerializer(many=True, required=False)


class ProbeQuery(QuerySerializer):
    number = WholeNumberField(required=False)


class ShopperProbe(ShopperView):
    def get(self, request: Any) -> Response:
        return Response({"order_ref": self.order_ref, **self.query(ProbeQuery)})

    def post(self, request: Any) -> Response:
        return Response({"order_ref": self.order_ref, **self.read(ProbeSerializer)})


class Switch:
    """What the writing probe does besides writing."""

    error: Exception | None = None
    inside: Any = None
    lock = threading.Lock()


class WritingProbe(BackendView):
    scopes = {"POST": Scope.ORDERS_WRITE}

    @idempotent
    def post(self, request: Any) -> Response:
        body = self.read(ProbeSerializer)
        made = make_customer(first_name=body["text"])
        if Switch.inside is not None:
            Switch.inside()
        if Switch.error is not None:
            raise Switch.error
        return Response({"id": made.pk}, status=201)


class NamedProbe(BackendView):
    scopes = {"GET": Scope.PURCHASES_READ}

    def get(self, request: Any, name: str) -> Response:
        found = Customer.objects.filter(first_name=name).first()
        return Response({"id": None if found is None else found.pk})


class ForgottenProbe(BackendView):
    """Says of no method what a key must be made for."""

    def get(self, request: Any) -> Response:
        return Response({})


PROBES = [
    path("named/<str:name>/", NamedProbe.as_view()),
    path("forgotten/", ForgottenProbe.as_view()),
    path("shopper/", ShopperProbe.as_view()),
    path("write/", WritingProbe.as_view()),
    path("other/", WritingProbe.as_view()),
    path("nowhere/", NotFoundView.as_view()),
]
urlpatterns = [path("probe/", include(PROBES))]
