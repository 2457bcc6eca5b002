"""The table of contents of the admin: imports only, each registers what is its own."""

from django_ppx.access import admin as _access
from django_ppx.core import admin as _core
from django_ppx.discounts import admin as _discounts
from django_ppx.events import admin as _events
from django_ppx.insights import admin as _insights
from django_ppx.messages import admin as _messages
from django_ppx.offers import admin as _offers
from django_ppx.outbox import admin as _outbox
from django_ppx.reviews import admin as _reviews
from django_ppx.rewards import admin as _rewards
from django_ppx.social import admin as _social
from django_ppx.ugc import admin as _ugc

__all__ = [
    "_access",
    "_core",
    "_discounts",
    "_events",
    "_insights",
    "_messages",
    "_offers",
    "_outbox",
    "_reviews",
    "_rewards",
    "_social",
    "_ugc",
]
