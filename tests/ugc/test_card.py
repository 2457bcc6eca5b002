"""The card of a UGC reward leads to its page."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.template import Context, Template
from django.test import RequestFactory

from django_ppx.testing import FakeShop, make_order, make_ugc_offer
from django_ppx.ugc.models import UGCSubmission
from tests.ugc.sending import AGREED, Sender

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(settings):
    settings.PPX_SHOP = "django_ppx.testing.FakeShop"
    FakeShop.clear()
    yield
    FakeShop.clear()


def test_the_card_on_the_thank_you_page_leads_to_the_page(client) -> None:
    make_ugc_offer()
    order = FakeShop.place(make_order())
    request = RequestFactory().get("/")
    template = Template("{% load ppx %}{% ppx_thank_you order %}")
    card = template.render(Context({"order": order, "request": request}))

    assert "Your reward: 10% off" in card
    assert "Take part" in card
    link = unescape(re.search(r'href="([^"]+/go/[^"]+)"', card).group(1))
    response = client.get(link)

    assert response.status_code == 302
    sender = Sender(client, response["Location"])
    assert sender.post(post_1="https://www.instagram.com/p/Cx1abc/", **AGREED).status_code == 302
    assert UGCSubmission.objects.get().purchase.order_ref == order.number
