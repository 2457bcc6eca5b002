"""What staff see of benefits and codes in Django admin."""

from django_ppx.rewards.admin.benefits import BenefitAdmin
from django_ppx.rewards.admin.codes import DiscountCodeAdmin

__all__ = ["BenefitAdmin", "DiscountCodeAdmin"]
