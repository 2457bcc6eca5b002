"""What a key of the shop's backend may do, and which permission lets staff do the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    """One thing that a key is for. Every endpoint of the backend names the one it needs."""

    ORDERS_WRITE = "orders:write", _("Send orders, cancellations and refunds; make order tokens")
    PURCHASES_READ = "purchases:read", _("Read purchases and why offers were shown")
    CODES_WRITE = "codes:write", _("Quote, reserve, redeem and release codes")
    REWARDS_READ = "rewards:read", _("Read rewards")
    REWARDS_WRITE = "rewards:write", _("Give rewards and take them back")
    OFFERS_READ = "offers:read", _("Read offers and audiences")
    OFFERS_WRITE = "offers:write", _("Write offers and audiences")


PERMISSIONS: Final[Mapping[Scope, tuple[str, ...]]] = {
    Scope.ORDERS_WRITE: ("django_ppx.add_purchase", "django_ppx.change_purchase"),
    Scope.PURCHASES_READ: ("django_ppx.view_purchase", "django_ppx.view_customer"),
    Scope.CODES_WRITE: ("django_ppx.change_discountcode",),
    Scope.REWARDS_READ: ("django_ppx.view_reward",),
    Scope.REWARDS_WRITE: (
        "django_ppx.view_reward",
        "django_ppx.grant_reward",
        "django_ppx.fulfil_reward",
        "django_ppx.reverse_reward",
    ),
    Scope.OFFERS_READ: ("django_ppx.view_offer", "django_ppx.view_audience"),
    Scope.OFFERS_WRITE: (
        "django_ppx.add_offer",
        "django_ppx.change_offer",
        "django_ppx.activate_offer",
        "django_ppx.add_audience",
        "django_ppx.change_audience",
    ),
}
"""What a person of staff needs, all of it, to do what a key of that scope may do."""


def validate_scopes(value: object) -> None:
    """Raise `ValidationError` unless `value` is a list of scopes, at least one, each once."""
    given = value if isinstance(value, list) else []
    known = set(Scope.values)
    is_good = all(isinstance(each, str) and each in known for each in given)
    if not given or not is_good or len(set(given)) != len(given):
        raise ValidationError(_("Choose what the key is for."))
