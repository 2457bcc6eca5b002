"""`ppx_prune_events`: what no figure reads goes, and no figure changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from django_ppx.events import pruning
from django_ppx.events.models import OfferEvent
from django_ppx.events.pruning import prune_events
from django_ppx.experiments.models import Metric
from django_ppx.insights.funnel_reading import read_funnel
from django_ppx.insights.history import read_history
from django_ppx.insights.measuring import measure_arms
from django_ppx.offers.counting import count_offers
from django_ppx.offers.models import OfferPresentation
from django_ppx.testing import make_experiment
from tests.insights.days import START, expose
from tests.insights.days import at as at_day
from tests.insights.funnel_rows import MARCH, act, at, show

pytestmark = pytest.mark.django_db
LATER = datetime(2027, 3, 10, 12, tzinfo=UTC)
LONG_AGO = datetime(2026, 3, 10, 12, tzinfo=UTC)


def prune(*options: str, days: int = 100) -> str:
    out = StringIO()
    with time_machine.travel(LATER, tick=False):
        call_command("ppx_prune_events", f"--older-than-days={days}", *options, stdout=out)
    return out.getvalue()


def names() -> list[str]:
    return sorted(OfferEvent.objects.values_list("name", flat=True))


@pytest.fixture
def shown() -> OfferPresentation:
    return show(make_experiment().offer, at(3, 10))


def test_what_was_seen_goes_and_what_is_counted_stays(shown: OfferPresentation) -> None:
    for name in ("impression", "click", "copy", "dismiss", "share", "submit"):
        act(shown, name, LONG_AGO)
    act(shown, "click", LONG_AGO, bot_score=49)
    act(shown, "click", LONG_AGO, bot_score=50)

    said = prune()

    assert said == (
        "100%  2 of 2, " + said.split("of 2, ")[1].partition("\n")[0] + "\n"
        "2 events removed. 6 of the same age stay: figures that staff see count them.\n"
    )
    assert names() == ["click", "click", "copy", "dismiss", "share", "submit"]
    assert prune().startswith("0 events removed. 6 of the same age stay")


def test_what_belongs_to_nobody_any_more_goes(shown: OfferPresentation) -> None:
    act(shown, "click", LONG_AGO)
    act(shown, "copy", LONG_AGO)
    act(shown, "share", LONG_AGO)
    OfferEvent.objects.filter(name="copy").update(presentation=None, customer=None)
    OfferEvent.objects.filter(name="share").update(presentation=None)

    prune()

    assert names() == ["click", "share"]


def test_the_last_instant_stays(shown: OfferPresentation) -> None:
    edge = LATER - timedelta(days=100)
    act(shown, "impression", edge)
    act(shown, "impression", edge - timedelta(microseconds=1))

    prune()

    assert OfferEvent.objects.get().occurred_at == edge


def test_a_dry_run_counts_and_removes_nothing(shown: OfferPresentation) -> None:
    act(shown, "impression", LONG_AGO)

    assert prune("--dry-run") == "1 events would be removed. No other event is as old.\n"
    assert names() == ["impression"]


def test_an_empty_table_is_said() -> None:
    assert prune() == "0 events removed. No other event is as old.\n"


@pytest.mark.parametrize("days", [-1, 0, 29, 36_501, 10**12])
def test_too_few_and_too_many_days_are_refused(shown: OfferPresentation, days: int) -> None:
    act(shown, "impression", LONG_AGO)

    with pytest.raises(CommandError, match="30 to 36500"):
        prune(days=days)

    assert names() == ["impression"]


def test_batches_take_the_same_statements_each(
    shown: OfferPresentation, monkeypatch: Any, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(pruning, "BATCH", 10)
    told: list[int] = []
    for _number in range(35):
        act(shown, "impression", LONG_AGO)

    with django_assert_num_queries(4 * 4 + 1):  # the ids, the removal in a savepoint; nothing left
        removed = prune_events(before=LATER, on_batch=told.append)

    assert (removed, told) == (35, [10, 20, 30, 35])


def test_no_figure_changes(shown: OfferPresentation) -> None:
    experiment = make_experiment()
    exposures = [expose(experiment, day=0) for _customer in range(6)]
    others = [show(shown.offer, at(3, day)) for day in (11, 12, 13)]
    acted = ("impression", "click", "copy", "dismiss", "impression", "share")
    for number, name in enumerate(acted):
        exposure = exposures[number]
        OfferEvent.objects.create(
            name=name,
            offer=experiment.offer,
            customer=exposure.customer,
            source="beacon",
            bot_score=60 if number == 2 else 0,
            occurred_at=at_day(1),
            dedupe_key=f"prune {number}",
        )
    for card in others:
        act(card, "impression", at(3, 14))
        act(card, "click", at(3, 14))
        act(card, "copy", at(3, 14), bot_score=90)

    def figures() -> list[Any]:
        phase = experiment.phases.get()
        offers = [experiment.offer, shown.offer]
        now = at(4, 20)
        return [
            measure_arms(phase=phase, day_no=START + 100),
            *(read_funnel(offer=offer, period=MARCH) for offer in offers),
            count_offers([offer.pk for offer in offers], now=now),
            *(
                read_history(metric=metric, window_days=7, offer_id=shown.offer_id, now=now)
                for metric in (Metric.CLICKED, Metric.CLAIMED)
            ),
        ]

    before = figures()

    assert prune().endswith("6 of the same age stay: figures that staff see count them.\n")
    assert figures() == before
    assert before[3][shown.offer_id].clicked == 3
    assert before[0]
