"""The social invite."""

from __future__ import annotations

from typing import Any

import pytest

from django_ppx.offers.duplicating import duplicate_offer
from django_ppx.offers.kinds import Destination
from django_ppx.social.kind import InviteConfig, SocialInviteKind
from django_ppx.social.models import SocialChannel, SocialInvite
from django_ppx.testing import make_offer
from tests.moments import make_context, make_moment

KIND = SocialInviteKind()


def make_channel(network: str = "instagram", **overrides: Any) -> SocialChannel:
    values = {"network": network, "url": f"https://{network}.example.com/kiln", **overrides}
    return SocialChannel.objects.create(**values)


def make_invite(*channels: SocialChannel, **overrides: Any) -> SocialInvite:
    offer = make_offer("social_invite", **overrides)
    offer.channels.set(channels)
    return offer


@pytest.mark.django_db
def test_channels_become_links_in_the_order_staff_gave_them() -> None:
    second = make_channel("tiktok", priority=20)
    first = make_channel("instagram", priority=10, label="Our studio")
    offer = make_invite(second, first)

    config = KIND.configure([offer.pk])[offer.pk]

    assert KIND.parts(config, make_context()).destinations == (
        Destination(
            key=f"channel-{first.pk}",
            label="Our studio",
            url="https://instagram.example.com/kiln",
            icon="instagram",
            channel="instagram",
        ),
        Destination(
            key=f"channel-{second.pk}",
            label="TikTok",
            url="https://tiktok.example.com/kiln",
            icon="tiktok",
            channel="tiktok",
        ),
    )


@pytest.mark.django_db
def test_an_own_address_has_the_link_icon_and_its_host_as_last_resort() -> None:
    offer = make_invite(make_channel("other", url="https://forum.example.com/join"))

    (link,) = KIND.configure([offer.pk])[offer.pk].channels

    assert (link.label, link.icon) == ("forum.example.com", "link")


@pytest.mark.django_db
def test_a_channel_that_is_switched_off_is_left_out() -> None:
    offer = make_invite(make_channel(is_active=False))

    config = KIND.configure([offer.pk])[offer.pk]

    assert config == InviteConfig(channels=())
    assert not KIND.is_available(config, make_moment())


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 5])
def test_any_number_of_offers_is_configured_in_one_query(
    count: int, django_assert_num_queries
) -> None:
    channels = [make_channel("instagram"), make_channel("tiktok")]
    offers = [make_invite(*channels) for _ in range(count)]

    with django_assert_num_queries(1):
        configs = KIND.configure([offer.pk for offer in offers])

    assert [len(configs[offer.pk].channels) for offer in offers] == [2] * count


@pytest.mark.django_db
def test_activation_is_refused_without_a_channel_that_is_on() -> None:
    off = make_channel(is_active=False)
    offer = make_invite(off)

    assert [str(problem) for problem in KIND.problems(offer)] == [
        "Choose at least one channel that is switched on."
    ]

    SocialChannel.objects.update(is_active=True)
    assert KIND.problems(offer) == ()


@pytest.mark.django_db
def test_a_duplicate_invites_to_the_same_channels() -> None:
    channel = make_channel()
    offer = make_invite(channel)

    copy = duplicate_offer(offer=offer)

    assert copy.pk != offer.pk
    assert list(copy.channels.all()) == [channel]
    assert list(offer.channels.all()) == [channel]
