"""The description says what there is: each endpoint, who may call it, and nothing of the host."""

from __future__ import annotations

import re
from typing import Any

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema
from rest_framework import serializers

import django_ppx
from django_ppx.api import openapi
from django_ppx.api.fields import ChoiceField, InstantField, StrictSerializer
from django_ppx.api.urls import V1
from django_ppx.api.views import BackendView, ShopperView
from tests.api.asking import V1 as BASE
from tests.api.asking import ask, reason
from tests.api.endpoints import Endpoint, endpoints

EACH_ENDPOINT = pytest.mark.parametrize("endpoint", endpoints(), ids=str)


@pytest.fixture(scope="module")
def description() -> Any:
    return openapi.describe(V1, base="/ppx/api/v1")


def operation(description: Any, endpoint: Endpoint) -> Any:
    return description["paths"][described_path(endpoint)][endpoint.method.lower()]


def described_path(endpoint: Endpoint) -> str:
    """Return the path as drf-spectacular writes it: it calls a "pk" an "id"."""
    return "/" + endpoint.path.replace("{pk}", "{id}")


def test_the_description_is_valid_and_making_it_warns_of_nothing(description: Any) -> None:
    validate_schema(description)

    assert not GENERATOR_STATS
    assert description["openapi"] == "3.0.3"
    assert description["info"]["version"] == django_ppx.__version__
    assert description["servers"] == [{"url": "/ppx/api/v1"}]


def test_it_describes_every_endpoint_and_no_other(description: Any) -> None:
    described = {
        (method.upper(), path)
        for path, methods in description["paths"].items()
        for method in methods
    }

    assert described == {(each.method, described_path(each)) for each in endpoints()}


def test_every_operation_has_a_name_of_its_own(description: Any) -> None:
    names = [
        operation["operationId"]
        for methods in description["paths"].values()
        for operation in methods.values()
    ]

    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][A-Za-z]+", name) for name in names)


@EACH_ENDPOINT
def test_an_operation_says_what_it_does_and_who_may_call_it(
    endpoint: Endpoint, description: Any
) -> None:
    found = operation(description, endpoint)

    assert found["summary"]
    assert found["tags"]
    assert any(status.startswith("2") for status in found["responses"])
    if issubclass(endpoint.view, ShopperView):
        assert found["security"] == [{"orderToken": []}, {"session": [], "orderNumber": []}]
    elif issubclass(endpoint.view, BackendView):
        assert found["security"] == [{"apiKey": []}, {"session": []}]
        assert found["x-ppx-scope"] == endpoint.view.scopes[endpoint.method].value


@EACH_ENDPOINT
def test_a_write_takes_an_idempotency_key(endpoint: Endpoint, description: Any) -> None:
    names = {each["name"] for each in operation(description, endpoint).get("parameters", [])}

    assert ("Idempotency-Key" in names) == endpoint.is_write
    assert getattr(endpoint.handler, "is_idempotent", False) == endpoint.is_write


def test_problems_are_described_in_one_place(description: Any) -> None:
    for methods in description["paths"].values():
        for each in methods.values():
            assert each["responses"]["404"] == {"$ref": "#/components/responses/Problem"}


@pytest.mark.django_db
def test_everybody_gets_it_and_caches_may_keep_it() -> None:
    response = ask("GET", f"{BASE}openapi.json")

    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert response["Cache-Control"] == "public, max-age=3600"
    assert "Cookie" not in response.get("Vary", "")
    assert "Set-Cookie" not in response
    assert response.json()["servers"] == [{"url": "/ppx/api/v1"}]


@pytest.mark.django_db
def test_it_is_english_whoever_asks(description: Any) -> None:
    assert (
        ask("GET", f"{BASE}openapi.json", headers={"Accept-Language": "de"}).json() == description
    )


@pytest.mark.django_db
def test_without_the_extra_there_is_no_description(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openapi, "SchemaGenerator", None)

    response = ask("GET", f"{BASE}openapi.json")

    assert response.status_code == 404
    assert reason(response) == "not_found"


def of_ours(kind: type) -> list[Any]:
    found = [sub for each in kind.__subclasses__() for sub in (each, *of_ours(each))]
    return [each for each in dict.fromkeys(found) if each.__module__.startswith("django_ppx.api")]


SHAPED_BY_THE_HOST = (
    serializers.DateTimeField,
    serializers.DecimalField,
    serializers.DurationField,
    serializers.FileField,
    serializers.TimeField,
)


@pytest.mark.parametrize("kind", of_ours(StrictSerializer), ids=lambda kind: kind.__name__)
def test_what_is_read_has_the_strict_types_and_an_end(kind: Any) -> None:
    for name, field in kind().fields.items():
        if isinstance(field, serializers.CharField):
            assert field.max_length, name
        if isinstance(field, serializers.ListSerializer | serializers.ListField):
            assert field.max_length, name
        assert type(field) not in {
            serializers.BooleanField,
            serializers.CharField,
            serializers.ChoiceField,
            serializers.DateField,
            serializers.FloatField,
            serializers.IntegerField,
            serializers.MultipleChoiceField,
            *SHAPED_BY_THE_HOST,
        }, name


def test_the_types_that_are_checked_are_there() -> None:
    assert {InstantField, ChoiceField} <= set(of_ours(serializers.Field))
    assert len(of_ours(StrictSerializer)) > 10
