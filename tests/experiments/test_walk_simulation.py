"""Weeks of a simulated shop, measured: the figures are those of the shop's own book, whenever cron ran."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from django_ppx.experiments.models import Experiment
from django_ppx.experiments.starting import start_experiment
from django_ppx.insights.looks import LookResults
from django_ppx.insights.models import ExperimentLook
from django_ppx.insights.results import Counted
from django_ppx.insights.sums import ArmSums, sums_from_json
from django_ppx.testing import FakeShop, make_experiment, make_offer, make_variant
from tests.experiments.own_figures import (
    OwnArm,
    common_interval,
    compare_rates,
    count_arm,
    own_cap,
)
from tests.experiments.shop_simulation import (
    NOTHING,
    Habits,
    ShopSimulation,
    fixed_salts,
    local,
    moved_clock,
)

pytestmark = [pytest.mark.django_db(reset_sequences=True), pytest.mark.slow]

FIRST = date(2026, 3, 16)  # the clocks change on 29 March
HEADLINES = {"A": "The bowl is on its way", "B": "Tea tastes best from it"}


@pytest.fixture(autouse=True)
def _shop(settings):
    settings.ROOT_URLCONF = "tests.experiments.shop_simulation"
    settings.PPX_SHOP = "django_ppx.testing.FakeShop"
    FakeShop.clear()
    with fixed_salts():
        yield
    FakeShop.clear()


def make_two_wordings() -> Any:
    offer = make_offer(texts={"en": {"headline": HEADLINES["A"]}})
    make_variant(offer, label="B", texts={"en": {"headline": HEADLINES["B"]}})
    return offer


def simulation(clock: Any, **values: Any) -> ShopSimulation:
    return ShopSimulation(
        **{"clock": clock, "headlines": HEADLINES, "window_days": 7, "seed": 5, **values}
    )


def started(now: datetime) -> Experiment:
    experiment = make_experiment(
        status="draft",
        offer=make_two_wordings(),
        shares={"A": 1, "B": 1},
        window_days=7,
        planned_customers=200,
    )
    start_experiment(experiment=experiment, planned_customers=None, by=None, now=now)
    return experiment


def figures(sums: ArmSums) -> tuple[int, int, int, int]:
    counted = sums.counted
    return (
        sums.exposed,
        sums.matured,
        counted[Counted.REPEAT].total,
        counted[Counted.REVENUE].total,
    )


def own(arm: OwnArm) -> tuple[int, int, int, int]:
    return (arm.exposed, arm.matured, arm.repeats, arm.revenue)


def test_looks_taken_nightly_and_caught_up_with_are_the_same() -> None:
    with moved_clock(local(FIRST - timedelta(28), 0, 0)) as clock:
        shop = simulation(clock, habits=Habits(keeps={NOTHING: 0.1, "A": 0.2, "B": 0.5}))
        shop.expect(100, first=FIRST - timedelta(28), days=20, has_page=False)
        shop.run(local(FIRST, 0, 0))
        cap = own_cap(shop.shoppers, before=clock.now)
        experiment = started(clock.now)
        shop.expect(160, first=FIRST, days=14)
        shop.nightly(FIRST + timedelta(1), days=25)
        shop.run(local(FIRST + timedelta(25), 6))
        nightly = list(
            ExperimentLook.objects.order_by("day_no").values("day_no", "arms", "results")
        )

        ExperimentLook.objects.all().delete()
        shop.measure()

        caught_up = ExperimentLook.objects.order_by("day_no")
        assert len(nightly) == 25
        assert list(caught_up.values("day_no", "arms", "results")) == nightly
        by_label = {arm.label: arm.pk for arm in experiment.arms.all()}
        for look in caught_up:
            sums = sums_from_json(look.arms)
            for label in ("A", "B"):
                mine = count_arm(shop.shoppers, label, window=7, as_of=look.local_date, cap=cap)
                assert figures(sums[by_label[label]]) == own(mine), (look.local_date, label)
    assert any("1 new look," in said for said in shop.said)


def test_the_holdout_of_a_quarter_counts_both_sides_and_holds_the_truth(settings) -> None:
    settings.PPX_HOLDOUT_PERCENT = 30
    truth = {NOTHING: 0.10, "A": 0.30}
    first = date(2026, 4, 1)
    with moved_clock(local(first, 0, 0)) as clock:
        make_offer(texts={"en": {"headline": HEADLINES["A"]}})
        shop = simulation(clock, habits=Habits(keeps=truth), window_days=30, seed=11)
        shop.expect(600, first=first, days=40)
        shop.nightly(first + timedelta(1), days=90, every=9)
        shop.run(local(first + timedelta(80), 6))
        shop.measure()

    experiment = Experiment.objects.get()
    assert (experiment.quarter, experiment.window_days) == ("2026-Q2", 30)
    arms = {arm.label: str(arm.pk) for arm in experiment.arms.all()}
    looks = {look.local_date: look for look in ExperimentLook.objects.order_by("day_no")}
    pairs = {}
    for day, look in looks.items():
        pairs[day] = tuple(
            count_arm(shop.shoppers, saw, window=30, as_of=day) for saw in ("A", NOTHING)
        )
        sums = sums_from_json(look.arms)
        for label, mine in zip(("Offers shown", "Nothing shown"), pairs[day], strict=True):
            assert figures(sums[int(arms[label])]) == own(mine), (day, label)

    last = looks[first + timedelta(79)]
    shown, nothing = pairs[last.local_date]
    assert shown.exposed + nothing.exposed == 600
    assert shown.matured + nothing.matured == 600
    assert 130 < nothing.exposed < 230
    found = LookResults.from_json(last.results).primary[int(arms["Offers shown"])]
    assert found.difference is not None
    counted = {
        day: pair
        for day, pair in pairs.items()
        if not LookResults.from_json(looks[day].results).obstacles
    }
    planned = experiment.phases.get().planned_customers
    low, high = common_interval(counted, planned=planned, alpha=0.05)
    assert found.difference.difference == pytest.approx(compare_rates(shown, nothing).difference)
    assert found.difference.interval.low == pytest.approx(low)
    assert found.difference.interval.high == pytest.approx(high)
    assert low < truth["A"] - truth[NOTHING] < high
    assert last.ratio_state == "clean"
