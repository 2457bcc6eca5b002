"""Signed links to the page of an offer, for one order: in the card, in mails, as a QR code in the parcel.

The link allows to send something in. What was sent before is shown to whoever has proven to be the sender: the session
that sent it, the customer's account, or the link in a mail to their address (`proof_token`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.urls import reverse

from django_ppx.conf import ppx_settings
from django_ppx.core.tokens import InvalidToken, make_token, read_token

PURPOSE: Final = "ugc"
PROOF: Final = "ugc-mine"
PROOF_DAYS: Final = 90


def page_path(*, ugc_offer_id: int, purchase_id: int, now: datetime) -> str:
    """Return the path of the page on which this order's customer takes part."""
    token = make_token(purpose=PURPOSE, payload=f"{ugc_offer_id}:{purchase_id}", now=now)
    return reverse("ppx:ugc_page", args=[token])


def read_page_token(token: str, *, now: datetime) -> tuple[int, int]:
    """Return the keys of the offer and of the purchase.

    :raises InvalidToken: for every string that `page_path` did not make in the last `PPX_UGC_LINK_DAYS`.
    """
    days = ppx_settings.PPX_UGC_LINK_DAYS
    payload = read_token(token, purpose=PURPOSE, max_age_days=days, now=now)
    offer_id, _colon, purchase_id = payload.partition(":")
    if not (offer_id.isdecimal() and purchase_id.isdecimal()):
        raise InvalidToken
    return int(offer_id), int(purchase_id)


def proof_path(*, submission_id: int, now: datetime) -> str:
    """Return the path of a link that proves whose the submission is: for mails to the customer's own address."""
    token = make_token(purpose=PROOF, payload=str(submission_id), now=now)
    return reverse("ppx:ugc_proof", args=[token])


def read_proof_token(token: str, *, now: datetime) -> int:
    """Return the key of the submission.

    :raises InvalidToken: for every string that `proof_path` did not make in the last 90 days.
    """
    payload = read_token(token, purpose=PROOF, max_age_days=PROOF_DAYS, now=now)
    if not payload.isdecimal():
        raise InvalidToken
    return int(payload)


def whole(path: str) -> str:
    """Return the path as an address that works in a mail, or "" where the shop has not said where it is."""
    site = ppx_settings.PPX_SITE_URL.rstrip("/")
    return f"{site}{path}" if site else ""
