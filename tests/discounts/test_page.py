"""The discount on the thank-you page, from the first look to the spent code."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from django_ppx.rewards.models import DiscountCode
from tests.discounts.test_kind import make_discount

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.hosts")]


@pytest.fixture(autouse=True)
def _shop(settings) -> None:
    settings.PPX_SHOP = "tests.hosts.PlainShop"


def look(client: Client) -> str:
    page = client.get("/status/1001/").content.decode()
    return re.sub(r"\s+", " ", page)


def test_the_page_shows_the_code_that_the_ledger_holds(client: Client) -> None:
    make_discount(placements=["order_status"])

    page = look(client)

    code = DiscountCode.objects.get().code
    assert "-".join([code[:4], code[4:8], code[8:]]) in page
    assert "10% off" in page


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"times_used": 1}, "You have used your code."),
        ({"expires_at": timezone.now() - timedelta(seconds=1)}, "Your code has expired."),
        ({"status": "revoked", "revoked_at": timezone.now()}, "Your code is no longer valid."),
    ],
)
def test_a_spent_code_is_named_and_not_shown(client: Client, columns: dict, sentence: str) -> None:
    make_discount(placements=["order_status"])
    look(client)
    DiscountCode.objects.update(**columns)

    page = look(client)

    code = DiscountCode.objects.get().code
    assert sentence in page
    assert code[:4] not in page
    assert DiscountCode.objects.count() == 1
