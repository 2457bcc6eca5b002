"""Public signals, for hosts. Each is sent after commit, robustly; no receiver of ours stands behind any of them."""

from __future__ import annotations

from django.dispatch import Signal

# purchase: django_ppx.core.models.Purchase. Sent once per order, when it is first recorded.
purchase_recorded = Signal()

# purchase: django_ppx.core.models.Purchase. Sent once, when the order turns cancelled.
purchase_cancelled = Signal()

# purchase: django_ppx.core.models.Purchase; amount: Decimal refunded in total, in the purchase's currency.
purchase_refunded = Signal()

# code: django_ppx.rewards.models.DiscountCode. Sent once per code, when it is issued.
code_issued = Signal()

# redemption: django_ppx.rewards.models.CodeRedemption. Sent when an order uses a code; once, unless released between.
code_redeemed = Signal()

# redemption: django_ppx.rewards.models.CodeRedemption. Sent when a use is given back.
code_released = Signal()

# event: django_ppx.events.models.OfferEvent. Sent once per stored event, after commit.
offer_event_recorded = Signal()
