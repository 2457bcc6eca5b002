"""Audiences and the traits that their rules ask about."""

from __future__ import annotations

from typing import Any

from rest_framework.response import Response

from django_ppx.access.scopes import Scope
from django_ppx.api.documenting import described
from django_ppx.api.idempotency import idempotent
from django_ppx.api.offers.answers import (
    AudiencePageSerializer,
    AudienceSerializer,
    TraitsSerializer,
)
from django_ppx.api.offers.reading import (
    AudienceChangeSerializer,
    NewAudienceSerializer,
    translated,
)
from django_ppx.api.pagination import PageQuery, Pages
from django_ppx.api.views import BackendView
from django_ppx.offers.audience_writing import (
    audience_document,
    audience_documents,
    change_audience,
    create_audience,
    delete_audience,
)
from django_ppx.offers.models import Audience
from django_ppx.offers.traits import Trait, load_traits

TAG = "audiences"


class AudiencesView(BackendView):
    scopes = {"GET": Scope.OFFERS_READ, "POST": Scope.OFFERS_WRITE}

    @described(
        "listAudiences",
        summary="List audiences, newest first",
        tag=TAG,
        query=PageQuery,
        responses={200: AudiencePageSerializer},
    )
    def get(self, request: Any) -> Response:
        self.query(PageQuery)
        pages = Pages()
        found = pages.paginate_queryset(Audience.objects.all(), request, view=self)
        return pages.get_paginated_response(audience_documents(found or []))

    @described(
        "createAudience",
        summary="Make an audience",
        tag=TAG,
        request=NewAudienceSerializer,
        responses={201: AudienceSerializer},
        is_write=True,
    )
    @idempotent
    def post(self, request: Any) -> Response:
        body = self.read(NewAudienceSerializer)
        with translated():
            made = create_audience(sent=body)
        return Response(made, status=201)


class AudienceView(BackendView):
    scopes = {
        "GET": Scope.OFFERS_READ,
        "PATCH": Scope.OFFERS_WRITE,
        "DELETE": Scope.OFFERS_WRITE,
    }

    @described(
        "getAudience",
        summary="Read one audience",
        tag=TAG,
        responses={200: AudienceSerializer},
    )
    def get(self, request: Any, pk: int) -> Response:
        with translated():
            return Response(audience_document(pk))

    @described(
        "changeAudience",
        summary="Change what is named",
        tag=TAG,
        request=AudienceChangeSerializer,
        responses={200: AudienceSerializer},
        is_write=True,
    )
    @idempotent
    def patch(self, request: Any, pk: int) -> Response:
        body = dict(self.read(AudienceChangeSerializer))
        version = body.pop("version", None)
        with translated():
            changed = change_audience(audience_id=pk, sent=body, version=version)
        return Response(changed)

    @described(
        "deleteAudience",
        summary="Delete an audience that no offer uses",
        tag=TAG,
        responses={204: None},
        is_write=True,
    )
    @idempotent
    def delete(self, request: Any, pk: int) -> Response:
        with translated():
            delete_audience(audience_id=pk)
        return Response(status=204)


class TraitsView(BackendView):
    scopes = {"GET": Scope.OFFERS_READ}

    @described(
        "listTraits",
        summary="List the facts that rules can ask about",
        tag=TAG,
        responses={200: TraitsSerializer},
    )
    def get(self, request: Any) -> Response:
        return Response({"results": [_described(trait) for trait in load_traits().values()]})


def _described(trait: Trait) -> dict[str, Any]:
    return {
        "name": trait.name,
        "label": str(trait.label),
        "group": str(trait.group),
        "type": trait.type.name,
        "hint": str(trait.type.hint),
        "operators": [
            {"name": name, "label": str(operator.label), "needs_value": operator.needs_value}
            for name, operator in trait.type.operators.items()
        ],
    }
