"""What staff see of benefits, rewards, codes and attempts at codes in Django admin."""

from django_ppx.core.admin import CustomerAdmin, PurchaseAdmin
from django_ppx.rewards.admin.attempts import FailedAttemptAdmin
from django_ppx.rewards.admin.batches import CodeBatchAdmin
from django_ppx.rewards.admin.benefits import BenefitAdmin
from django_ppx.rewards.admin.codes import DiscountCodeAdmin
from django_ppx.rewards.admin.inlines import (
    CustomerCodeUseInline,
    CustomerRewardInline,
    PurchaseRewardInline,
)
from django_ppx.rewards.admin.rewards import RewardAdmin

CustomerAdmin.add_inlines(CustomerRewardInline, CustomerCodeUseInline)
PurchaseAdmin.add_inlines(PurchaseRewardInline)

__all__ = [
    "BenefitAdmin",
    "CodeBatchAdmin",
    "DiscountCodeAdmin",
    "FailedAttemptAdmin",
    "RewardAdmin",
]
