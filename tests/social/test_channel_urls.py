"""Which addresses belong to which network."""

from __future__ import annotations

import pytest

from django_ppx.social.channel_urls import HOSTS, is_handle, is_of_network, normalised_handle
from django_ppx.social.models import SocialChannel


@pytest.mark.parametrize(
    ("network", "url"),
    [
        ("instagram", "https://www.instagram.com/kiln"),
        ("tiktok", "https://www.tiktok.com/@kiln"),
        ("youtube", "https://youtu.be/abc"),
        ("facebook", "https://m.facebook.com/kiln"),
        ("x", "https://twitter.com/kiln"),
        ("pinterest", "https://www.pinterest.de/kiln"),
        ("linkedin", "https://de.linkedin.com/company/kiln"),
        ("discord", "https://discord.gg/abc"),
        ("telegram", "https://t.me/kiln"),
        ("whatsapp", "https://chat.whatsapp.com/abc"),
        ("other", "https://forum.example.com/"),
        ("x", "https://X.COM./kiln"),
    ],
)
def test_addresses_of_the_network_are_accepted(network: str, url: str) -> None:
    assert is_of_network(url, network)


@pytest.mark.parametrize(
    ("network", "url"),
    [
        ("instagram", "https://instagram.com.example.com/kiln"),
        ("x", "https://notx.com/kiln"),
        ("x", "https://example.com/x.com"),
        ("instagram", "http://www.instagram.com/kiln"),
        ("instagram", "https://instagram.com@example.com/"),
        ("other", "http://forum.example.com/"),
        ("other", "javascript:alert(1)"),
        ("other", "https://user:word@example.com/"),
        ("other", "https:///nothing"),
        ("other", "https://[::1"),
        ("myspace", "https://myspace.com/kiln"),
    ],
)
def test_addresses_of_others_are_refused(network: str, url: str) -> None:
    assert not is_of_network(url, network)


def test_every_network_but_the_own_address_has_its_hosts() -> None:
    assert set(HOSTS) == set(SocialChannel.Network.values) - {"other"}


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("@Slow.Mornings ", "Slow.Mornings"),
        ("https://www.instagram.com/Slow.Mornings/", "Slow.Mornings"),
        ("https://www.tiktok.com/@kiln?lang=de", "kiln"),
        ("kiln", "kiln"),
        ("", ""),
    ],
)
def test_handles_are_stored_in_one_form(typed: str, stored: str) -> None:
    assert normalised_handle(typed) == stored


@pytest.mark.parametrize(
    ("handle", "is_valid"), [("slow.mornings_1-a", True), ("two words", False), ("", False)]
)
def test_a_handle_is_one_word(handle: str, is_valid: bool) -> None:
    assert is_handle(handle) is is_valid
