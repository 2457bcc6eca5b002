"""The message: a card, with a link where staff gave one."""

from __future__ import annotations

import pytest

from django_ppx.messages.kind import MessageConfig, MessageKind
from django_ppx.offers.kinds import Destination
from django_ppx.testing import make_offer
from tests.moments import make_context, make_moment

KIND = MessageKind()


def test_the_button_leads_to_the_link() -> None:
    config = MessageConfig(url="https://shop.example.com/care")

    parts = KIND.parts(config, make_context(button="How to care"))

    assert parts.destinations == (
        Destination(key="link", label="How to care", url="https://shop.example.com/care"),
    )


def test_without_a_link_there_is_no_button_but_still_a_card() -> None:
    config = MessageConfig()

    assert KIND.parts(config, make_context(button="How to care")).destinations == ()
    assert KIND.is_available(config, make_moment())


def test_a_link_without_a_button_text_gets_one() -> None:
    config = MessageConfig(url="https://shop.example.com/care")

    (destination,) = KIND.parts(config, make_context()).destinations

    assert destination.label == "Learn more"


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 5])
def test_any_number_of_offers_is_configured_in_one_query(
    count: int, django_assert_num_queries
) -> None:
    offers = [
        make_offer("message", url=f"https://shop.example.com/{number}") for number in range(count)
    ]

    with django_assert_num_queries(1):
        configs = KIND.configure([offer.pk for offer in offers])

    assert [configs[offer.pk].url for offer in offers] == [
        f"https://shop.example.com/{number}" for number in range(count)
    ]


@pytest.mark.django_db
def test_an_offer_whose_row_is_gone_has_no_configuration() -> None:
    assert KIND.configure([404]) == {}
