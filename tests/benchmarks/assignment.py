"""What an experiment costs the page: hashing and picking an arm, and the statements of a reload."""

from __future__ import annotations

import time
from statistics import median
from typing import Final

from django.core.management import call_command
from django.utils import timezone

from django_ppx.experiments.bucketing import cut_slots, find_slot
from django_ppx.experiments.models import Experiment, ExperimentArm
from django_ppx.experiments.starting import start_experiment
from django_ppx.offers import snapshot
from django_ppx.offers.models import Offer
from django_ppx.testing import make_variant
from tests.benchmarks.cases import Row
from tests.benchmarks.page import measured_statements, shop_of

UNITS: Final = 100_000
TURNS: Final = 15
BROWSER: Final = {
    "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "HTTP_ACCEPT_LANGUAGE": "en",
}
"""A person's: a machine's visit exposes nobody."""
MOST_MICROSECONDS: Final = 2.5


def microseconds() -> float:
    """Return the median processor time of hashing one customer and picking one of three arms."""
    slots = cut_slots([45, 45, 10])
    units = [str(number) for number in range(UNITS)]
    times = []
    for _turn in range(TURNS):
        started = time.process_time()
        for unit in units:
            find_slot("salt-of-a-phase", unit, slots)
        times.append((time.process_time() - started) / UNITS * 1e6)
    return median(times)


def rows(database: str) -> list[Row]:
    """Return the time of an assignment, and the statements of a page before and while an experiment runs."""
    took = microseconds()
    with shop_of(1) as client:
        client.get("/with/warm/")
        client.defaults |= BROWSER
        before = measured_statements(client, "a")
        _start()
        client.get("/with/warm-again/")
        during = measured_statements(client, "b")
    call_command("flush", interactive=False, verbosity=0)
    snapshot.forget()
    return [
        Row(
            "assignment-time",
            f"{took:.2f} µs",
            f"{MOST_MICROSECONDS} µs",
            is_ok=took <= MOST_MICROSECONDS,
        ),
        Row(
            f"assignment-{database}-statements",
            f"{during[0] - before[0]} more first, {during[1] - before[1]} more on a reload",
            "1, 0",
            is_ok=during[0] - before[0] <= 1 and during[1] == before[1],
        ),
    ]


def _start() -> None:
    offer = Offer.objects.get()
    make_variant(offer, label="B")
    experiment = Experiment.objects.create(name="Wording", offer=offer, planned_customers=1000)
    for variant in offer.variants.all():
        ExperimentArm.objects.create(experiment=experiment, variant=variant, label=variant.label)
    start_experiment(experiment=experiment, planned_customers=None, by=None, now=timezone.now())
