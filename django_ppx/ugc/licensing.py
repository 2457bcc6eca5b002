"""The licence as a page shows it. What the customer agrees to is what they have read, or nothing."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from django_ppx.ugc.models import UGCLicence, UGCLicenceText, UGCRewardOffer
from django_ppx.ugc.wording import in_language


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownLicence:
    """A licence in one language."""

    licence: UGCLicence
    text: UGCLicenceText

    @property
    def mark(self) -> str:
        """Return what stands for exactly this wording, these uses and this term: 64 hex digits.

        The page carries it in its form, and what is sent with another one was agreed to before the licence changed.
        """
        said = (
            self.licence.pk,
            self.licence.scopes,
            self.licence.term_months,
            self.text.language,
            self.text.summary,
            self.text.text,
        )
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def shown_licence(ugc_offer: UGCRewardOffer, *, language: str) -> ShownLicence | None:
    """Return the licence that the offer asks for, in the language or what comes nearest; None without any text."""
    text = in_language(ugc_offer.licence.texts.all(), language)
    return ShownLicence(licence=ugc_offer.licence, text=text) if text else None
