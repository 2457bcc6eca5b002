"""A front end that speaks for the customer of one order."""

from __future__ import annotations

import json
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from django_ppx.core.models import Purchase
from django_ppx.testing import make_purchase, order_token

API = "/ppx/api/v1/"
PIECE = "application/offset+octet-stream"


class Shopper:
    """Asks with an order token."""

    def __init__(self, purchase: Purchase | None = None, **headers: str) -> None:
        self.purchase = purchase or make_purchase()
        token = order_token(self.purchase.order_ref)
        self.client = Client(headers={"PPX-Order-Token": token, **headers})

    def get(self, path: str, **options: Any) -> Any:
        return self.client.get(f"{API}{path}", **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        return self.client.post(
            f"{API}{path}", body or {}, content_type="application/json", **options
        )

    def delete(self, path: str, **options: Any) -> Any:
        return self.client.delete(f"{API}{path}", **options)

    def begin(self, slug: str, **body: Any) -> str:
        """Return the key of a new draft."""
        answer = self.post("ugc/submissions/", {"offer": slug, **body})
        assert answer.status_code in {200, 201}, answer.content
        return str(answer.json()["id"])

    def add(self, draft: str, file: SimpleUploadedFile | None, **options: Any) -> Any:
        """Send a file as a form does."""
        data = {} if file is None else {"file": file}
        return self.client.post(f"{API}ugc/submissions/{draft}/files/", data, **options)

    def begin_upload(self, draft: str, content: bytes, name: str = "film.mp4") -> str:
        path = f"ugc/submissions/{draft}/uploads/"
        answer = self.post(path, {"name": name, "size": len(content)})
        assert answer.status_code == 201, answer.content
        return str(answer.json()["id"])

    def piece(self, upload: str, content: bytes, offset: Any, **headers: str) -> Any:
        return self.client.patch(
            f"{API}ugc/uploads/{upload}/",
            content,
            content_type=PIECE,
            headers={"Upload-Offset": str(offset), **headers},
        )


def said(answer: Any) -> tuple[int, str]:
    """Return the status and the machine reason of a problem."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    return answer.status_code, json.loads(answer.content)["reason"]
