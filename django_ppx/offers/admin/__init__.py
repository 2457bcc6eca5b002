"""What staff see of offers in Django admin. A kind's own `admin.py` inherits `OfferKindAdmin`."""

from django_ppx.offers.admin.kind_admin import OfferKindAdmin

__all__ = ["OfferKindAdmin"]
