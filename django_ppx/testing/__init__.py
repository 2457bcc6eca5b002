"""For the tests of hosts, and our own: a shop without a database behind it, and factories that build valid rows."""

from __future__ import annotations

from django_ppx.testing.offers import make_audience, make_offer

__all__ = ["make_audience", "make_offer"]
