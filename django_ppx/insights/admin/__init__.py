"""What staff see of the numbers in Django admin: experiments with their results, and the numbers of each offer."""

from django_ppx.insights.admin import offer_numbers
from django_ppx.insights.admin.experiments import ExperimentAdmin

__all__ = ["ExperimentAdmin", "offer_numbers"]
