"""One POST to one address, within a time limit for all of it. The standard library alone.

No redirect is followed, no proxy of the environment is asked, and of the answer only the status counts.
"""

from __future__ import annotations

import io
import socket
import ssl
from collections.abc import Mapping
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from time import monotonic
from typing import Any, Final

from django_ppx.outbox.targets import SocketAddress, Target, read_target, resolve

TIMEOUT_SECONDS: Final = 10.0
MOST_BYTES: Final = 64 * 1024


class _Deadline:
    """The end of a time limit."""

    def __init__(self, seconds: float) -> None:
        self._ends_at = monotonic() + seconds

    def left(self) -> float:
        """Return how many seconds are left.

        :raises TimeoutError: when none are.
        """
        left = self._ends_at - monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        return left


class _Bounded(io.RawIOBase):
    """What a socket receives: until the deadline, however it drips, and no more than `MOST_BYTES`."""

    def __init__(self, connected: socket.socket, deadline: _Deadline) -> None:
        super().__init__()
        self._socket = connected
        self._deadline = deadline
        self._left = MOST_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        room = memoryview(buffer)[: self._left]
        if not room:
            return 0
        self._socket.settimeout(self._deadline.left())
        count = self._socket.recv_into(room)
        self._left -= count
        return count

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return itself as what `HTTPResponse` reads from, which asks a socket for it."""
        return io.BufferedReader(self)


def post_to(
    url: str, *, body: bytes, headers: Mapping[str, str], seconds: float = TIMEOUT_SECONDS
) -> int:
    """Send `body` to the URL and return the status of the answer.

    :raises AddressRefused: when the URL, or an address of its name, is none that may be called.
    :raises OSError: when it can't be reached, its certificate is not right, or it is too slow.
    :raises HTTPException: when what answers does not speak HTTP.
    """
    deadline = _Deadline(seconds)
    target = read_target(url)
    addresses = resolve(target, seconds=deadline.left())
    with closing(_connected(addresses, deadline)) as plain:
        plain.settimeout(deadline.left())
        with closing(_secured(plain, target)) as connected:
            connected.settimeout(deadline.left())
            connection = HTTPConnection(target.host, target.port)
            connection.sock = connected
            sent = {**headers, "Host": target.host_header, "Connection": "close"}
            connection.request("POST", target.path, body=body, headers=sent)
            return _status(connected, deadline)


def tls_context() -> ssl.SSLContext:
    """Return what certificates are checked against: those that this machine trusts."""
    return ssl.create_default_context()


def _connected(addresses: tuple[SocketAddress, ...], deadline: _Deadline) -> socket.socket:
    """Return a socket that is connected to the first of the addresses that takes it."""
    failure: OSError = OSError("No address to connect to.")
    for each in addresses:
        try:
            plain = socket.socket(each.family, socket.SOCK_STREAM)
        except OSError as error:  # a machine without IPv6
            failure = error
            continue
        try:
            plain.settimeout(deadline.left())
            plain.connect(each.address)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # headers, then the body
        except OSError as error:
            plain.close()
            failure = error
        else:
            return plain
    raise failure


def _secured(plain: socket.socket, target: Target) -> socket.socket:
    if not target.is_tls:
        return plain
    return tls_context().wrap_socket(plain, server_hostname=target.host)


def _status(connected: socket.socket, deadline: _Deadline) -> int:
    response = HTTPResponse(_Bounded(connected, deadline), method="POST")  # type: ignore[arg-type]
    response.begin()
    # The rest says nothing, but whoever is cut off in the middle of it notes an error.
    with suppress(OSError, HTTPException, ValueError):
        response.read(MOST_BYTES)
    return response.status
