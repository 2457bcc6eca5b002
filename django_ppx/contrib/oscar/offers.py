"""What Oscar's offers ask: the condition and the benefit of every mirrored code ("custom class" in Oscar's words).

Neither decides anything: the terms are those of the code in our ledger, weighed when Oscar applies its offers. Oscar
makes the objects from its rows, by the fields' names. They are no proxy models, because those would need a migration.
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from oscar.core.loading import get_class

from django_ppx.contrib.oscar.weighing import take_off
from django_ppx.core.containment import run_contained

BENEFIT: Final = "django_ppx.contrib.oscar.offers.CodeBenefit"
CONDITION: Final = "django_ppx.contrib.oscar.offers.CodeCondition"


class CodeCondition:
    """Always met: what a code demands of a basket is weighed where it takes something off."""

    name = description = _("What django-ppx says of the code")

    def __init__(self, **fields: Any) -> None:
        self.range = None

    def is_satisfied(self, offer: Any, basket: Any) -> bool:
        return True

    def is_partially_satisfied(self, offer: Any, basket: Any) -> bool:
        return False

    def get_upsell_message(self, offer: Any, basket: Any) -> None:
        return None


class CodeBenefit:
    """Takes off what the code comes to. A fault of ours takes nothing off and is logged."""

    name = description = _("What django-ppx takes off for the code")

    def __init__(self, *, value: Decimal | None = None, **fields: Any) -> None:
        self.value = value
        self.range = None

    def apply(self, basket: Any, condition: Any, offer: Any, **kwargs: Any) -> Any:
        """Discount the basket's lines for the voucher that Oscar has put on the offer."""
        return run_contained(
            "The discount of a code in Oscar's basket",
            partial(take_off, basket, offer),
            otherwise=get_class("offer.results", "ZERO_DISCOUNT"),
            loud=settings.DEBUG,
        )

    def apply_deferred(self, basket: Any, order: Any, application: Any) -> None:
        return None

    def shipping_discount(self, charge: Decimal, currency: str | None = None) -> Decimal:
        """Return what is taken off the shipping: all of it, up to the limit that `take_off` noted."""
        return Decimal(0) if self.value is None else min(charge, self.value)
