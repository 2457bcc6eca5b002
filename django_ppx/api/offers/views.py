"""Offers, for programs of the shop's: reading, writing, switching on and off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from rest_framework.response import Response

from django_ppx.access.scopes import Scope
from django_ppx.api.documenting import described
from django_ppx.api.idempotency import idempotent
from django_ppx.api.offers.answers import (
    KindsSerializer,
    OfferDetailSerializer,
    OfferPageSerializer,
    OfferSerializer,
)
from django_ppx.api.offers.reading import (
    EmptySerializer,
    NewOfferSerializer,
    OfferChangeSerializer,
    OfferQuery,
    translated,
)
from django_ppx.api.pagination import Pages
from django_ppx.api.problems import Problem, Reason
from django_ppx.api.views import BackendView
from django_ppx.offers import switching
from django_ppx.offers.counting import count_offers
from django_ppx.offers.documents import Document, offer_documents
from django_ppx.offers.kind_fields import FieldDescription, describe_kind
from django_ppx.offers.kinds import load_kinds
from django_ppx.offers.models import Offer
from django_ppx.offers.writing import SentOffer, change_offer, create_offer

TAG = "offers"


class OffersView(BackendView):
    scopes = {"GET": Scope.OFFERS_READ, "POST": Scope.OFFERS_WRITE}

    @described(
        "listOffers",
        summary="List offers, newest first",
        tag=TAG,
        query=OfferQuery,
        responses={200: OfferPageSerializer},
    )
    def get(self, request: Any) -> Response:
        query = self.query(OfferQuery)
        offers = Offer.objects.all()
        for name in ("status", "kind", "audience"):
            if name in query:
                offers = offers.filter(**{name: query[name]})
        if "placement" in query:
            offers = offers.placed_on(query["placement"])
        if "q" in query:
            offers = offers.searched(query["q"])
        pages = Pages()
        found = pages.paginate_queryset(offers, request, view=self)
        return pages.get_paginated_response(offer_documents(found or []))

    @described(
        "createOffer",
        summary="Make a draft",
        tag=TAG,
        request=NewOfferSerializer,
        responses={201: OfferSerializer},
        is_write=True,
    )
    @idempotent
    def post(self, request: Any) -> Response:
        body = dict(self.read(NewOfferSerializer))
        with translated():
            made = create_offer(kind_name=body.pop("kind"), sent=_sent(body))
        return Response(made, status=201)


class OfferView(BackendView):
    scopes = {"GET": Scope.OFFERS_READ, "PATCH": Scope.OFFERS_WRITE}

    @described(
        "getOffer",
        summary="Read one offer and its counts",
        tag=TAG,
        responses={200: OfferDetailSerializer},
    )
    def get(self, request: Any, slug: str) -> Response:
        offer = Offer.objects.filter(slug=slug).first()
        if offer is None:
            raise Problem(Reason.NOT_FOUND)
        counts = count_offers([offer.pk], now=timezone.now())[offer.pk]
        figures = {
            "shown": counts.shown,
            "clicked": counts.clicked,
            "redeemed": counts.redeemed,
        }
        return Response({**offer_documents([offer])[0], "counts": figures})

    @described(
        "changeOffer",
        summary="Change what is named",
        tag=TAG,
        request=OfferChangeSerializer,
        responses={200: OfferSerializer},
        is_write=True,
    )
    @idempotent
    def patch(self, request: Any, slug: str) -> Response:
        body = dict(self.read(OfferChangeSerializer))
        version = body.pop("version", None)
        with translated():
            changed = change_offer(slug=slug, sent=_sent(body), version=version)
        return Response(changed)


def _sent(body: dict[str, Any]) -> SentOffer:
    settings = body.pop("settings", {})
    variants = body.pop("variants", None)
    return SentOffer(fields=body, settings=settings, variants=variants)


class SwitchView(BackendView):
    """One thing that is done with an offer, without a body."""

    scopes = {"POST": Scope.OFFERS_WRITE}

    def switched(
        self, switch: Callable[..., Document], slug: str, *, status_code: int = 200
    ) -> Response:
        self.read(EmptySerializer)
        with translated():
            document = switch(slug=slug)
        return Response(document, status=status_code)


def _switched(operation: str, summary: str, status_code: int = 200) -> Any:
    return described(
        operation,
        summary=summary,
        tag=TAG,
        request=EmptySerializer,
        responses={status_code: OfferSerializer},
        is_write=True,
    )


class ActivateView(SwitchView):
    @_switched("activateOffer", "Activate an offer that is complete")
    @idempotent
    def post(self, request: Any, slug: str) -> Response:
        return self.switched(switching.activate, slug)


class PauseView(SwitchView):
    @_switched("pauseOffer", "Pause an active offer")
    @idempotent
    def post(self, request: Any, slug: str) -> Response:
        return self.switched(switching.pause, slug)


class ArchiveView(SwitchView):
    @_switched("archiveOffer", "Put an offer away")
    @idempotent
    def post(self, request: Any, slug: str) -> Response:
        return self.switched(switching.archive, slug)


class DuplicateView(SwitchView):
    @_switched("duplicateOffer", "Make a draft like it", 201)
    @idempotent
    def post(self, request: Any, slug: str) -> Response:
        return self.switched(switching.duplicate, slug, status_code=201)


class KindsView(BackendView):
    scopes = {"GET": Scope.OFFERS_READ}

    @described(
        "listOfferKinds",
        summary="List the kinds of offers and what each takes in “settings”",
        tag=TAG,
        responses={200: KindsSerializer},
    )
    def get(self, request: Any) -> Response:
        kinds = [
            {
                "name": kind.name,
                "label": str(kind.label),
                "description": str(kind.description),
                "settings": [_field_of_kind(field) for field in describe_kind(kind)],
            }
            for kind in load_kinds().values()
        ]
        return Response({"results": kinds})


def _field_of_kind(field: FieldDescription) -> Document:
    return {**_field(field), "fields_of_rows": [_field(each) for each in field.fields]}


def _field(field: FieldDescription) -> Document:
    return {
        "name": field.name,
        "label": field.label,
        "help_text": field.help_text,
        "type": field.type,
        "is_required": field.is_required,
        "may_be_null": field.may_be_null,
        "is_read_only": field.is_read_only,
        "choices": [{"value": value, "label": label} for value, label in field.choices],
        "refers_to": field.refers_to,
        "max_length": field.max_length,
    }
