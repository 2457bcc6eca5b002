from __future__ import annotations

import pytest

from django_ppx.rewards.addresses import (
    counted_prefix,
    is_private_prefix,
    masked_prefix,
    remote_address,
)


@pytest.mark.parametrize(
    ("address", "counted", "masked"),
    [
        ("203.0.113.7", "203.0.113.7", "203.0.113.…"),
        (" 203.0.113.7 ", "203.0.113.7", "203.0.113.…"),
        ("::ffff:203.0.113.7", "203.0.113.7", "203.0.113.…"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1:…"),
        ("2001:DB8:1:2::9", "2001:db8:1:2::/64", "2001:db8:1:…"),
        ("2001:db8::1", "2001:db8::/64", "2001:db8:0:…"),
        ("fe80::1%eth0", "fe80::/64", "fe80:0:0:…"),
        ("", "", ""),
        ("unix:", "", ""),
        ("203.0.113.7:443", "", ""),
        ("203.0.113.7, 198.51.100.1", "", ""),
    ],
)
def test_an_address_is_counted_and_shown_as_coarse_as_it_should(address, counted, masked) -> None:
    assert counted_prefix(address) == counted
    assert masked_prefix(address) == masked


def test_neighbours_in_ipv4_are_counted_apart_and_in_one_ipv6_network_together() -> None:
    assert counted_prefix("203.0.113.7") != counted_prefix("203.0.113.8")
    assert counted_prefix("2001:db8:1:2::7") == counted_prefix("2001:db8:1:2:ffff::8")
    assert counted_prefix("2001:db8:1:2::7") != counted_prefix("2001:db8:1:3::7")


@pytest.mark.parametrize(
    ("address", "is_private"),
    [
        ("10.1.2.3", True),
        ("127.0.0.1", True),
        ("192.168.7.7", True),
        ("93.184.216.34", False),
        ("::1", True),
        ("fd00:1::7", True),
        ("2606:2800:21f::1", False),
        ("", False),
    ],
)
def test_the_address_of_a_proxy_is_told_from_a_shoppers(address, is_private) -> None:
    assert is_private_prefix(masked_prefix(address)) is is_private


@pytest.mark.parametrize("meta", [{"REMOTE_ADDR": ""}, {"REMOTE_ADDR": None}])
def test_a_socket_without_an_address_has_none(rf, meta) -> None:
    request = rf.get("/")
    request.META.update(meta)

    assert remote_address(request) == ""
