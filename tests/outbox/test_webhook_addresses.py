"""Webhooks go to public addresses alone: whatever name leads elsewhere, now or a moment later, nothing is sent."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from django_ppx.outbox.calling import post_to
from django_ppx.outbox.public_addresses import is_public
from django_ppx.outbox.targets import AddressRefused, check_url, read_target
from tests.outbox.receivers import PUBLIC, receiver, resolves_to

PRIVATE = {
    "this machine": "0.0.0.0",
    "this network": "0.1.2.3",
    "private, 10": "10.0.0.1",
    "private, 172": "172.16.0.1",
    "private, 172, last": "172.31.255.255",
    "private, 192": "192.168.0.1",
    "of a provider": "100.64.0.1",
    "of a provider, last": "100.127.255.255",
    "loopback": "127.0.0.1",
    "loopback, another": "127.8.8.8",
    "link-local": "169.254.0.1",
    "metadata of clouds": "169.254.169.254",
    "metadata of Alibaba": "100.100.100.200",
    "metadata of Oracle": "192.0.0.192",
    "platform of Azure": "168.63.129.16",
    "protocols": "192.0.0.8",
    "documentation": "192.0.2.1",
    "documentation 2": "198.51.100.1",
    "documentation 3": "203.0.113.1",
    "6to4 relays": "192.88.99.1",
    "benchmarks": "198.18.0.1",
    "multicast": "224.0.0.1",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "unspecified, 6": "::",
    "loopback, 6": "::1",
    "IPv4-compatible": "::10.0.0.1",
    "IPv4-mapped": "::ffff:10.0.0.1",
    "IPv4-mapped, public": f"::ffff:{PUBLIC}",
    "NAT64": "64:ff9b::10.0.0.1",
    "NAT64, public": f"64:ff9b::{PUBLIC}",
    "NAT64, local": "64:ff9b:1::1",
    "6to4": "2002:0a00:0001::1",
    "Teredo": "2001::1",
    "documentation, 6": "2001:db8::1",
    "documentation, 6, new": "3fff::1",
    "discard": "100::1",
    "segment routing": "5f00::1",
    "unique local": "fd00::1",
    "metadata of AWS, 6": "fd00:ec2::254",
    "link-local, 6": "fe80::1",
    "link-local with a zone": "fe80::1%eth0",
    "site-local": "fec0::1",
    "multicast, 6": "ff02::1",
}


@pytest.mark.parametrize("address", PRIVATE.values(), ids=PRIVATE.keys())
def test_nothing_is_sent_where_a_name_leads_out_of_the_public(address: str, monkeypatch) -> None:
    connected = []
    monkeypatch.setattr(socket, "getaddrinfo", resolves_to(PUBLIC, address))
    monkeypatch.setattr(socket.socket, "connect", lambda self, to: connected.append(to))

    with pytest.raises(AddressRefused) as refused:
        post_to("https://hooks.example.com/", body=b"{}", headers={})

    assert refused.value.reason == "private"
    assert connected == []


@pytest.mark.parametrize(
    "address",
    [
        PUBLIC,
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.1",
        "172.15.255.255",
        "172.32.0.0",
        "192.167.255.255",
        "223.255.255.255",
        "2606:2800:220:1:248:1893:25c8:1946",
        "2001:200::1",
        "2003::1",
    ],
)
def test_public_addresses_beside_them_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://①②⑦.0.0.1/",
    ],
)
def test_a_private_address_in_disguise_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        check_url(url)

    assert refused.value.reason in ("private", "unknown")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "form"),
        ("hooks.example.com", "form"),
        ("ftp://hooks.example.com/", "form"),
        ("file:///etc/passwd", "form"),
        ("https://", "form"),
        ("https:///hooks", "form"),
        ("https://hooks.example.com:0/", "form"),
        ("https://hooks.example.com:99999/", "form"),
        ("https://hooks.example.com/#part", "form"),
        ("https://hooks.example.com/a b", "form"),
        ("https://hooks.example.com/\r\nX-Evil: 1", "form"),
        ("https://hooks.example.com\\@evil.example.com/", "form"),
        ("https://" + "a" * 64 + ".example.com/", "form"),
        ("https://ada:secret@hooks.example.com/", "person"),
        ("https://ada@hooks.example.com/", "person"),
        ("https://@hooks.example.com/", "person"),
        ("http://hooks.example.com/", "scheme"),
    ],
)
def test_what_is_no_address_for_webhooks_is_refused(url: str, reason: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        read_target(url)

    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("url", "host", "port", "path", "header"),
    [
        ("https://hooks.example.com", "hooks.example.com", 443, "/", "hooks.example.com"),
        ("https://Hooks.Example.com:8443/a?b=ü", "hooks.example.com", 8443, "/a?b=%C3%BC", None),
        ("https://bücher.example.com/é", "xn--bcher-kva.example.com", 443, "/%C3%A9", None),
        ("https://[2606:2800::1]:444/", "2606:2800::1", 444, "/", "[2606:2800::1]:444"),
    ],
)
def test_an_address_is_read_in_its_parts(
    url: str, host: str, port: int, path: str, header: str | None
) -> None:
    target = read_target(url)

    assert (target.is_tls, target.host, target.port, target.path) == (True, host, port, path)
    assert target.host_header == (header or (host if port == 443 else f"{host}:{port}"))


def test_a_name_that_is_not_known_is_said_so(monkeypatch) -> None:
    def getaddrinfo(*args: Any, **kwargs: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    with pytest.raises(AddressRefused) as refused:
        check_url("https://hooks.example.com/")

    assert refused.value.reason == "unknown"


def test_a_name_that_turns_private_after_it_was_looked_at_changes_nothing(monkeypatch) -> None:
    """DNS rebinding: public when it is checked, this machine when it is asked again."""
    answers = iter([PUBLIC, "127.0.0.1", "127.0.0.1"])
    connected: list[Any] = []

    def rebinding(host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        return resolves_to(next(answers))(host, port)

    def connect(self: socket.socket, address: Any) -> None:
        connected.append(address)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(socket.socket, "connect", connect)

    with pytest.raises(ConnectionRefusedError):
        post_to("https://rebinding.example.com/", body=b"{}", headers={})

    assert connected == [(PUBLIC, 443)]


def test_control_connecting_by_name_would_reach_this_machine(monkeypatch) -> None:
    answers = iter([PUBLIC, "127.0.0.1"])
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, port, *args: resolves_to(next(answers))(host, port)
    )

    with receiver() as mine:
        port = read_target("https://x.example.com:" + mine.url.split(":")[2].split("/")[0]).port
        assert is_public(socket.getaddrinfo("rebinding.example.com", port)[0][4][0])
        with socket.create_connection(("rebinding.example.com", port)) as reached:
            assert reached.getpeername()[0] == "127.0.0.1"


def test_where_the_shop_allows_it_private_addresses_and_http_are_fine(settings) -> None:
    settings.PPX_WEBHOOKS_TO_PRIVATE_ADDRESSES = True

    with receiver() as mine:
        assert post_to(mine.url, body=b"{}", headers={}) == 204

    assert [each.path for each in mine.got] == ["/hooks?shop=1"]


def test_a_proxy_of_the_environment_is_not_asked(settings, monkeypatch) -> None:
    settings.PPX_WEBHOOKS_TO_PRIVATE_ADDRESSES = True

    with receiver() as proxy, receiver() as mine:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        post_to(mine.url, body=b"{}", headers={})

    assert (len(proxy.got), len(mine.got)) == (0, 1)
