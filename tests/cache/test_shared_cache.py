"""A thousand customers behind one shared cache that looks at addresses alone: nobody sees what is another's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from http.client import HTTPConnection
from pathlib import Path
from threading import local
from urllib.parse import urlsplit

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from django_ppx.offers.links import read_card_token
from django_ppx.offers.models import OfferPresentation
from django_ppx.testing import make_benefit, make_offer
from tests.cache.servers import cache_before
from tests.cache.shop import ORDER
from tests.hosts import PlainShop, host_order

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.cache.shop"),
    pytest.mark.slow,
    pytest.mark.parametrize("cache", ["nginx", "varnish"], indirect=True),
]

CUSTOMERS = 500  # of each cache: a thousand in all
AT_ONCE = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    status: int
    text: str
    cache: str

    @property
    def codes(self) -> list[str]:
        return [code.replace("-", "") for code in re.findall(r"ppx-code>([^<]+)<", self.text)]

    @property
    def tokens(self) -> list[str]:
        return re.findall(r'data-ppx-token="([^"]+)"', self.text)

    @property
    def fragment(self) -> str:
        found = re.search(r'data-ppx-url="([^"]+)"', self.text)
        assert found is not None
        return unescape(found.group(1))


class Cache:
    """What a customer gets for an address, through the cache."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.held = local()
        self.connections: list[HTTPConnection] = []

    def get(self, path: str, customer: str) -> Answer:
        if not hasattr(self.held, "connection"):
            self.held.connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
            self.connections.append(self.held.connection)
        self.held.connection.request("GET", path, headers={"Cookie": f"sessionid=key-{customer}"})
        response = self.held.connection.getresponse()
        text = response.read().decode()
        return Answer(status=response.status, text=text, cache=response.headers["X-Cache"] or "")


@pytest.fixture(scope="session")
def shop_port(django_db_setup, live_server) -> int:
    """The test host as a server. After the test database is made: the server's threads must not share a connection."""
    return int(urlsplit(live_server.url).port or 0)


@pytest.fixture
def cache(request, settings, shop_port: int, tmp_path: Path) -> Iterator[Cache]:
    settings.PPX_SHOP = "tests.cache.shop.SessionShop"
    PlainShop.known.clear()
    with cache_before(shop_port, request.param, tmp_path) as port:
        served = Cache(port)
        yield served
        for connection in served.connections:
            connection.close()
    PlainShop.known.clear()


def place_orders(count: int) -> list[str]:
    """Place an order a customer, in a session of their own, and return their numbers."""
    make_offer("next_purchase_discount", benefit=make_benefit())
    numbers = [str(10_000 + number) for number in range(count)]
    PlainShop.known.update({number: host_order(number) for number in numbers})
    sessions, later = SessionStore(), timezone.now() + timedelta(days=1)
    Session.objects.bulk_create(
        Session(
            session_key=f"key-{number}",
            session_data=sessions.encode({ORDER: number}),
            expire_date=later,
        )
        for number in numbers
    )
    return numbers


def owners() -> dict[str, tuple[str, str]]:
    """Return, by presentation, whose order it belongs to and the code that was given for it."""
    rows = OfferPresentation.objects.values_list("pk", "purchase__order_ref", "code__code")
    return {str(pk): (order, code) for pk, order, code in rows}


def test_customers_see_their_own_offers_and_nobody_elses(cache: Cache) -> None:
    customers = place_orders(CUSTOMERS)

    def visit(customer: str) -> tuple[Answer, Answer, Answer]:
        page = cache.get("/deferred/", customer)
        return page, cache.get(page.fragment, customer), cache.get("/thanks/", customer)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        visits = dict(zip(customers, pool.map(visit, customers), strict=True))

    owned = owners()
    now = timezone.now()
    for customer, (page, fragment, thanks) in visits.items():
        shown = {owned[read_card_token(token, now=now)] for token in fragment.tokens}
        assert shown == {(customer, fragment.codes[0])}
        assert {owned[read_card_token(token, now=now)] for token in thanks.tokens} == shown
        assert thanks.codes == fragment.codes
        assert page.codes == page.tokens == []
    assert len({fragment.codes[0] for _page, fragment, _thanks in visits.values()}) == CUSTOMERS
    assert sum(page.cache == "HIT" for page, _fragment, _thanks in visits.values()) > 450
    assert "HIT" not in {fragment.cache for _page, fragment, _thanks in visits.values()}
    assert "HIT" not in {thanks.cache for _page, _fragment, thanks in visits.values()}


def test_a_kept_page_that_names_an_order_opens_it_to_nobody_else(cache: Cache) -> None:
    customers = place_orders(20)

    for mine, theirs in zip(customers, [*customers[1:], customers[0]], strict=True):
        own = cache.get(f"/deferred/{mine}/", mine)
        kept = cache.get(f"/deferred/{mine}/", theirs)
        offers, foreign = cache.get(own.fragment, mine), cache.get(kept.fragment, theirs)

        assert (own.cache, kept.cache, kept.text) == ("MISS", "HIT", own.text)
        assert len(offers.codes) == 1
        assert (foreign.status, foreign.text) == (204, "")
        assert cache.get(kept.fragment, mine).codes == offers.codes


def test_without_our_headers_such_a_cache_does_show_one_customers_code_to_another(
    cache: Cache,
) -> None:
    first, second = place_orders(2)

    own, other = cache.get("/careless/", first), cache.get("/careless/", second)

    assert other.cache == "HIT"
    assert other.codes == own.codes
    assert owners()[read_card_token(other.tokens[0], now=timezone.now())][0] == first
