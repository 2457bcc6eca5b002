"""Which reports of a page go through the sink, and what they cost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_ppx.events.bots import visit_from_headers
from django_ppx.events.models import OfferEvent
from django_ppx.events.sinks import get_sink
from django_ppx.offers.links import card_token
from django_ppx.offers.responding import Report, report_events
from tests.events.own_sinks import ListSink
from tests.events.presented import make_presentation
from tests.events.redis_server import needs_redis

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.hosts")]
BROWSER = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}


def test_a_report_costs_no_more_than_before_there_were_sinks(client: Any) -> None:
    token = card_token(str(make_presentation().pk), now=timezone.now())
    report = {"token": token, "event": "impression"}

    with CaptureQueriesContext(connection) as news:
        first = client.post("/ppx/event/", report, headers=BROWSER)
    with CaptureQueriesContext(connection) as repetition:
        again = client.post("/ppx/event/", report, headers=BROWSER)

    assert (first.status_code, again.status_code) == (204, 204)
    assert len(news) <= 6  # the card and the event; savepoints
    assert len(repetition) <= 8  # and whether it is stored


@pytest.mark.parametrize(
    ("kind", "event", "goes_to_the_sink"),
    [
        ("message", "impression", True),
        ("message", "copy", True),
        ("message", "share", True),
        ("message", "dismiss", False),
        ("share_prompt", "impression", True),
        ("share_prompt", "share", False),  # it fulfils the offer
    ],
)
def test_what_changes_the_next_page_is_stored_at_once(
    client: Any, settings: Any, monkeypatch: Any, kind: str, event: str, goes_to_the_sink: bool
) -> None:
    settings.PPX_EVENT_SINK = "tests.events.own_sinks.ListSink"
    monkeypatch.setattr(ListSink, "kept", [])
    shown = make_presentation(kind=kind)
    token = card_token(str(shown.pk), now=timezone.now())

    answer = client.post("/ppx/event/", {"token": token, "event": event}, headers=BROWSER)

    assert answer.status_code == 204
    assert [record.name for record in get_sink().kept] == [event] * goes_to_the_sink
    assert OfferEvent.objects.count() == 1 - goes_to_the_sink
    shown.refresh_from_db()
    assert (shown.dismissed_at is not None) == (event == "dismiss")
    assert (shown.done_at is not None) == (kind == "share_prompt" and event == "share")


def test_a_machine_fulfils_nothing_and_its_report_goes_to_the_sink(
    client: Any, settings: Any, monkeypatch: Any
) -> None:
    settings.PPX_EVENT_SINK = "tests.events.own_sinks.ListSink"
    monkeypatch.setattr(ListSink, "kept", [])
    shown = make_presentation(kind="share_prompt")
    token = card_token(str(shown.pk), now=timezone.now() - timedelta(minutes=1))

    client.post("/ppx/event/", {"token": token, "event": "share"}, headers={"user-agent": "bot"})

    [record] = get_sink().kept
    assert (record.name, record.bot_score) == ("share", 90)
    shown.refresh_from_db()
    assert shown.done_at is None


@needs_redis
def test_a_page_is_answered_as_ever_and_asks_the_database_once(
    redis: Any, client: Any, django_assert_num_queries: Any
) -> None:
    token = card_token(str(make_presentation().pk), now=timezone.now())

    with django_assert_num_queries(1):
        answer = client.post("/ppx/event/", {"token": token, "event": "impression"})

    assert answer.status_code == 204
    assert redis.xlen("ppx:events") == 1


def test_a_batch_of_reports_is_parted_and_answered_in_its_order(
    settings: Any, monkeypatch: Any
) -> None:
    settings.PPX_EVENT_SINK = "tests.events.own_sinks.ListSink"
    monkeypatch.setattr(ListSink, "kept", [])
    token = card_token(str(make_presentation().pk), now=timezone.now())
    reports = [
        Report(token=token, event="impression"),
        Report(token=token, event="dismiss"),
        Report(token="junk", event="copy"),
        Report(token=token, event="copy"),
        Report(token=token, event="dismiss"),
    ]

    outcomes = report_events(reports, visit=visit_from_headers("POST", BROWSER), now=timezone.now())

    assert outcomes == ["accepted", "recorded", "refused", "accepted", "known"]
    assert [record.name for record in ListSink.kept] == ["impression", "copy"]
    assert OfferEvent.objects.get().name == "dismiss"
