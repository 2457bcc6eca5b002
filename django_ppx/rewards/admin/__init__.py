"""What staff see of benefits, codes and attempts at codes in Django admin."""

from django_ppx.rewards.admin.attempts import FailedAttemptAdmin
from django_ppx.rewards.admin.benefits import BenefitAdmin
from django_ppx.rewards.admin.codes import DiscountCodeAdmin

__all__ = ["BenefitAdmin", "DiscountCodeAdmin", "FailedAttemptAdmin"]
