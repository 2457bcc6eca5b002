"""What customers send in, what they allowed the shop to do with it, and what staff decided."""

from django_ppx.ugc.models.licences import UGCLicence, UGCLicenceGrant, UGCLicenceText
from django_ppx.ugc.models.limits import UGCPlaceCount, UGCUploadAllowance
from django_ppx.ugc.models.media import UGCMedia, UGCPost
from django_ppx.ugc.models.offers import UGCRewardOffer, UGCRewardOfferText
from django_ppx.ugc.models.reasons import UGCReason, UGCReasonText
from django_ppx.ugc.models.reports import UGCReport
from django_ppx.ugc.models.submissions import UGCLogEntry, UGCSubmission
from django_ppx.ugc.models.uploads import UGCUpload

__all__ = [
    "UGCLicence",
    "UGCLicenceGrant",
    "UGCLicenceText",
    "UGCLogEntry",
    "UGCMedia",
    "UGCPlaceCount",
    "UGCPost",
    "UGCReason",
    "UGCReasonText",
    "UGCReport",
    "UGCRewardOffer",
    "UGCRewardOfferText",
    "UGCSubmission",
    "UGCUpload",
    "UGCUploadAllowance",
]
