"""What a shop still has to do before customers see offers."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from django_ppx.core.models import Purchase
from django_ppx.offers.models import Offer, OfferPresentation, Theme


@dataclass(frozen=True, kw_only=True, slots=True)
class FirstStep:
    """One step, done or not. `url_name` is the admin page where it is done, "" where it is not done in admin."""

    label: str | Promise
    hint: str | Promise
    is_done: bool
    url_name: str = ""


def first_steps() -> tuple[FirstStep, ...]:
    """Return the steps in order. Five queries at most, whatever the size of the shop."""
    statuses = set(Offer.objects.order_by().values_list("status", flat=True).distinct())
    has_shown = OfferPresentation.objects.exists()
    return (
        FirstStep(
            label=_("Make a first offer"),
            hint=_("A thank-you discount is a good start. Its wording comes filled in."),
            is_done=bool(statuses),
            url_name="admin:django_ppx_offer_add",
        ),
        FirstStep(
            label=_("Activate it"),
            hint=_("Look at the preview first; an offer may be paused at any time."),
            is_done=Offer.Status.ACTIVE in statuses or has_shown,
            url_name="admin:django_ppx_offer_changelist",
        ),
        FirstStep(
            label=_("Choose your colours"),
            hint=_(
                "A theme makes the offers look like your shop. Without one they take the defaults."
            ),
            is_done=Theme.objects.filter(is_active=True).exists(),
            url_name="admin:django_ppx_theme_changelist",
        ),
        FirstStep(
            label=_("Let orders arrive"),
            hint=_("Your developer connects the shop's orders. No order has been seen yet."),
            is_done=has_shown or Purchase.objects.exists(),
        ),
        FirstStep(
            label=_("Show offers on the thank-you page"),
            hint=_(
                "Your developer puts the tag ppx_thank_you there. It has not shown an offer yet."
            ),
            is_done=has_shown,
        ),
    )
