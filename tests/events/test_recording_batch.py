"""Many events at once: one INSERT, each fact once, all or none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from django_ppx.events.models import OfferEvent
from django_ppx.events.recording import EventRecord, EventSubject, record_event, record_events
from django_ppx.signals import offer_event_recorded
from django_ppx.testing import make_offer
from tests.racing import run_together

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest.fixture
def subject():
    return EventSubject(offer_id=make_offer("message").pk)


@pytest.fixture
def told():
    heard = []

    def hear(event, **kwargs) -> None:
        heard.append((event.pk, event.channel))

    offer_event_recorded.connect(hear)
    yield heard
    offer_event_recorded.disconnect(hear)


def record(subject, channel="x", **values):
    given = {"name": "share", "source": "beacon", "occurred_at": NOW, **values}
    return EventRecord(subject=subject, channel=channel, **given)


def inserts(captured):
    return [query for query in captured.captured_queries if query["sql"].startswith("INSERT")]


def test_new_events_are_stored_as_they_were_recorded(subject):
    news = record_events([record(subject, "x", bot_score=60), record(subject, "y", name="click")])

    stored = OfferEvent.objects.order_by("channel").values_list(
        "name", "channel", "source", "bot_score", "occurred_at", "offer_id"
    )
    assert news == [True, True]
    assert list(stored) == [
        ("share", "x", "beacon", 60, NOW, subject.offer_id),
        ("click", "y", "beacon", 0, NOW, subject.offer_id),
    ]


def test_no_events_are_no_statement(subject, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert record_events([]) == []


@pytest.mark.parametrize("events", [1, 99])
def test_however_many_events_are_one_insert(subject, events):
    with CaptureQueriesContext(connection) as captured:
        record_events([record(subject, str(number)) for number in range(events)])

    assert len(inserts(captured)) == 1
    assert OfferEvent.objects.count() == events


def test_a_fact_that_stands_twice_in_a_batch_is_news_once(subject):
    news = record_events([record(subject, "x"), record(subject, "y"), record(subject, "x")])

    assert news == [True, True, False]
    assert OfferEvent.objects.count() == 2


def test_what_is_known_already_is_left_out_and_the_rest_is_stored(subject):
    record_event(name="share", subject=subject, source="host", channel="y", now=NOW)

    news = record_events([record(subject, channel) for channel in "xyz"])

    assert news == [True, False, True]
    assert OfferEvent.objects.get(channel="y").source == "host"
    assert OfferEvent.objects.count() == 3


def test_the_same_batch_again_stores_nothing(subject):
    batch = [record(subject, channel) for channel in "xyz"]
    record_events(batch)

    assert record_events(batch) == [False, False, False]
    assert OfferEvent.objects.count() == 3


def test_each_new_event_is_told_once_with_its_key(
    subject, told, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        record_events([record(subject, "x")])
        record_events([record(subject, "x"), record(subject, "y")])

    by_channel = dict(OfferEvent.objects.values_list("channel", "pk"))
    assert told == [(by_channel["x"], "x"), (by_channel["y"], "y")]


def test_a_row_that_the_database_refuses_takes_the_batch_with_it(subject, told):
    with pytest.raises(IntegrityError):
        record_events([record(subject, "x"), record(subject, "y", bot_score=101)])

    assert not OfferEvent.objects.exists()
    assert told == []


def test_a_refused_row_beside_a_known_one_is_refused_too(subject):
    record_events([record(subject, "x")])

    with pytest.raises(IntegrityError):
        record_events([record(subject, "x"), record(subject, "y", bot_score=101)])

    assert OfferEvent.objects.get().channel == "x"


def test_events_are_written_in_one_order_so_that_two_batches_never_wait_in_a_circle(subject):
    record_events([record(subject, channel) for channel in "zxy"])

    assert list(OfferEvent.objects.order_by("pk").values_list("channel", flat=True)) == [*"xyz"]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_batches_that_overlap_at_the_same_moment_store_each_fact_once():
    subject = EventSubject(offer_id=make_offer("message").pk)
    channels = [str(number) for number in range(20)]

    def send(number):
        mine = channels[number:] + channels[:number]
        return sum(record_events([record(subject, channel) for channel in mine]))

    news = run_together(send, times=8)

    assert sum(news) == 20
    assert OfferEvent.objects.count() == 20
