"""The form in which staff write a next-purchase discount."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from django_ppx.discounts.guarding import benefit_problems
from django_ppx.offers.forms import OfferForm


class NextPurchaseDiscountForm(OfferForm):
    """Refuses a benefit that can't become a code, also for a draft: a preview of it would be a lie."""

    def clean_benefit(self) -> Any:
        benefit = self.cleaned_data["benefit"]
        problems = benefit_problems(benefit)
        if problems:
            raise ValidationError(
                [ValidationError(sentence, code="benefit_unfit") for sentence in problems]
            )
        return benefit
