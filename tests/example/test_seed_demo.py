"""`seed_demo`: everything is there after the first run, and stays after the second."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import F
from django.test import Client
from django.utils import timezone

from django_ppx.core.models import Customer, Purchase, PurchaseComplaint, PurchaseEntry
from django_ppx.events.models import OfferEvent
from django_ppx.experiments.models import Experiment, ExperimentExposure, ExperimentPhase
from django_ppx.insights.models import ExperimentLook
from django_ppx.insights.reading import load_result
from django_ppx.insights.results import Counted, ExperimentResult, VerdictState
from django_ppx.offers.models import Offer, OfferVariantText, Theme
from django_ppx.rewards.models import CodeRedemption, DiscountCode, Reward
from django_ppx.ugc.models import UGCReport, UGCSubmission
from example_project.shop.models import Order

TABLES = (
    Order,
    Purchase,
    Customer,
    Offer,
    OfferEvent,
    PurchaseEntry,
    ExperimentExposure,
    ExperimentLook,
)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def seed() -> str:
    out = StringIO()
    call_command("seed_demo", stdout=out)
    return out.getvalue()


def result_of(slug: str) -> ExperimentResult:
    phase = ExperimentPhase.objects.get(experiment__offer__slug=slug)
    return load_result(phase=phase, now=timezone.now())


def check_experiments() -> None:
    """One is decided for what is really better, one goes on, and one has lost customers of a variant."""
    decided = result_of("first-order-10")
    assert decided.verdict.state is VerdictState.BETTER
    code, nothing = decided.arms
    assert code.matured + nothing.matured >= decided.progress.planned
    difference = code.figures[Counted.REPEAT].difference
    assert difference is not None
    assert difference.interval.low > 0
    assert code.figures[Counted.MARGIN].customers == code.matured
    experiment = Experiment.objects.get(offer__slug="first-order-10")
    assert experiment.status == Experiment.Status.DECIDED
    log = experiment.decisions.order_by("made_at")
    assert [line.action for line in log] == ["started", "stopped", "decided", "rolled_out"]
    assert [line.arm_label for line in log] == ["", "", "A", "A"]
    assert log[2].snapshot["verdict"] == {"state": "better", "arm_label": "A"}

    running = result_of("watch-the-kiln")
    assert running.verdict.state is VerdictState.OPEN
    assert 0 < running.progress.share < 0.5
    assert len(running.days) == 24

    broken = result_of("share")
    assert broken.verdict.state is VerdictState.SAMPLE_RATIO
    assert set(Experiment.objects.values_list("status", flat=True)) == {"decided", "running"}
    yesterday = timezone.localdate() - timedelta(days=1)
    assert running.as_of == broken.as_of == yesterday


def check_ledger() -> None:
    """Something of everything that an order can come to, each known on the day on which it happened."""
    told = PurchaseEntry.objects.filter(purchase__customer__email__startswith="buyer-")
    assert set(told.values_list("type", flat=True)) == {"purchase", "refund", "cancellation"}
    assert not told.exclude(recorded_day_no=F("day_no")).exists()
    assert not told.filter(base_cost_minor__isnull=True).exists()
    assert PurchaseComplaint.objects.exists()
    assert len(set(told.values_list("day_no", flat=True))) == 180


def test_the_demo_is_complete_and_a_second_run_keeps_it(client: Client, settings: Any) -> None:
    settings.DEBUG = True

    printed = seed()

    assert Order.objects.exclude(email__startswith="buyer-").count() == 150
    counts = [model.objects.count() for model in TABLES]
    assert counts[0] == counts[1] > 2_500
    assert 2_000 < counts[2] < 4_000
    assert counts[4] > 1_500
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
    check_experiments()
    check_ledger()

    assert seed() == printed.removeprefix("Filling the example shop …\n")
    assert counts == [model.objects.count() for model in TABLES]

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
