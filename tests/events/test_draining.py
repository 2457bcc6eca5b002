"""Draining: every event that waits is stored once, whatever dies in between, and what is none is put aside."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from django_ppx.core.customers import merge_customers
from django_ppx.events import redis_draining
from django_ppx.events.draining import drain_events
from django_ppx.events.messages import event_to_text
from django_ppx.events.models import OfferEvent
from django_ppx.events.sinks import Drained, get_sink
from django_ppx.offers.models import OfferPresentation
from django_ppx.signals import offer_event_recorded
from django_ppx.testing import make_customer
from tests.events.presented import NOW, make_presentation, record_of
from tests.events.redis_server import free_port, needs_redis, redis_server, use_redis
from tests.racing import run_together

pytestmark = [pytest.mark.django_db, needs_redis]
SINK = "django_ppx.events.sinks.DatabaseSink"
LATER = NOW + timedelta(hours=1)


def report(shown: OfferPresentation, times: int) -> None:
    taken = get_sink().record([record_of(shown, channel=str(number)) for number in range(times)])
    assert set(taken) == {"accepted"}


def drain(limit: int = 10_000) -> tuple[int, int, int, int]:
    done = drain_events(now=LATER, limit=limit)
    return done.recorded, done.known, done.dead, done.failed


def make_abandoned(monkeypatch: Any) -> None:
    """Let what a drain has left count as abandoned at once."""
    monkeypatch.setattr(redis_draining, "ABANDONED_MILLISECONDS", 0)


def test_what_waits_is_stored_as_of_when_it_happened(redis: Any) -> None:
    shown = make_presentation()
    get_sink().record([record_of(shown, name="share", channel="device", bot_score=7)])

    assert drain() == (1, 0, 0, 0)
    stored = OfferEvent.objects.get()
    assert (stored.name, stored.channel, stored.bot_score) == ("share", "device", 7)
    assert (stored.source, stored.occurred_at) == ("beacon", NOW)
    assert (stored.offer_id, stored.variant_id) == (shown.offer_id, shown.variant_id)
    assert (stored.presentation_id, stored.customer_id) == (shown.pk, shown.customer_id)
    assert redis.xlen("ppx:events") == 0
    assert redis.xinfo_consumers("ppx:events", "ppx") == []
    assert drain() == (0, 0, 0, 0)


def test_nothing_is_made_in_a_redis_without_events(redis: Any) -> None:
    assert drain() == (0, 0, 0, 0)
    assert redis.keys() == []


def test_the_same_fact_is_stored_and_told_once(
    redis: Any, django_capture_on_commit_callbacks: Any
) -> None:
    record = record_of(make_presentation())
    told: list[OfferEvent] = []

    def hear(event: OfferEvent, **kwargs: Any) -> None:
        told.append(event)

    offer_event_recorded.connect(hear)
    for _time in range(3):
        get_sink().record([record])

    with django_capture_on_commit_callbacks(execute=True):
        first = drain()
    get_sink().record([record])
    with django_capture_on_commit_callbacks(execute=True):
        again = drain()

    assert (first, again) == ((1, 2, 0, 0), (0, 1, 0, 0))
    assert [event.pk for event in told] == [OfferEvent.objects.get().pk]


def test_a_drain_ends_at_its_limit(redis: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(redis_draining, "BATCH", 3)
    report(make_presentation(), 10)

    assert [drain(4), drain(0), drain(4), drain()] == [
        (4, 0, 0, 0),
        (0, 0, 0, 0),
        (4, 0, 0, 0),
        (2, 0, 0, 0),
    ]
    assert OfferEvent.objects.count() == 10


def test_a_batch_costs_the_same_at_any_size(redis: Any, django_assert_num_queries: Any) -> None:
    shown, other = make_presentation("1001"), make_presentation("1002")
    report(shown, 1)
    with django_assert_num_queries(6):  # the cards, the events; savepoints
        drain()
    report(other, 50)

    with django_assert_num_queries(6):
        assert drain() == (50, 0, 0, 0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        "[]",
        "7",
        "{}",
        '{"v":2}',
        "[" * 10_000,
        "x" * 100_000,
    ],
)
def test_what_is_no_event_is_put_aside_with_the_reason(redis: Any, caplog: Any, text: str) -> None:
    shown = make_presentation()
    redis.xadd("ppx:events", {"event": text})
    report(shown, 1)

    assert drain() == (1, 0, 1, 0)
    [(_id, aside)] = redis.xrange("ppx:events:dead")
    assert aside[b"event"] == text.encode()
    assert aside[b"reason"]
    assert "are in ppx:events:dead" in caplog.text
    assert redis.xlen("ppx:events") == 0
    assert drain() == (0, 0, 0, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"name": "bought"},
        {"name": 7},
        {"source": "elsewhere"},
        {"offer": "1"},
        {"offer": 0},
        {"offer": True},
        {"offer": 2**63},
        {"offer": None},
        {"variant": 1.5},
        {"presentation": "1001"},
        {"presentation": 7},
        {"customer": []},
        {"channel": "x" * 51},
        {"channel": "\x00"},
        {"channel": "\ud800"},
        {"channel": None},
        {"bot_score": 101},
        {"bot_score": True},
        {"occurred_at": "yesterday"},
        {"occurred_at": "2026-03-10T12:00:00"},
        {"occurred_at": "0001-01-01T00:00:00+14:00"},
        {"occurred_at": 1},
    ],
    ids=str,
)
def test_a_value_that_no_column_takes_is_put_aside(redis: Any, change: dict[str, Any]) -> None:
    good = json.loads(event_to_text(record_of(make_presentation())))
    redis.xadd("ppx:events", {"event": json.dumps(good | change)})
    redis.xadd("ppx:events", {"event": json.dumps(good)})

    assert drain() == (1, 0, 1, 0)
    assert redis.xlen("ppx:events:dead") == 1


def test_a_message_of_somebody_else_is_put_aside(redis: Any) -> None:
    redis.xadd("ppx:events", {"price": "7", "colour": "red"})

    assert drain() == (0, 0, 1, 0)
    [(_id, aside)] = redis.xrange("ppx:events:dead")
    assert (aside[b"price"], aside[b"colour"]) == (b"7", b"red")


def test_an_event_whose_offer_is_gone_is_put_aside(redis: Any) -> None:
    gone, stays = make_presentation("1001"), make_presentation("1002")
    report(gone, 1)
    report(stays, 1)
    OfferPresentation.objects.filter(pk=gone.pk).delete()

    assert drain() == (1, 0, 1, 0)
    [(_id, aside)] = redis.xrange("ppx:events:dead")
    assert aside[b"reason"] == b"what was shown is gone"
    assert OfferEvent.objects.get().presentation_id == stays.pk


@pytest.mark.django_db(transaction=True)
def test_a_row_that_vanishes_in_between_takes_no_other_event_with_it(redis: Any) -> None:
    shown = make_presentation()
    report(shown, 3)
    lost = json.loads(event_to_text(record_of(shown))) | {
        "presentation": None,
        "offer": shown.offer_id + 1000,
    }
    redis.xadd("ppx:events", {"event": json.dumps(lost)})
    report(shown, 5)

    recorded, known, dead, failed = drain()

    assert (recorded, known, dead, failed) == (5, 3, 1, 0)
    [(_id, aside)] = redis.xrange("ppx:events:dead")
    assert aside[b"reason"] == b"refused by the database: IntegrityError"


def test_a_guest_who_became_a_customer_keeps_the_event(redis: Any) -> None:
    shown = make_presentation()
    report(shown, 1)
    into = make_customer(account_id="7", email="ada.known@example.com")
    merge_customers(guest=shown.customer, into=into)

    assert drain() == (1, 0, 0, 0)
    assert OfferEvent.objects.get().customer_id == into.pk


def test_a_database_that_is_away_loses_nothing(redis: Any, monkeypatch: Any) -> None:
    report(make_presentation(), 3)

    def away(records: Any) -> list[bool]:
        raise OperationalError("away")

    with monkeypatch.context() as broken:
        broken.setattr(redis_draining, "record_events", away)
        with pytest.raises(OperationalError):
            drain()
    at_once = drain()
    make_abandoned(monkeypatch)

    assert at_once == (0, 0, 0, 0)  # for a minute they belong to the one that broke
    assert drain() == (3, 0, 0, 0)
    assert redis.xpending("ppx:events", "ppx")["pending"] == 0


def test_redis_that_is_away_is_said_and_tried_again(redis: Any, settings: Any, caplog: Any) -> None:
    settings.PPX_REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"

    with pytest.raises(CommandError, match="tried again next time"):
        call_command("ppx_run_due", stdout=StringIO())

    assert "Events that wait in Redis can't be stored now" in caplog.text


def test_run_due_stores_what_waits(redis: Any) -> None:
    report(make_presentation(), 3)
    redis.xadd("ppx:events", {"event": ""})
    out = StringIO()

    call_command("ppx_run_due", "--until-done", stdout=out)

    assert out.getvalue() == ("3 waiting events stored, 1 messages put aside\nNothing is due.\n")


def test_a_shop_that_went_back_to_the_database_stores_what_waits(redis: Any, settings: Any) -> None:
    report(make_presentation(), 3)
    settings.PPX_EVENT_SINK = SINK

    assert drain() == (3, 0, 0, 0)
    settings.PPX_REDIS_URL = ""
    assert drain() == (0, 0, 0, 0)


def test_a_message_that_was_removed_by_hand_stops_nothing(redis: Any, monkeypatch: Any) -> None:
    report(make_presentation(), 2)
    [(first, _fields), _second] = redis.xrange("ppx:events")
    redis.xgroup_create("ppx:events", "ppx", id="0")
    redis.xreadgroup("ppx", "dead reader", {"ppx:events": ">"})
    redis.xdel("ppx:events", first)
    make_abandoned(monkeypatch)

    assert drain() == (1, 0, 0, 0)
    assert redis.xpending("ppx:events", "ppx")["pending"] == 0


def test_readers_of_the_past_are_forgotten(redis: Any, monkeypatch: Any) -> None:
    report(make_presentation(), 1)
    redis.xgroup_create("ppx:events", "ppx", id="0")
    redis.xreadgroup("ppx", "killed", {"ppx:events": ">"})
    make_abandoned(monkeypatch)
    monkeypatch.setattr(redis_draining, "GONE_MILLISECONDS", -1)

    drain()

    assert redis.xinfo_consumers("ppx:events", "ppx") == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_several_at_once_share_what_waits(redis: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(redis_draining, "BATCH", 7)
    report(make_presentation(), 200)

    answers = run_together(lambda _number: drain(), times=4)

    assert sum(recorded for recorded, *_others in answers) == 200
    assert {failed for *_others, failed in answers} == {0}
    assert OfferEvent.objects.count() == 200
    assert redis.xlen("ppx:events") == 0


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("moment", "stored", "then"), [("before", 0, (3, 0)), ("after", 3, (0, 3))]
)
def test_a_drainer_that_is_killed_loses_and_doubles_nothing(
    redis: Any, server: Any, monkeypatch: Any, moment: str, stored: int, then: tuple[int, int]
) -> None:
    report(make_presentation(), 3)

    killed = run_worker(moment, server.url)
    make_abandoned(monkeypatch)

    assert killed.returncode == -signal.SIGKILL
    assert OfferEvent.objects.count() == stored
    assert redis.xpending("ppx:events", "ppx")["pending"] == 3
    assert drain() == (*then, 0, 0)
    assert OfferEvent.objects.count() == 3
    assert redis.xlen("ppx:events") == 0


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_drainer_that_nobody_kills_stores_all(redis: Any, server: Any) -> None:
    report(make_presentation(), 3)

    assert run_worker("never", server.url).stdout == "3 0 0 0\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "kept"),
    [
        (("--appendonly", "yes", "--appendfsync", "always"), 20),
        ((), 0),
    ],
    ids=["with a synchronous log", "without persistence"],
)
def test_what_a_redis_that_is_killed_has_kept(
    settings: Any, redis: Any, options: tuple[str, ...], kept: int
) -> None:
    with redis_server(*options) as own:
        use_redis(settings, own)
        shown = make_presentation()
        report(shown, 5)
        before = drain()
        taken = get_sink().record([record_of(shown, channel=f"b {n}") for n in range(20)])

        own.kill()
        own.start()

        assert before == (5, 0, 0, 0)
        assert taken == ["accepted"] * 20
        assert drain() == (kept, 0, 0, 0)
    assert OfferEvent.objects.count() == 5 + kept


def run_worker(moment: str, url: str) -> subprocess.CompletedProcess[str]:
    name = str(connection.settings_dict["NAME"])
    return subprocess.run(
        [sys.executable, "-m", "tests.events.drain_worker", moment, name, url],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        timeout=120,
    )


def test_nothing_drained_is_the_default() -> None:
    assert get_sink().drain(now=NOW, limit=10) == Drained()
