"""The outbox in admin: imports only, each registers what is its own."""

from django_ppx.outbox.admin import deliveries as _deliveries
from django_ppx.outbox.admin import endpoints as _endpoints
from django_ppx.outbox.admin import mails as _mails

__all__ = ["_deliveries", "_endpoints", "_mails"]
