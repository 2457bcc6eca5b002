"""One test per wrong setting of customers' photos and videos."""

from __future__ import annotations

from typing import Any

import pytest

from django_ppx.testing import make_ugc_offer
from django_ppx.ugc.checks import check_site_url, check_ugc_offers, check_ugc_storage
from tests.test_checks import found, ids

ON_DISK = "django.core.files.storage.FileSystemStorage"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://shop.example.com",
        "https://shop.example.com/",
        "http://127.0.0.1:8000",
        "https://[2001:db8::1]",
    ],
)
def test_a_site_is_a_scheme_and_a_host(settings, url: str) -> None:
    settings.PPX_SITE_URL = url

    assert check_site_url() == []


@pytest.mark.parametrize(
    "url",
    [
        "shop.example.com",
        "//shop.example.com",
        "ftp://shop.example.com",
        "https://",
        "https:///",
        "https://shop.example.com/en",
        "https://shop.example.com?a=1",
        "https://shop.example.com#a",
        "https://staff@shop.example.com",
        "https://shop.example.com:port",
        "https://shop.example.com\n",
        "https://shop example.com",
        "https://[2001",
        None,
        7,
        ["https://shop.example.com"],
    ],
)
def test_a_wrong_site(settings, url: Any) -> None:
    settings.PPX_SITE_URL = url

    assert found(check_site_url()) == [("E034", f"PPX_SITE_URL {url!r} is no site.")]


@pytest.mark.parametrize("name", ["", None, 7, ["ppx_ugc"]])
def test_a_wrong_name_of_the_storage(settings, name: Any) -> None:
    settings.PPX_UGC_STORAGE = name

    assert ids(check_ugc_storage()) == ["E035"]


def use(settings: Any, **storage: Any) -> None:
    settings.STORAGES = {**settings.STORAGES, "ppx_ugc": storage}


def test_a_storage_that_can_not_be_made(settings) -> None:
    use(settings, BACKEND="no.such.Storage")

    ((check_id, message),) = found(check_ugc_storage())

    assert check_id == "E035"
    assert "no.such.Storage" in message


@pytest.mark.parametrize("inside", ["", "private", "a/../private"])
def test_a_storage_that_is_served_is_warned_about(settings, tmp_path, inside: str) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    use(settings, BACKEND=ON_DISK, OPTIONS={"location": str(tmp_path / inside)})

    assert ids(check_ugc_storage()) == ["W009"]


def test_the_default_storage_is_served(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": ON_DISK}}
    settings.PPX_UGC_STORAGE = "default"

    assert ids(check_ugc_storage()) == ["W009"]


@pytest.mark.parametrize("media_root", ["media", ""])
def test_a_storage_beside_it_is_not(settings, tmp_path, media_root: str) -> None:
    settings.MEDIA_ROOT = str(tmp_path / media_root) if media_root else ""
    use(settings, BACKEND=ON_DISK, OPTIONS={"location": str(tmp_path / "media-private")})

    assert check_ugc_storage() == []


def test_a_shop_without_ugc_offers_needs_no_storage(settings, db) -> None:
    settings.PPX_UGC_STORAGE = "elsewhere"

    assert check_ugc_storage() == []
    assert check_ugc_offers(databases=["default"]) == []


def test_a_ugc_offer_without_a_storage_is_warned_about(settings, db) -> None:
    make_ugc_offer()
    assert check_ugc_offers(databases=["default"]) == []

    settings.PPX_UGC_STORAGE = "elsewhere"

    assert ids(check_ugc_offers(databases=["default"])) == ["W010"]
    assert check_ugc_offers() == []
