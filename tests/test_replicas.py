"""A shop whose router sends every read to a replica: a second connection to the same database, always up to date.

Within a transaction a replica does not see what the transaction wrote. What passes here reads its own writes where it
wrote them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection, connections
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from django_ppx import codes
from django_ppx.core.models import Purchase
from django_ppx.events.models import OfferEvent
from django_ppx.insights.funnel_reading import read_funnel
from django_ppx.offers.models import OfferPresentation
from django_ppx.rewards.models import CodeRedemption, DiscountCode
from django_ppx.testing import make_benefit, make_code, make_offer, make_order
from tests.insights.funnel_rows import MARCH

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.hosts")]


class ReadsFromReplica:
    """The simplest router of a shop with a replica, as in Django's documentation."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        return "replica"

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return "default"

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        return True


@pytest.fixture
def replica(settings: Any) -> Iterator[Any]:
    settings.PPX_SHOP = "tests.hosts.PlainShop"
    connections.settings["replica"] = {**connections["default"].settings_dict}
    settings.DATABASE_ROUTERS = [ReadsFromReplica()]
    connections["replica"].connect()  # Django's tests let nobody open one that they don't know
    yield connections["replica"]
    connections["replica"].close()
    del connections["replica"]
    del connections.settings["replica"]


def no_reads(captured: CaptureQueriesContext) -> list[str]:
    """Return what was asked of a connection beyond reading, a transaction included."""
    statements = [query["sql"] for query in captured.captured_queries]
    return [
        each
        for each in statements
        if not each.lstrip("(").startswith("SELECT") or "FOR UPDATE" in each
    ]


def test_the_thank_you_page_gives_its_code_and_writes_to_the_primary(
    replica: Any, client: Any
) -> None:
    make_offer("next_purchase_discount", benefit=make_benefit())

    with CaptureQueriesContext(replica) as at_replica, CaptureQueriesContext(connection):
        first = client.get("/thanks/1001/")
        Group.objects.all().delete()  # the host's own rows, once an order
        again = client.get("/thanks/1001/")

    code = DiscountCode.objects.using("default").get()
    shown = OfferPresentation.objects.using("default").get()
    assert Purchase.objects.using("default").get().order_ref == "1001"
    assert shown.code_id == code.pk
    assert code.code[-4:] in first.text
    assert code.code[-4:] in again.text
    assert first.status_code == again.status_code == 200
    assert len(at_replica) > 0
    assert no_reads(at_replica) == []


def test_a_code_is_taken_once(replica: Any) -> None:
    code = make_code(expires_at=None)
    order, other = make_order(number="1"), make_order(number="2")

    with CaptureQueriesContext(replica) as at_replica:
        first = codes.redeem(code.code, order=order)
        again = codes.redeem(code.code, order=order)
        with pytest.raises(codes.RedemptionRefused):
            codes.redeem(code.code, order=other)
        codes.release(code.code, order=order)

    assert first.pk == again.pk
    assert CodeRedemption.objects.using("default").get().released_at is not None
    assert len(at_replica) > 0
    assert no_reads(at_replica) == []


def test_figures_may_come_from_the_replica(replica: Any) -> None:
    offer = make_offer()

    with CaptureQueriesContext(connection) as at_primary, CaptureQueriesContext(replica) as asked:
        read_funnel(offer=offer, period=MARCH)

    assert len(asked) > 0
    assert len(at_primary) == 0


def test_reports_are_stored(replica: Any, client: Any) -> None:
    make_offer()
    page = client.get("/thanks/1001/").text
    token = page.partition('data-ppx-token="')[2].partition('"')[0]

    answers = [
        client.post("/ppx/event/", {"token": token, "event": event}).status_code
        for event in ("impression", "impression", "dismiss", "dismiss")
    ]

    assert answers == [204] * 4
    assert OfferEvent.objects.using("default").count() == 2


def test_the_router_of_the_page_sends_the_numbers_of_an_offer_alone(
    replica: Any, settings: Any, client: Any, admin_client: Any
) -> None:
    page = (Path(__file__).parent.parent / "docs" / "scaling.md").read_text(encoding="utf-8")
    [block] = [each for each in page.split("```python\n") if "class Router" in each]
    module = ModuleType("router_of_the_page")
    exec(block.partition("```")[0], vars(module))
    settings.DATABASE_ROUTERS = [module.Router()]
    middleware = module.NumbersFromReplica(lambda request: admin_client.get(request.path))
    offer = make_offer()

    with CaptureQueriesContext(replica) as by_a_page:
        client.get("/thanks/1001/")
    with CaptureQueriesContext(replica) as by_numbers:
        answer = middleware(RequestFactory().get(f"/admin/django_ppx/offer/{offer.pk}/numbers/"))

    assert answer.status_code == 200
    assert len(by_a_page) == 0
    assert len(by_numbers) > 0
    assert no_reads(by_numbers) == []
