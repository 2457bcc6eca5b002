"""What staff see of UGC rewards in Django admin: offers, licences, reasons."""

from django_ppx.ugc.admin.licences import UGCLicenceAdmin
from django_ppx.ugc.admin.offers import UGCRewardOfferAdmin
from django_ppx.ugc.admin.reasons import UGCReasonAdmin

__all__ = [
    "UGCLicenceAdmin",
    "UGCReasonAdmin",
    "UGCRewardOfferAdmin",
]
