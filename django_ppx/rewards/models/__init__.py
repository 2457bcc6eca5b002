"""What customers can get, what was promised to them, and the codes that carry it.

`Benefit` is what staff edit; a `Reward` is one benefit granted to one customer for one reason; a `DiscountCode` carries
a frozen copy of the terms, so editing a benefit never changes what a customer already has.
"""

from django_ppx.rewards.models.attempts import AttemptCount, FailedAttempt
from django_ppx.rewards.models.batches import CodeBatch
from django_ppx.rewards.models.benefits import Benefit, BenefitAmount, BenefitScope
from django_ppx.rewards.models.codes import CodeRedemption, DiscountCode
from django_ppx.rewards.models.limits import BenefitBudget, CustomerUseCount
from django_ppx.rewards.models.rewards import Reward, RewardEntry

__all__ = [
    "AttemptCount",
    "Benefit",
    "BenefitAmount",
    "BenefitBudget",
    "BenefitScope",
    "CodeBatch",
    "CodeRedemption",
    "CustomerUseCount",
    "DiscountCode",
    "FailedAttempt",
    "Reward",
    "RewardEntry",
]
