"""The preview beside the form of each kind, before the offer was ever saved."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from django_ppx.events.models import OfferEvent
from django_ppx.offers.models import Offer, OfferPresentation
from django_ppx.rewards.models import DiscountCode
from django_ppx.testing import make_benefit, make_purchase
from tests.admin_pages import form_data
from tests.reviews.test_kind import make_platform
from tests.social.test_invite_kind import make_channel

pytestmark = pytest.mark.django_db


def discount() -> dict[str, Any]:
    return {"benefit": make_benefit().pk}


def review() -> dict[str, Any]:
    return {"platforms": [make_platform(name="Kiln reviews").pk]}


def invite() -> dict[str, Any]:
    return {"channels": [make_channel(label="Our studio").pk]}


def prompt() -> dict[str, Any]:
    channel = make_channel(handle="kiln")
    return {"tagged_channel": channel.pk, "texts__0__text": "My {product} by {handle}"}


def message() -> dict[str, Any]:
    return {"url": "/care/"}


@pytest.mark.parametrize(
    ("model", "typed", "shown"),
    [
        ("nextpurchasediscount", discount, "SAMPLE-CODE"),
        ("reviewrequest", review, "Write a review"),
        ("socialinvite", invite, "Our studio"),
        ("shareprompt", prompt, "My Bowl by @kiln"),
        ("message", message, 'href="/care/"'),
    ],
)
def test_what_is_typed_is_shown_with_a_real_order_and_nothing_is_written(
    admin_client: Client, model: str, typed: Callable[[], dict[str, Any]], shown: str
) -> None:
    purchase = make_purchase()
    page = admin_client.get(reverse(f"admin:django_ppx_{model}_add"))
    data = form_data(
        page, name="Draft", **typed(), preview_order=purchase.order_ref, preview_language="en"
    )

    response = admin_client.post(reverse(f"admin:django_ppx_{model}_preview_new"), data)

    html = re.sub(r"\s+", " ", response.content.decode())
    assert response.status_code == 200
    assert shown in html, html
    assert "ppx-card" in html
    assert not Offer.objects.exists()
    assert not DiscountCode.objects.exists()
    assert not OfferPresentation.objects.exists()
    assert not OfferEvent.objects.exists()
