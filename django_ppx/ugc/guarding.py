"""What stops a UGC reward from being switched on, as sentences for staff."""

from __future__ import annotations

from django.utils.translation import gettext as _

from django_ppx.conf import ppx_settings
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.ugc.models import UGCRewardOffer
from django_ppx.ugc.storage import has_storage


def offer_problems(ugc_offer: UGCRewardOffer) -> tuple[str, ...]:
    """Return why nobody could take part, a sentence each."""
    problems = []
    if not has_storage():
        problems.append(
            _(
                "The shop has no private storage for customers' files yet: STORAGES lacks “%(name)s”."
            )
            % {"name": ppx_settings.PPX_UGC_STORAGE}
        )
    if not ugc_offer.texts.exists():
        problems.append(_("Write the theme and the brief in at least one language."))
    if not ugc_offer.licence.texts.exists():
        problems.append(_("The licence has no text yet."))
    terms = FrozenTerms.of(ugc_offer.benefit)
    if terms.type == "amount" and not any(row.amount for row in terms.amounts):
        problems.append(
            _("“%(benefit)s” has no amount in any currency yet.")
            % {"benefit": ugc_offer.benefit.name}
        )
    if terms.first_order_only:
        problems.append(
            _("“%(benefit)s” is for a first order only: nobody who gets the code could use it.")
            % {"benefit": ugc_offer.benefit.name}
        )
    return tuple(problems)
