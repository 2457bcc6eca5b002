"""The ledger of events in admin."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from django_ppx.events.models import OfferEvent
from django_ppx.testing import make_offer, make_purchase
from tests.admin_pages import count_queries

LIST = reverse("admin:django_ppx_offerevent_changelist")

pytestmark = pytest.mark.django_db


def record(number: int) -> OfferEvent:
    offer = make_offer()
    return OfferEvent.objects.create(
        name="click",
        offer_id=offer.pk,
        variant=offer.variants.get(),
        source="link",
        occurred_at=make_purchase().placed_at,
        dedupe_key=f"event-{number}",
    )


def test_the_list_takes_as_many_queries_with_many_events(admin_client: Client) -> None:
    record(0)
    one = count_queries(lambda: admin_client.get(LIST))
    for number in range(1, 8):
        record(number)

    assert count_queries(lambda: admin_client.get(LIST)) == one


def test_events_are_never_written_by_hand(admin_client: Client) -> None:
    event = record(0)

    change = reverse("admin:django_ppx_offerevent_change", args=[event.pk])

    assert admin_client.get(change).status_code == 200
    assert admin_client.post(change, {}).status_code == 403
    assert admin_client.get(reverse("admin:django_ppx_offerevent_add")).status_code == 403
