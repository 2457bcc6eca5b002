"""What staff see of offers in Django admin. A kind's own `admin.py` inherits `OfferKindAdmin`."""

from django_ppx.offers.admin.audiences import AudienceAdmin
from django_ppx.offers.admin.kind_admin import OfferKindAdmin
from django_ppx.offers.admin.overview import OfferAdmin
from django_ppx.offers.admin.presentations import OfferPresentationAdmin
from django_ppx.offers.admin.themes import ThemeAdmin

__all__ = ["AudienceAdmin", "OfferAdmin", "OfferKindAdmin", "OfferPresentationAdmin", "ThemeAdmin"]
