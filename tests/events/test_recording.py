"""Events: the same fact once, and nothing else taken for the same fact."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from django_ppx.events.models import OfferEvent
from django_ppx.events.recording import EventSubject, record_event
from django_ppx.signals import offer_event_recorded
from django_ppx.testing import make_offer

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def test_the_same_fact_is_stored_and_told_once(django_capture_on_commit_callbacks) -> None:
    subject = EventSubject(offer_id=make_offer("message").pk)
    told = []

    def hear(event, **kwargs) -> None:
        told.append(event)

    offer_event_recorded.connect(hear)

    with django_capture_on_commit_callbacks(execute=True):
        first, second, other = (
            record_event(name="share", subject=subject, source="host", channel=channel, now=NOW)
            for channel in ("x", "x", "y")
        )

    assert second is None
    assert told == [first, other]
    assert OfferEvent.objects.count() == 2


def test_what_is_rolled_back_is_told_to_nobody(django_capture_on_commit_callbacks) -> None:
    subject = EventSubject(offer_id=make_offer("message").pk)

    with django_capture_on_commit_callbacks() as callbacks, transaction.atomic():
        record_event(name="click", subject=subject, source="host", now=NOW)
        transaction.set_rollback(True)

    assert callbacks == []


def test_a_row_that_the_database_refuses_is_no_repetition() -> None:
    subject = EventSubject(offer_id=make_offer("message").pk)

    with pytest.raises(IntegrityError):
        record_event(name="click", subject=subject, source="host", bot_score=101, now=NOW)

    assert not OfferEvent.objects.exists()
