"""The setting that chooses where reports go, and the sink that stores them at once."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from django_ppx.events.checks import check_event_sink
from django_ppx.events.models import OfferEvent
from django_ppx.events.sinks import DatabaseSink, get_sink, load_sink
from django_ppx.exceptions import Misconfigured
from tests.events.presented import make_presentation, record_of


def test_the_database_is_the_sink_unless_the_setting_names_another(settings: Any) -> None:
    first, again = get_sink(), get_sink()
    settings.PPX_EVENT_SINK = "tests.events.own_sinks.ListSink"

    assert type(first) is DatabaseSink
    assert again is first
    assert type(get_sink()).__name__ == "ListSink"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("nowhere.Sink", "can't be imported"),
        ("Sink", "can't be imported"),
        ("django_ppx.events.recording.EventRecord", "is not a subclass"),
        ("django_ppx.events.sinks.get_sink", "is not a subclass"),
        ("tests.events.own_sinks.WithoutRecord", "does not define record"),
        ("tests.events.own_sinks.Unmakeable", "can't be made: no luck"),
    ],
)
def test_a_wrong_path_is_said_by_the_check_and_by_the_sink(
    settings: Any, path: str, words: str
) -> None:
    settings.PPX_EVENT_SINK = path

    [message] = check_event_sink()

    assert message.id == "django_ppx.E044"
    assert words in message.msg
    with pytest.raises(Misconfigured, match=words):
        get_sink()


@pytest.mark.parametrize("value", [None, 7, ["django_ppx.events.sinks.DatabaseSink"]])
def test_a_sink_is_named_by_text(settings: Any, value: Any) -> None:
    settings.PPX_EVENT_SINK = value

    assert [message.id for message in check_event_sink()] == ["django_ppx.E044"]


def test_the_check_repeats_what_a_sink_says(settings: Any) -> None:
    settings.PPX_EVENT_SINK = "tests.events.own_sinks.ListSink"
    said = [message.id for message in check_event_sink()]
    settings.PPX_EVENT_SINK = "tests.events.own_sinks.BrokenCheck"
    broken = [message.msg for message in check_event_sink()]

    assert said == ["shop.W001"]
    assert broken == ["The check of the event sink failed: no luck"]


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:6379",
        "http://127.0.0.1:6379/0",
        "redis://",
        "redis://127.0.0.1:x/0",
        "redis://127.0.0.1:6379/first",
        "unix://",
        7,
        None,
    ],
)
def test_an_address_that_is_none_is_said_without_repeating_it(settings: Any, url: Any) -> None:
    settings.PPX_REDIS_URL = url

    [message] = check_event_sink()

    assert message.id == "django_ppx.E045"
    assert str(url) not in message.msg


@pytest.mark.parametrize(
    "url",
    [
        "",
        "redis://127.0.0.1:6379/0",
        "redis://:secret@redis.example.com",
        "rediss://redis.example.com:6380/3",
        "unix:///run/redis/redis.sock",
    ],
)
def test_an_address_of_a_redis_is_well(settings: Any, url: str) -> None:
    settings.PPX_REDIS_URL = url

    assert check_event_sink() == []


def test_the_redis_sink_without_its_extra_is_said(settings: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    monkeypatch.delitem(sys.modules, "django_ppx.events.redis_sink", raising=False)
    monkeypatch.delitem(sys.modules, "django_ppx.events.redis_draining", raising=False)
    load_sink.cache_clear()
    settings.PPX_EVENT_SINK = "django_ppx.events.redis_sink.RedisStreamSink"

    [message] = check_event_sink()

    assert message.id == "django_ppx.E044"
    assert "pip install 'django-ppx[redis]'" in str(message.hint)


def test_an_address_without_the_package_is_said(settings: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("django_ppx.events.checks.find_spec", lambda name: None)
    settings.PPX_REDIS_URL = "redis://127.0.0.1:6379/0"

    [message] = check_event_sink()

    assert message.id == "django_ppx.E045"
    assert "is not installed" in message.msg


@pytest.mark.django_db
def test_the_database_sink_says_what_is_news() -> None:
    record = record_of(make_presentation())

    taken = DatabaseSink().record([record, record])
    again = DatabaseSink().record([record])

    assert (taken, again) == (["recorded", "known"], ["known"])
    assert OfferEvent.objects.get().occurred_at == record.occurred_at


def test_redis_is_not_imported_for_the_database_sink() -> None:
    code = (
        "import sys, django; django.setup();"
        "from django_ppx.management.due_work import events_due;"
        "from django_ppx.events.checks import check_event_sink;"
        "from django_ppx.events.sinks import get_sink; get_sink();"
        "assert check_event_sink() == []; counts = events_due(None, 10);"
        "assert (sum(counts.done.values()), counts.failed) == (0, 0);"
        "assert 'redis' not in sys.modules"
    )

    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
