"""nginx and Varnish in front of a shop, set up as docs/cached_pages.md says."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs" / "cached_pages.md"


def snippet(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found.group(1)


@contextmanager
def cache_before(shop_port: int, name: str, folder: Path) -> Iterator[int]:
    """Start the cache of this name before the shop, and yield the port on which it listens."""
    program = {"nginx": "nginx", "varnish": "varnishd"}[name]
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        if os.environ.get("PPX_REQUIRE_CACHES") == "1":
            pytest.fail(f"no {program} on this machine")
        pytest.skip(f"no {program} on this machine")
    port = free_port()
    start = {"nginx": nginx, "varnish": varnish}[name]
    log = folder / "log"
    with (
        log.open("w") as out,
        subprocess.Popen(
            start(found, port, shop_port, folder), stdout=out, stderr=subprocess.STDOUT
        ) as server,
    ):
        try:
            wait_for(port, server, log)
            yield port
        finally:
            server.terminate()


def nginx(program: str, port: int, shop_port: int, folder: Path) -> list[str]:
    page = snippet("nginx").replace(":8080", f":{port}").replace(":8000", f":{shop_port}")
    page = page.replace("proxy_cache_path cache", f"proxy_cache_path {folder / 'cache'}")
    paths = "\n".join(
        f"{kind}_temp_path {folder / kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off;\nmaster_process off;\npid {folder / 'pid'};\nerror_log stderr;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{paths}\n{page}}}\n"
    )
    return [program, "-p", str(folder), "-c", str(config), "-e", "stderr"]


def varnish(program: str, port: int, shop_port: int, folder: Path) -> list[str]:
    config = folder / "default.vcl"
    config.write_text(snippet("vcl").replace('"8000"', f'"{shop_port}"'))
    where = ["-a", f"127.0.0.1:{port}", "-n", str(folder / "varnish"), "-s", "default,32m"]
    return [program, "-F", "-j", "none", "-T", "127.0.0.1:0", "-f", str(config), *where]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"The cache does not answer:\n{log.read_text()}")
