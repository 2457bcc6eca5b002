"""Offers, their variants and texts, audiences, themes, and the record of what was shown: imports only."""

from django_ppx.offers.models.audiences import Audience, AudienceRule
from django_ppx.offers.models.offers import Offer, Placement, default_placements, new_salt
from django_ppx.offers.models.presentations import OfferPresentation
from django_ppx.offers.models.revisions import OfferRevision
from django_ppx.offers.models.themes import Theme
from django_ppx.offers.models.variants import OfferVariant, OfferVariantText

__all__ = [
    "Audience",
    "AudienceRule",
    "Offer",
    "OfferPresentation",
    "OfferRevision",
    "OfferVariant",
    "OfferVariantText",
    "Placement",
    "Theme",
    "default_placements",
    "new_salt",
]
