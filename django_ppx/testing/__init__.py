"""For the tests of hosts, and for ours: a shop without a shop, and factories of valid rows.

    from django_ppx.testing import FakeShop, make_offer, make_order, make_purchase

Each factory takes named overrides and returns what it made.
"""

from __future__ import annotations

from django_ppx.testing.access import make_api_key, order_token
from django_ppx.testing.core import make_customer, make_purchase
from django_ppx.testing.experiments import (
    make_entry,
    make_experiment,
    make_exposure,
    make_phase,
)
from django_ppx.testing.offers import make_audience, make_offer, make_variant
from django_ppx.testing.overriding import override_variant
from django_ppx.testing.rewards import make_benefit, make_code, make_reward
from django_ppx.testing.shop import FakeShop, make_order
from django_ppx.testing.ugc import (
    make_licence,
    make_reason,
    make_submission,
    make_ugc_offer,
)

__all__ = [
    "FakeShop",
    "make_api_key",
    "make_audience",
    "make_benefit",
    "make_code",
    "make_customer",
    "make_entry",
    "make_experiment",
    "make_exposure",
    "make_licence",
    "make_offer",
    "make_order",
    "make_phase",
    "make_purchase",
    "make_reason",
    "make_reward",
    "make_submission",
    "make_ugc_offer",
    "make_variant",
    "order_token",
    "override_variant",
]
