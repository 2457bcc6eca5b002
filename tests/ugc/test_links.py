"""Signed links: for one order and offer, for one purpose, for so many days."""

from __future__ import annotations

from datetime import timedelta

import pytest

from django_ppx.core.tokens import InvalidToken, make_token
from django_ppx.testing.ugc import NOW
from django_ppx.ugc.links import (
    page_path,
    proof_path,
    read_page_token,
    read_proof_token,
    whole,
)


def token_of(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]


def test_the_link_of_the_page_names_offer_and_order() -> None:
    token = token_of(page_path(ugc_offer_id=3, purchase_id=17, now=NOW))

    assert read_page_token(token, now=NOW) == (3, 17)


def test_the_proof_names_the_submission() -> None:
    token = token_of(proof_path(submission_id=5, now=NOW))

    assert read_proof_token(token, now=NOW) == 5


def test_neither_stands_for_the_other() -> None:
    page = token_of(page_path(ugc_offer_id=3, purchase_id=17, now=NOW))
    proof = token_of(proof_path(submission_id=5, now=NOW))

    with pytest.raises(InvalidToken):
        read_proof_token(page, now=NOW)
    with pytest.raises(InvalidToken):
        read_page_token(proof, now=NOW)


def test_the_days_of_the_page(settings) -> None:
    settings.PPX_UGC_LINK_DAYS = 30
    token = token_of(page_path(ugc_offer_id=3, purchase_id=17, now=NOW))

    assert read_page_token(token, now=NOW + timedelta(days=30, seconds=-1)) == (3, 17)
    with pytest.raises(InvalidToken):
        read_page_token(token, now=NOW + timedelta(days=31))


def test_the_days_of_the_proof() -> None:
    token = token_of(proof_path(submission_id=5, now=NOW))

    assert read_proof_token(token, now=NOW + timedelta(days=89)) == 5
    with pytest.raises(InvalidToken):
        read_proof_token(token, now=NOW + timedelta(days=91))


@pytest.mark.parametrize("token", ["", "x", "é", "3:17", "\x00", "a" * 5000])
def test_what_was_never_made_is_not_read(token: str) -> None:
    with pytest.raises(InvalidToken):
        read_page_token(token, now=NOW)
    with pytest.raises(InvalidToken):
        read_proof_token(token, now=NOW)


@pytest.mark.parametrize("payload", ["", "3", ":17", "3:", "-3:17", "3:x", "3:17:1"])
def test_a_signed_payload_of_another_shape_is_not_read(payload: str) -> None:
    token = make_token(purpose="ugc", payload=payload, now=NOW)

    with pytest.raises(InvalidToken):
        read_page_token(token, now=NOW)


def test_an_address_in_a_mail_needs_the_shops_own(settings) -> None:
    settings.PPX_SITE_URL = "https://shop.example.com"
    assert whole("/ppx/ugc/x/") == "https://shop.example.com/ppx/ugc/x/"

    settings.PPX_SITE_URL = ""
    assert whole("/ppx/ugc/x/") == ""
