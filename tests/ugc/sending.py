"""A browser without JavaScript on the page of a UGC reward."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from django_ppx.core.models import Purchase
from django_ppx.ugc.links import page_path
from django_ppx.ugc.models import UGCRewardOffer

AGREED = {"has_agreed": "on", "is_old_enough": "on", "people_agreed": "on"}


def path_of(ugc_offer: UGCRewardOffer, purchase: Purchase) -> str:
    return page_path(ugc_offer_id=ugc_offer.pk, purchase_id=purchase.pk, now=timezone.now())


def bad_file(name: str = "notes.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"Not a picture at all." * 300, content_type="image/jpeg")


class Sender:
    """One visitor with one page open: `key` is the hidden key of its form."""

    def __init__(self, client: Client, path: str) -> None:
        self.client = client
        self.path = path
        self.page = client.get(path)
        self.key = self.page.context["form_key"]
        self.licence = self.page.context["invitation"].licence.mark

    def post(self, *files: Any, **fields: Any) -> HttpResponse:
        data = {
            "form_key": self.key,
            "licence": self.licence,
            "do": "send",
            "files": list(files),
            **fields,
        }
        return self.client.post(self.path, data)

    def upload(self, *files: Any, **fields: Any) -> HttpResponse:
        data = {"form_key": self.key, "files": list(files), **fields}
        return self.client.post(f"{self.path}add/", data)
