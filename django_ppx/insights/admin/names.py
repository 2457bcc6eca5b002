"""What is counted, as staff call it."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from django_ppx.insights.results import Counted

NAMES: Final[dict[Counted, str | Promise]] = {
    Counted.CLICKED: _("Clicked"),
    Counted.CLAIMED: _("Claimed"),
    Counted.REDEEMED: _("Code redeemed"),
    Counted.REPEAT: _("Bought again"),
    Counted.REVENUE: _("Net revenue per customer"),
    Counted.MARGIN: _("Margin per customer"),
    Counted.ORDERS: _("Orders per customer"),
    Counted.REFUNDED: _("Had a refund"),
    Counted.COMPLAINED: _("Complained"),
    Counted.DISMISSED: _("Closed the offer"),
}
SUMS: Final[dict[Counted, str | Promise]] = {
    Counted.ORDERS: _("Orders"),
    Counted.REVENUE: _("Net revenue"),
    Counted.MARGIN: _("Margin"),
}
