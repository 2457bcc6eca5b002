"""Serve this folder on an address of its own, as a front end stands that is not the shop's Django: `make plain`.

`PLAIN_PORT` is the port, 8001 without it; `PORT` is the shop's, 8000 without it. Only the standard library is needed.
"""

from __future__ import annotations

import os
from contextlib import suppress
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
PAGES = {"/": "index.html", "/index.html": "index.html", "/element.html": "element.html"}
WRITTEN = "http://127.0.0.1:8000"
"""The shop's address as it stands in the pages."""
SHOP = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
POLICY = "; ".join(
    (
        "default-src 'none'",
        f"script-src 'self' {SHOP}",
        f"style-src 'self' {SHOP}",
        f"img-src 'self' {SHOP}",
        f"connect-src 'self' {SHOP}",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types ppx-offers",
    )
)


class Handler(SimpleHTTPRequestHandler):
    """Files of this folder, under a strict policy; in the pages stands where the shop is."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, directory=str(FOLDER), **kwargs)

    def do_GET(self):
        page = PAGES.get(self.path.partition("?")[0])
        if page is None:
            super().do_GET()
            return
        body = (FOLDER / page).read_text(encoding="utf-8").replace(WRITTEN, SHOP).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self):
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, *args):
        """Stay quiet."""


def main() -> None:
    port = int(os.environ.get("PLAIN_PORT", "8001"))
    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        print(f"http://127.0.0.1:{port}/ asks {SHOP}", flush=True)  # noqa: T201
        with suppress(KeyboardInterrupt):
            server.serve_forever()


if __name__ == "__main__":
    main()
