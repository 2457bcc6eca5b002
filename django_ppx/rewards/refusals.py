"""Why a code is not taken: one typed error with a machine reason and a sentence for whoever asks."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.exceptions import Refusal


class RedemptionRefused(Refusal):
    """A code was understood and declined.

    `reason` is the truth, for the shop's own records. `str(error)` may be shown to the shopper: only the customer whose
    code it is learns that it is used, expired or revoked; everybody else reads the same words as for a code that never
    was. `public_sentence` is what a stranger may read, whoever asked; `own_sentence` what the owner may. `is_guess`:
    whoever asked has no such code, as far as they may know. That is what is counted against guessing.
    """

    class Reason(models.TextChoices):
        UNKNOWN = "unknown", _("This code is not valid.")
        EXPIRED = "expired", _("This code has expired.")
        USED_UP = "used_up", _("This code has already been used.")
        REVOKED = "revoked", _("This code has been withdrawn.")
        MINIMUM_NOT_MET = "minimum_not_met", _("The order is too small for this code.")
        WRONG_CURRENCY = "wrong_currency", _("This code is not valid in this currency.")
        NO_MATCHING_PRODUCTS = (
            "no_matching_products",
            _("This code is for other products than those in the basket."),
        )
        NOTHING_TO_DISCOUNT = "nothing_to_discount", _("There is nothing this code could take off.")
        FIRST_ORDER_ONLY = "first_order_only", _("This code is for a first order only.")
        NOT_COMBINABLE = "not_combinable", _("This code can't be combined with another one.")
        NOT_YET = "not_yet", _("This code can't be used yet.")
        CUSTOMER_LIMIT = "customer_limit", _("You have used this offer as often as it allows.")
        CUSTOMER_UNKNOWN = (
            "customer_unknown",
            _("Please enter your e-mail address first: this code is counted per customer."),
        )
        BUDGET_SPENT = "budget_spent", _("This offer has ended.")
        THROTTLED = "throttled", _("Too many attempts. Please try again in a few minutes.")
        UNAVAILABLE = "unavailable", _("The code can't be checked right now. Please try again.")

    def __init__(self, reason: Reason, sentence: str = "", *, is_owner: bool = False) -> None:
        self.own_sentence = sentence or str(reason.label)
        is_secret = reason in _SECRET
        self.public_sentence = str(self.Reason.UNKNOWN.label) if is_secret else self.own_sentence
        self.is_guess = is_secret and not is_owner
        super().__init__(reason, self.own_sentence if is_owner else self.public_sentence)


_SECRET: Final = frozenset(
    {
        RedemptionRefused.Reason.UNKNOWN,
        RedemptionRefused.Reason.EXPIRED,
        RedemptionRefused.Reason.USED_UP,
        RedemptionRefused.Reason.REVOKED,
        RedemptionRefused.Reason.NOT_YET,
    }
)
"""Reasons that would tell a stranger whether a code exists."""
