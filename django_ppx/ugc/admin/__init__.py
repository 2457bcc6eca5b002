"""What staff see of UGC rewards in Django admin: offers, submissions, licences and their register, reasons, reports."""

from django_ppx.ugc.admin.licences import UGCLicenceAdmin
from django_ppx.ugc.admin.offers import UGCRewardOfferAdmin
from django_ppx.ugc.admin.reasons import UGCReasonAdmin
from django_ppx.ugc.admin.register import UGCLicenceGrantAdmin
from django_ppx.ugc.admin.reports import UGCReportAdmin
from django_ppx.ugc.admin.submissions import UGCSubmissionAdmin

__all__ = [
    "UGCLicenceAdmin",
    "UGCLicenceGrantAdmin",
    "UGCReasonAdmin",
    "UGCReportAdmin",
    "UGCRewardOfferAdmin",
    "UGCSubmissionAdmin",
]
