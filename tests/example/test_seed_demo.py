"""`seed_demo`: everything is there after the first run, and stays after the second."""

from __future__ import annotations

from collections import Counter
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from django_ppx.core.models import Customer, Purchase
from django_ppx.events.models import OfferEvent
from django_ppx.offers.models import Offer, OfferVariantText, Theme
from django_ppx.rewards.models import CodeRedemption, DiscountCode, Reward
from django_ppx.ugc.models import UGCReport, UGCSubmission
from example_project.shop.models import Order

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def seed() -> str:
    out = StringIO()
    call_command("seed_demo", stdout=out)
    return out.getvalue()


def test_the_demo_is_complete_and_a_second_run_keeps_it(client: Client, settings: Any) -> None:
    settings.DEBUG = True

    printed = seed()

    counts = [model.objects.count() for model in (Order, Purchase, Customer, Offer, OfferEvent)]
    assert counts[:3] == [150, 150, 81]
    assert counts[4] > 400
    kinds = set(Offer.objects.filter(status="active").values_list("kind", flat=True))
    assert kinds == {
        "message",
        "next_purchase_discount",
        "review_request",
        "share_prompt",
        "social_invite",
        "ugc_reward",
    }
    assert set(OfferVariantText.objects.values_list("language", flat=True)) == {"en", "de"}
    assert Theme.objects.filter(is_active=True).count() == 1
    assert CodeRedemption.objects.count() > 10
    assert DiscountCode.objects.filter(times_used=0).exists()
    assert set(Reward.objects.values_list("status", flat=True)) == {
        "promised",
        "issued",
        "redeemed",
        "reversed",
        "expired",
    }
    assert Reward.objects.flagged().exists()
    assert Reward.objects.waiting_for_staff(shop_credits_points=False).count() == 5
    statuses = Counter(UGCSubmission.objects.values_list("status", flat=True))
    assert statuses == {"approved": 5, "waiting": 6, "rejected": 1, "withdrawn": 1}
    assert UGCReport.objects.filter(status="open").count() == 1
    for status in Order.Status:
        assert Order.objects.filter(status=status).exists(), status
    assert "staff / staff" in printed

    assert seed() == printed.removeprefix("Filling the example shop …\n")
    assert counts == [
        model.objects.count() for model in (Order, Purchase, Customer, Offer, OfferEvent)
    ]

    thank_you = next(line for line in printed.splitlines() if "Thank-you page" in line).split()[-1]
    page = client.get(thank_you.removeprefix(settings.SHOP_URL), follow=True).content.decode()
    assert "A tenth off the next one" in page
    assert "TIDE-" in page
    assert "Show us where it lives now" in page
    order_status = thank_you.replace("/thank-you/", "/order-status/")
    page = client.get(order_status.removeprefix(settings.SHOP_URL), follow=True).content.decode()
    assert "Show us where it lives now" in page
    assert client.login(username="staff", password="staff")
    assert client.get("/admin/").status_code == 200
