"""What staff see of the numbers in Django admin."""

from django_ppx.insights.admin import offer_numbers

__all__ = ["offer_numbers"]
