"""The table of contents of the admin: imports only, each registers what is its own."""

from django_ppx.offers import admin as _offers

__all__ = ["_offers"]
