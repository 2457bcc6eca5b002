"""The Redis sink: what it appends, and that a Redis that does not take it harms neither the page nor the events."""

from __future__ import annotations

import json
import logging
import os
import socket
import time
from dataclasses import replace
from typing import Any

import pytest

from django_ppx.events.checks import check_event_sink
from django_ppx.events.models import OfferEvent
from django_ppx.events.sinks import get_sink
from tests.events.presented import make_presentation, record_of
from tests.events.redis_server import SINK, free_port, needs_redis, redis_server, use_redis

pytestmark = [pytest.mark.django_db, needs_redis]


def stored(redis: Any) -> list[dict[str, Any]]:
    return [json.loads(fields[b"event"]) for _id, fields in redis.xrange("ppx:events")]


def pause_is_over() -> None:
    get_sink()._paused_until = 0.0


def test_events_are_appended_with_ids_and_facts_alone(redis: Any) -> None:
    shown = make_presentation()

    taken = get_sink().record([record_of(shown), record_of(shown, name="share", channel="device")])

    assert taken == ["accepted", "accepted"]
    assert not OfferEvent.objects.exists()
    first, second = stored(redis)
    assert first == {
        "v": 1,
        "name": "impression",
        "offer": shown.offer_id,
        "variant": shown.variant_id,
        "presentation": str(shown.pk),
        "customer": shown.customer_id,
        "source": "beacon",
        "channel": "",
        "bot_score": 0,
        "occurred_at": "2026-03-10T12:00:00+00:00",
    }
    assert (second["name"], second["channel"]) == ("share", "device")


def test_a_batch_is_one_round_trip(redis: Any, monkeypatch: Any) -> None:
    shown = make_presentation()
    get_sink().record([record_of(shown)])
    before = redis.info("stats")["total_reads_processed"]

    get_sink().record([record_of(shown, channel=str(number)) for number in range(20)])

    # The one of INFO itself is in it.
    assert redis.info("stats")["total_reads_processed"] - before == 2
    assert redis.xlen("ppx:events") == 21


def test_no_events_ask_nothing(settings: Any) -> None:
    settings.PPX_EVENT_SINK = SINK
    settings.PPX_REDIS_URL = ""

    assert get_sink().record([]) == []


def test_without_a_redis_the_database_takes_it_and_the_log_says_so_once(
    redis: Any, settings: Any, caplog: Any
) -> None:
    settings.PPX_REDIS_URL = f"redis://:hidden@127.0.0.1:{free_port()}/0"
    shown = make_presentation()

    taken = []
    for event in ("impression", "copy", "copy"):
        pause_is_over()
        taken += get_sink().record([record_of(shown, name=event)])

    assert taken == ["recorded", "recorded", "known"]
    assert sorted(OfferEvent.objects.values_list("name", flat=True)) == ["copy", "impression"]
    [record] = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert record.getMessage().startswith("Redis does not take events; they are stored in the")
    assert "hidden" not in record.getMessage()


def test_it_is_logged_again_after_a_minute(redis: Any, settings: Any, caplog: Any) -> None:
    settings.PPX_REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    record = record_of(make_presentation())
    get_sink().record([record])
    get_sink()._logged_at -= 61
    pause_is_over()

    get_sink().record([record])

    assert len(caplog.records) == 2


@pytest.mark.parametrize("url", ["", "no address", None])
def test_a_missing_address_is_an_error_of_the_check_and_loses_nothing(
    redis: Any, settings: Any, url: Any
) -> None:
    settings.PPX_REDIS_URL = url

    assert [message.id for message in check_event_sink()] == ["django_ppx.E045"]
    assert get_sink().record([record_of(make_presentation())]) == ["recorded"]


def test_a_redis_that_hangs_is_waited_for_once(redis: Any, settings: Any) -> None:
    shown = make_presentation()
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        settings.PPX_REDIS_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"

        began = time.monotonic()
        first = get_sink().record([record_of(shown)])
        waited = time.monotonic() - began
        others = [get_sink().record([record_of(shown, channel=str(n))]) for n in range(5)]
        waited_for_others = time.monotonic() - began - waited

    assert first == ["recorded"]
    assert others == [["recorded"]] * 5
    assert 0.4 < waited < 5
    assert waited_for_others < 2  # five more times half a second, if each had waited


def test_redis_is_asked_again_after_the_pause(redis: Any, settings: Any) -> None:
    shown = make_presentation()
    url, settings.PPX_REDIS_URL = settings.PPX_REDIS_URL, f"redis://127.0.0.1:{free_port()}/0"
    down = get_sink().record([record_of(shown)])
    settings.PPX_REDIS_URL = url
    paused = get_sink().record([record_of(shown, channel="a")])
    pause_is_over()
    up = get_sink().record([record_of(shown, channel="b")])

    assert (down, paused, up) == (["recorded"], ["recorded"], ["accepted"])


def test_a_full_redis_takes_nothing_of_a_batch(redis: Any) -> None:
    shown = make_presentation()
    redis.config_set("maxmemory-policy", "noeviction")
    redis.config_set("maxmemory", "1")
    try:
        one = get_sink().record([record_of(shown)])
        pause_is_over()
        many = get_sink().record([record_of(shown, channel=str(n)) for n in range(3)])
    finally:
        redis.config_set("maxmemory", "0")

    assert one == ["recorded"]
    assert many == ["recorded"] * 3
    assert redis.xlen("ppx:events") == 0
    assert OfferEvent.objects.count() == 4


def test_a_replica_that_may_not_write_takes_nothing(redis: Any) -> None:
    redis.replicaof("127.0.0.1", str(free_port()))
    try:
        taken = get_sink().record([record_of(make_presentation())])
    finally:
        redis.replicaof("NO", "ONE")

    assert taken == ["recorded"]
    assert OfferEvent.objects.count() == 1


def test_a_fork_has_connections_of_its_own(redis: Any) -> None:
    shown = make_presentation()
    record = record_of(shown)
    sink = get_sink()
    sink.record([record])
    child = os.fork()
    if child == 0:  # answers meant for one process would reach the other
        for number in range(50):
            sink.record([replace(record, channel=f"child {number}")])
        os._exit(0)
    for number in range(50):
        sink.record([replace(record, channel=f"parent {number}")])

    assert os.waitpid(child, 0)[1] == 0
    channels = [event["channel"] for event in stored(redis)]
    assert len(channels) == len(set(channels)) == 101


def test_a_redis_that_comes_back_is_used_again(settings: Any, redis: Any) -> None:
    with redis_server() as own:
        use_redis(settings, own)
        shown = make_presentation()
        before = get_sink().record([record_of(shown)])
        own.kill()
        down = get_sink().record([record_of(shown, channel="down")])
        own.start()
        pause_is_over()
        after = get_sink().record([record_of(shown, channel="up")])

    assert (before, down, after) == (["accepted"], ["recorded"], ["accepted"])
