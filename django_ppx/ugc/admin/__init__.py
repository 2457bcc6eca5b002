"""What staff see of UGC rewards in Django admin: offers, submissions, licences, reasons."""

from django_ppx.ugc.admin.licences import UGCLicenceAdmin
from django_ppx.ugc.admin.offers import UGCRewardOfferAdmin
from django_ppx.ugc.admin.reasons import UGCReasonAdmin
from django_ppx.ugc.admin.submissions import UGCSubmissionAdmin

__all__ = [
    "UGCLicenceAdmin",
    "UGCReasonAdmin",
    "UGCRewardOfferAdmin",
    "UGCSubmissionAdmin",
]
