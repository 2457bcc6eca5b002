"""One call: within ten seconds for all of it, over TLS that is checked, and no redirect is followed."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from threading import Event

import pytest

from django_ppx.outbox import calling
from django_ppx.outbox.calling import post_to
from tests.outbox.receivers import raw_server, read_request, receiver

# openssl req -x509 -newkey rsa:2048 -nodes -days 36500 -subj /CN=hooks.example.com
# -addext subjectAltName=DNS:hooks.example.com -keyout key.pem -out cert.pem
TLS = Path(__file__).parent / "tls"


@pytest.fixture(autouse=True)
def _to_this_machine(settings) -> None:
    settings.PPX_WEBHOOKS_TO_PRIVATE_ADDRESSES = True


def call(port: int, *, seconds: float = 5.0) -> int:
    return post_to(f"http://127.0.0.1:{port}/", body=b"{}", headers={}, seconds=seconds)


def saying(answer: bytes) -> Callable[[socket.socket], None]:
    def talk(connected: socket.socket) -> None:
        read_request(connected)
        connected.sendall(answer)

    return talk


def dripping(text: bytes, *, pause: float = 0.05) -> Callable[[socket.socket], None]:
    """Say a byte at a time, each well within what a socket waits for one."""

    def talk(connected: socket.socket) -> None:
        read_request(connected)
        for number in range(len(text)):
            connected.sendall(text[number : number + 1])
            time.sleep(pause)

    return talk


@pytest.mark.parametrize("status", [200, 204, 299, 301, 400, 410, 500])
def test_the_status_of_the_answer_is_returned(status: int) -> None:
    with receiver(status=status) as mine:
        assert post_to(mine.url, body=b"{}", headers={"x-of-ours": "1"}) == status

    [request] = mine.got
    assert (request.body, request.headers["x-of-ours"]) == (b"{}", "1")
    assert request.headers["host"] == mine.url.split("/")[2]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status: int) -> None:
    with receiver() as other, receiver(status=status, headers={"Location": other.url}) as mine:
        assert post_to(mine.url, body=b"{}", headers={}) == status

    assert other.got == []


def test_a_server_that_is_silent_ends_at_the_time_limit() -> None:
    done = Event()

    with raw_server(lambda connected: done.wait(5) and None) as port:
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            call(port, seconds=0.3)
        took = time.monotonic() - began
        done.set()

    assert took < 2


def test_a_server_that_drips_ends_at_the_time_limit() -> None:
    with raw_server(dripping(b"HTTP/1.1 200 OK\r\nX-Long: " + b"y" * 200)) as port:
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            call(port, seconds=0.4)

    assert time.monotonic() - began < 2


def test_once_the_status_is_known_a_dripping_body_counts_no_more() -> None:
    with raw_server(dripping(b"HTTP/1.1 200 OK\r\n\r\n" + b"y" * 200, pause=0.01)) as port:
        began = time.monotonic()
        assert call(port, seconds=0.6) == 200

    assert time.monotonic() - began < 2


def test_a_dns_that_is_silent_ends_at_the_time_limit(monkeypatch) -> None:
    done = Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: done.wait(5) and [])

    began = time.monotonic()
    with pytest.raises(TimeoutError):
        post_to("https://hooks.example.com/", body=b"{}", headers={}, seconds=0.2)
    took = time.monotonic() - began
    done.set()

    assert took < 2


def test_of_an_endless_answer_64_kilobytes_are_read() -> None:
    sent = 0

    def talk(connected: socket.socket) -> None:
        nonlocal sent
        read_request(connected)
        connected.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n")
        while True:
            connected.sendall(b"y" * 65536)
            sent += 65536

    with raw_server(talk) as port:
        assert call(port) == 200

    assert sent < 20_000_000  # what the buffers of the machine hold


def test_headers_without_an_end_are_no_answer() -> None:
    with (
        raw_server(saying(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 50_000)) as port,
        pytest.raises(HTTPException),
    ):
        call(port)


@pytest.mark.parametrize(
    "answer", [b"", b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 two hundred\r\n\r\n"]
)
def test_what_does_not_speak_http_is_no_answer(answer: bytes) -> None:
    with raw_server(saying(answer)) as port, pytest.raises((HTTPException, ConnectionError)):
        call(port)


def test_where_nobody_listens_the_call_fails() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    with pytest.raises(ConnectionRefusedError):
        call(port)


def test_the_next_address_is_tried_where_one_does_not_answer(monkeypatch) -> None:
    with receiver() as mine:
        port = int(mine.url.split(":")[2].split("/")[0])
        here = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))
        not_here = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 1))
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: [not_here, here])

        assert post_to(f"http://hooks.example.com:{port}/", body=b"{}", headers={}) == 204

    assert mine.got[0].headers["host"] == f"hooks.example.com:{port}"


@contextmanager
def tls_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, list[str | None]]]:
    """Run a server for every name, certified as hooks.example.com, and return its port and whom it was asked for."""
    names: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "cert.pem", TLS / "key.pem")
    context.sni_callback = lambda connected, name, _context: names.append(name)

    def talk(connected: socket.socket) -> None:
        with context.wrap_socket(connected, server_side=True) as secured:
            read_request(secured)
            secured.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with raw_server(talk) as port:
        here = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: [here])
        yield port, names


def trusting() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(TLS / "cert.pem"))


def test_the_certificate_is_checked_for_the_name_not_the_address(monkeypatch) -> None:
    monkeypatch.setattr(calling, "tls_context", trusting)

    with tls_server(monkeypatch) as (port, names):
        status = post_to(f"https://hooks.example.com:{port}/", body=b"{}", headers={})

    assert (status, names) == (204, ["hooks.example.com"])


def test_a_certificate_for_another_name_is_refused(monkeypatch) -> None:
    monkeypatch.setattr(calling, "tls_context", trusting)

    with (
        tls_server(monkeypatch) as (port, _names),
        pytest.raises(ssl.SSLCertVerificationError, match="ostname"),
    ):
        post_to(f"https://other.example.com:{port}/", body=b"{}", headers={})


def test_a_certificate_that_nobody_vouches_for_is_refused(monkeypatch) -> None:
    with (
        tls_server(monkeypatch) as (port, _names),
        pytest.raises(ssl.SSLCertVerificationError, match=r"self.signed"),
    ):
        post_to(f"https://hooks.example.com:{port}/", body=b"{}", headers={})
