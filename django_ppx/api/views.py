"""What all views of the API share. Nothing here depends on the host's settings of Django REST framework."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from rest_framework import exceptions
from rest_framework.authentication import BasicAuthentication
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from django_ppx.access.scopes import Scope
from django_ppx.api.authentication import (
    ApiKeyAuthentication,
    OrderTokenAuthentication,
    SessionOrderAuthentication,
)
from django_ppx.api.callers import KeyAccess, OrderAccess
from django_ppx.api.cors import allow_origin, is_preflight, preflight
from django_ppx.api.documenting import AutoSchema
from django_ppx.api.fields import QuerySerializer, StrictSerializer
from django_ppx.api.parsing import JSONParser
from django_ppx.api.permissions import HasScope, IsShopper
from django_ppx.api.problems import Problem, Reason, problem_response
from django_ppx.api.rendering import JSONRenderer, Negotiation
from django_ppx.api.throttling import CallerThrottle
from django_ppx.core.responses import private


class ApiView(APIView):
    """The base of all: JSON in and out, problems for errors, private answers, the caller's language.

    A view is outside of `ATOMIC_REQUESTS`: its service opens its own transaction, and can repeat it.
    """

    renderer_classes = (JSONRenderer,)
    parser_classes = (JSONParser,)
    throttle_classes = (CallerThrottle,)
    http_method_names = ("get", "head", "post", "put", "patch", "delete")
    content_negotiation_class = Negotiation
    metadata_class = None
    versioning_class = None
    security: ClassVar[Sequence[Mapping[str, list[str]]]] = ({},)
    """Who may call it, for the description: names of what `schema` explains. Any one of them is enough."""
    if AutoSchema is not None:
        schema = AutoSchema()

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        view: Callable[..., HttpResponseBase] = transaction.non_atomic_requests(
            super().as_view(**initkwargs)
        )
        return view

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with translation.override(translation.get_language_from_request(request)):
            response: Any = super().dispatch(request, *args, **kwargs)
            if hasattr(response, "render") and not response.is_rendered:
                response.render()
        answer: HttpResponseBase = private(response)
        return answer

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        try:
            super().initial(request, *args, **kwargs)
        except exceptions.APIException as error:
            if error.status_code in (401, 403, 404):
                # Whoever tries tokens, keys, passwords and numbers of orders is counted too.
                self.check_throttles(request)
            raise
        if any("\x00" in str(part) for part in kwargs.values()):
            raise Problem(Reason.NOT_FOUND)
        if "Transfer-Encoding" in request.headers and not request.META.get("CONTENT_LENGTH"):
            # Django would take it for an empty body.
            raise Problem(Reason.LENGTH_REQUIRED)

    def handle_exception(self, exc: Exception) -> Any:
        if isinstance(exc, Problem) and exc.reason is Reason.NOT_AUTHENTICATED:
            exc.auth_header = self.get_authenticate_header(self.request)
        return super().handle_exception(exc)

    def get_exception_handler(self) -> Callable[..., Any]:
        return problem_response

    @property
    def caller(self) -> str:
        """Return who asks, for what is stored by caller."""
        access = self.request.auth
        if isinstance(access, OrderAccess | KeyAccess):
            return access.caller
        return f"account:{self.request.user.pk}"

    def read(self, serializer: type[StrictSerializer]) -> Mapping[str, Any]:
        """Return the body as `serializer` reads it. :raises ValidationError: when it is not as it must be."""
        found = serializer(data=self.request.data)
        found.is_valid(raise_exception=True)
        values: Mapping[str, Any] = found.validated_data
        return values

    def query(self, serializer: type[QuerySerializer]) -> Mapping[str, Any]:
        """Return what stands behind the "?", each name at most once."""
        given = self.request.query_params
        if any(len(values) > 1 for _name, values in given.lists()):
            raise Problem(Reason.INVALID)
        found = serializer(data=given.dict())
        found.is_valid(raise_exception=True)
        values: Mapping[str, Any] = found.validated_data
        return values


class ShopperView(ApiView):
    """For the customer of one order: `self.order_ref`. Open to the front ends that the shop names."""

    authentication_classes = (OrderTokenAuthentication, SessionOrderAuthentication)
    permission_classes = (IsShopper,)
    security = ({"orderToken": []}, {"session": [], "orderNumber": []})

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if is_preflight(request):
            return preflight(request)
        return allow_origin(request, super().dispatch(request, *args, **kwargs))

    @property
    def order_ref(self) -> str:
        access: OrderAccess = self.request.auth
        return access.order_ref


class BackendView(ApiView):
    """For programs of the shop's, by key, and for staff by the host's own authentication."""

    permission_classes = (HasScope,)
    security = ({"apiKey": []}, {"session": []})
    scopes: ClassVar[Mapping[str, Scope]] = {}
    """By method: what a key must be made for."""

    def get_authenticators(self) -> list[Any]:
        hosts = api_settings.DEFAULT_AUTHENTICATION_CLASSES
        # Passwords could be tried here as fast as we answer: not unless the host says so, with a class of its own.
        return [
            each() for each in (ApiKeyAuthentication, *hosts) if each is not BasicAuthentication
        ]


class NotFoundView(ApiView):
    """Whatever address there is not."""

    authentication_classes = ()
    permission_classes = ()
    if AutoSchema is not None:
        schema = None

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise Problem(Reason.NOT_FOUND)
