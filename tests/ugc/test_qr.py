"""The link to an offer's page for packing slips: as an address, and as a QR code."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import segno
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from django_ppx import purchases
from django_ppx.offers.models import Offer
from django_ppx.offers.pages import is_personal
from django_ppx.testing import FakeShop, make_order, make_ugc_offer
from django_ppx.ugc.models import UGCRewardOffer
from django_ppx.ugc.qr import qr_svg

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(settings):
    settings.PPX_SHOP = "django_ppx.testing.FakeShop"
    settings.PPX_SITE_URL = "https://shop.example.com"
    FakeShop.clear()
    yield
    FakeShop.clear()


@pytest.fixture
def order():
    return FakeShop.place(make_order())


@pytest.fixture
def ugc_offer() -> UGCRewardOffer:
    return make_ugc_offer(slug="mornings")


def rendered(tag: str, order, request=None) -> str:
    template = Template("{% load ppx %}{% " + tag + " %}")
    return template.render(Context({"order": order, "request": request}))


def test_the_address_leads_to_the_page_of_this_order(client, order, ugc_offer) -> None:
    url = rendered('ppx_ugc_url order offer="mornings"', order)

    assert url.startswith("https://shop.example.com/ppx/ugc/")
    page = client.get(url.removeprefix("https://shop.example.com"))
    assert page.status_code == 200
    assert page.context["invitation"].purchase.order_ref == order.number


def test_without_a_site_the_host_of_the_request_is_taken(settings, order, ugc_offer) -> None:
    settings.PPX_SITE_URL = ""
    request = RequestFactory().get("/", headers={"host": "slips.example.com"})

    url = rendered('ppx_ugc_url order offer="mornings"', order, request)

    assert url.startswith("http://slips.example.com/ppx/ugc/")
    assert is_personal(request)
    assert rendered('ppx_ugc_url order offer="mornings"', order) == ""


def test_the_code_is_an_inline_picture_of_the_address(order, ugc_offer) -> None:
    svg = rendered('ppx_ugc_qr order offer="mornings" title="Show & tell"', order)

    assert svg.startswith('<svg role="img" ')
    assert "<title>Show &amp; tell</title>" in svg
    assert "style=" not in svg
    assert "<script" not in svg
    assert re.search(r'viewBox="0 0 \d+ \d+"', svg)
    assert 'width="' not in svg.split(">")[0]


def test_the_picture_is_the_one_that_segno_draws_for_the_address() -> None:
    url = "https://shop.example.com/ppx/ugc/abc~def/"
    expected = segno.make(url, micro=False, error="q", boost_error=False)

    svg = qr_svg(url, title="Scan")

    assert f'viewBox="0 0 {expected.symbol_size(border=4)[0]} ' in svg
    assert re.search(r' d="(M4 [^"]+)"', svg).group(1) in expected.svg_inline(border=4)


@pytest.mark.parametrize("tag", ["ppx_ugc_url", "ppx_ugc_qr"])
def test_where_nothing_can_be_sent_in_there_is_nothing(order, ugc_offer, tag) -> None:
    tag_for = f'{tag} order offer="{{}}"'.format
    assert rendered(tag_for("mornings"), order) != ""

    assert rendered(tag_for("evenings"), order) == ""
    Offer.objects.filter(pk=ugc_offer.pk).update(ends_at=timezone.now() - timedelta(days=1))
    assert rendered(tag_for("mornings"), order) == ""
    Offer.objects.filter(pk=ugc_offer.pk).update(ends_at=None)
    purchases.cancelled(order.number)
    assert rendered(tag_for("mornings"), order) == ""


@pytest.mark.parametrize("tag", ["ppx_ugc_url", "ppx_ugc_qr"])
def test_a_fault_renders_nothing_and_is_raised_under_debug(
    settings, caplog, order, ugc_offer, tag
) -> None:
    FakeShop.fault = RuntimeError("no such order")

    assert rendered(f'{tag} order offer="mornings"', order) == ""
    assert [record.name for record in caplog.records] == ["django_ppx"]

    settings.DEBUG = True
    with pytest.raises(RuntimeError):
        rendered(f'{tag} order offer="mornings"', order)
