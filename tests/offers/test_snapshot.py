"""The compiled offers: what is left out of them, and when they are made anew."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from django_ppx.messages.models import Message
from django_ppx.offers.engine import Reason, decide
from django_ppx.offers.models import Audience, AudienceRule, Offer
from django_ppx.offers.snapshot import current_snapshot
from django_ppx.testing import make_audience, make_benefit, make_offer
from tests.moments import make_moment

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def names() -> list[str]:
    return [offer.name for offer in current_snapshot().offers]


def test_offers_of_a_kind_that_is_switched_off_are_left_out(settings: Any) -> None:
    make_offer("next_purchase_discount", name="Discount", benefit=make_benefit())
    make_offer("message", name="Care")

    settings.PPX_OFFER_KINDS = ["django_ppx.messages.kind.MessageKind"]

    assert names() == ["Care"]


def test_an_offer_without_the_row_of_its_kind_is_left_out() -> None:
    make_offer("message", name="Care")
    lost = make_offer("message", name="Lost")
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {Message._meta.db_table} WHERE offer_id = %s", [lost.pk])

    assert Offer.objects.filter(name="Lost").exists()
    assert names() == ["Care"]


@pytest.mark.parametrize(
    "rule",
    [
        ("a_trait_that_is_gone", "is", "x"),
        ("orders_so_far", "no_such_comparison", "3"),
        ("orders_so_far", "gte", "three"),
        ("order_total", "gte", "50"),
        ("country", "in", {"of": "the wrong type"}),
        ("birthday", "before", None),
    ],
)
def test_a_rule_that_can_not_be_read_matches_nobody_and_says_so(
    rule: tuple[str, str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    trait, operator, value = rule
    audience = Audience.objects.create(name="Broken")
    AudienceRule.objects.create(
        audience=audience, group=1, trait=trait, operator=operator, value=value
    )
    make_offer("message", audience=audience)

    with caplog.at_level(logging.WARNING, logger="django_ppx"):
        decision = decide(current_snapshot(), make_moment(), limit=3)

    assert [verdict.reason for verdict in decision.verdicts] == [Reason.AUDIENCE]
    assert "can't be read; it matches nobody" in caplog.text


def test_what_is_deleted_is_gone_from_the_next_page() -> None:
    kept = make_offer("message", name="Kept", audience=make_audience([("is_guest", "no", None)]))
    deleted = make_offer("message", name="Deleted")
    assert names() == ["Kept", "Deleted"]

    deleted.delete()
    assert names() == ["Kept"]

    assert not decide(current_snapshot(), make_moment(), limit=3).shown
    kept.audience.rules.all().delete()
    assert decide(current_snapshot(), make_moment(), limit=3).shown


def test_without_a_change_the_same_offers_are_kept(django_assert_num_queries: Any) -> None:
    make_offer("message")
    held = current_snapshot()

    with django_assert_num_queries(1):
        again = current_snapshot()

    assert again is held
