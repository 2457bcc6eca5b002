"""`PersonalPageMiddleware`, called as Django calls it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from decimal import Decimal

import pytest
from asgiref.sync import async_to_sync, iscoroutinefunction, sync_to_async
from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import RequestFactory

from django_ppx import codes
from django_ppx.middleware import PersonalPageMiddleware
from django_ppx.offers.pages import mark_personal
from django_ppx.rewards.models import FailedAttempt
from django_ppx.shop.types import Basket


def personal(request: HttpRequest) -> HttpResponse:
    mark_personal(request)
    return HttpResponse("10 % off")


async def personal_async(request: HttpRequest) -> HttpResponse:
    return personal(request)


def test_an_async_page_is_private_too() -> None:
    middleware = PersonalPageMiddleware(personal_async)

    response = asyncio.run(middleware(RequestFactory().get("/")))

    assert iscoroutinefunction(middleware)
    assert response["Cache-Control"] == "private, no-store"
    assert response["Vary"] == "Cookie"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "wanted",
    ["public, max-age=60", "Public,S-MaxAge=600", "max-age=60, s-maxage=60, private", "no-cache"],
)
def test_what_the_host_said_of_caching_gives_way(wanted: str) -> None:
    def page(request: HttpRequest) -> HttpResponse:
        response = personal(request)
        response["Cache-Control"] = wanted
        response["Vary"] = "Accept-Language"
        return response

    response = PersonalPageMiddleware(page)(RequestFactory().get("/"))

    directives = {part.strip() for part in response["Cache-Control"].split(",")}
    assert directives - {"no-cache"} == {"private", "no-store"}
    assert response["Vary"] == "Accept-Language, Cookie"


def test_a_stricter_referrer_policy_of_the_host_stays() -> None:
    def page(request: HttpRequest) -> HttpResponse:
        response = personal(request)
        response["Referrer-Policy"] = "no-referrer"
        return response

    response = PersonalPageMiddleware(page)(RequestFactory().get("/"))

    assert response["Referrer-Policy"] == "no-referrer"


def test_a_page_that_is_streamed_is_private_if_the_tag_ran_before() -> None:
    def page(request: HttpRequest) -> StreamingHttpResponse:
        mark_personal(request)
        return StreamingHttpResponse(iter(["10 % off"]))

    response = PersonalPageMiddleware(page)(RequestFactory().get("/"))

    assert response["Cache-Control"] == "private, no-store"


def test_other_pages_stay_as_they_are() -> None:
    def page(request: HttpRequest) -> HttpResponse:
        return HttpResponse("hello", headers={"Cache-Control": "public, max-age=60"})

    response = PersonalPageMiddleware(page)(RequestFactory().get("/"))

    assert response["Cache-Control"] == "public, max-age=60"
    assert "Vary" not in response


def try_wrong_code(request: HttpRequest) -> HttpResponse:
    with transaction.atomic(), suppress(codes.RedemptionRefused):
        codes.quote(
            "NOSUCHCODE2", basket=Basket(currency="EUR", total=Decimal(50)), request=request
        )
    return HttpResponse(str(FailedAttempt.objects.count()))


async def try_wrong_code_async(request: HttpRequest) -> HttpResponse:
    return await sync_to_async(try_wrong_code)(request)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_async", [False, True])
def test_a_wrong_code_is_counted_when_the_page_is_made(is_async: bool) -> None:
    request = RequestFactory().get("/")

    if is_async:
        response = async_to_sync(PersonalPageMiddleware(try_wrong_code_async))(request)
    else:
        response = PersonalPageMiddleware(try_wrong_code)(request)

    assert response.content == b"0"
    assert FailedAttempt.objects.count() == 1
