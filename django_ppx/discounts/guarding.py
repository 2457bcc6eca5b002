"""Which benefits can become the code of a next-purchase discount, as sentences for staff."""

from __future__ import annotations

from django.utils.translation import gettext as _

from django_ppx.rewards.models import Benefit
from django_ppx.rewards.terms import FrozenTerms


def benefit_problems(benefit: Benefit) -> tuple[str, ...]:
    """Return why a code can't carry this benefit for a customer who has just ordered, a sentence each."""
    terms = FrozenTerms.of(benefit)
    name = {"benefit": benefit.name, "type": benefit.get_type_display()}
    if not terms.is_discount:
        return (
            _(
                "“%(benefit)s” is %(type)s, which a code can't take off an order. "
                "Choose a percentage, an amount or free shipping."
            )
            % name,
        )
    problems = []
    if terms.type == "amount" and not any(row.amount for row in terms.amounts):
        problems.append(_("“%(benefit)s” has no amount in any currency yet.") % name)
    if terms.first_order_only:
        problems.append(
            _("“%(benefit)s” is for a first order only: nobody who gets the code could use it.")
            % name
        )
    return tuple(problems)
