"""How many rewards orders have earned."""

from __future__ import annotations

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from django_ppx.core.models import Purchase
from django_ppx.rewards.models import Reward


def with_reward_count(purchases: QuerySet[Purchase]) -> QuerySet[Purchase]:
    """Annotate `reward_count`: the rewards that name the purchase, whatever became of them."""
    mine = Reward.objects.filter(purchase=OuterRef("pk")).order_by().values("purchase")
    counted = mine.annotate(n=Count("pk")).values("n")
    return purchases.annotate(reward_count=Coalesce(Subquery(counted), 0))
