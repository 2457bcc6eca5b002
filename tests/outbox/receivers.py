"""Receivers of webhooks: servers of this machine, and what a receiver checks, written from the specification."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from django_ppx.outbox import subscribing
from django_ppx.outbox.models import OutboxWebhook, WebhookEndpoint, WebhookEvent
from django_ppx.outbox.posting_webhooks import post_webhooks
from django_ppx.outbox.signing import new_secret

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
PUBLIC = "93.184.215.14"
TOLERANCE = timedelta(minutes=5)


class NotOurs(Exception):
    """The message is not from the shop, or not new."""


def verify(headers: Mapping[str, str], body: bytes, *, secret: str, now: datetime) -> Any:
    """Return the message, as Standard Webhooks 1.0.0 says a receiver shall check it. None of our code is used.

    :raises NotOurs: when no signature is right, or the time is more than five minutes off.
    """
    message_id, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
    sent_at = datetime.fromtimestamp(int(timestamp), tz=UTC)
    if abs(now - sent_at) > TOLERANCE:
        raise NotOurs("the time")
    kind, _underscore, encoded = secret.partition("_")
    assert kind == "whsec"
    key = base64.b64decode(encoded, validate=True)
    assert 24 <= len(key) <= 64
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    for signature in headers["webhook-signature"].split(" "):
        version, _comma, value = signature.partition(",")
        if version == "v1" and hmac.compare_digest(value, expected):
            return json.loads(body)
    raise NotOurs("the signature")


@dataclass
class Received:
    """One request that a receiver got."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """A server that answers with `status`, or does `answer` with each request, and keeps what it got."""

    url: str = ""
    status: int = 204
    answer: Callable[[Received], int] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    got: list[Received] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        return [each.headers["webhook-id"] for each in self.got]


@contextmanager
def receiver(*, status: int = 204, **values: Any) -> Iterator[Receiver]:
    """Run a receiver on a port of its own while the block lasts."""
    mine = Receiver(status=status, **values)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            names = {name.lower(): value for name, value in self.headers.items()}
            request = Received(path=self.path, headers=names, body=body)
            mine.got.append(request)
            self.send_response(mine.status if mine.answer is None else mine.answer(request))
            for name, value in mine.headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    mine.url = f"http://127.0.0.1:{server.server_port}/hooks?shop=1"
    try:
        yield mine
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def raw_server(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """Let `talk` speak with each who connects, byte by byte, and return the port."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                connected, _address = listening.accept()
                with connected, suppress(OSError):
                    talk(connected)

    Thread(target=serve, daemon=True).start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


def read_request(connected: socket.socket) -> None:
    """Read a request to the end of its body: who closes before it has read all resets the connection."""
    text = b""
    while not text.endswith(b"}"):
        part = connected.recv(65536)
        if not part:
            return
        text += part


def make_endpoint(**overrides: Any) -> WebhookEndpoint:
    """Return a stored endpoint that wants to hear of everything; what the process knew is forgotten."""
    values = {
        "name": "The warehouse",
        "url": "https://hooks.example.com/shop",
        "events": list(WebhookEvent.values),
        "secret": new_secret(),
        "created_at": NOW,
    }
    endpoint = WebhookEndpoint.objects.create(**{**values, **overrides})
    subscribing.forget()
    return endpoint


def make_webhook(endpoint: WebhookEndpoint | None = None, **overrides: Any) -> OutboxWebhook:
    """Return a message that waits, posted through the front door."""
    endpoint = endpoint or make_endpoint()
    values = {"event": "code.issued", "key": "code.issued:17", "data": {"code": "A"}, "now": NOW}
    post_webhooks(**{**values, **overrides})
    return OutboxWebhook.objects.get(endpoint=endpoint, key={**values, **overrides}["key"])


def resolves_to(*addresses: str) -> Callable[..., list[Any]]:
    """Return what to put in the place of `socket.getaddrinfo`: every name has these addresses."""

    def getaddrinfo(host: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
            if ":" in address
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in addresses
        ]

    return getaddrinfo
