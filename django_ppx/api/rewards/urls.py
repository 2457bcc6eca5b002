"""Addresses of this part. Included by `django_ppx.api.urls`."""

from __future__ import annotations

from django.urls import path

from django_ppx.api.rewards.views import HandOverView, ReverseView, RewardsView, RewardView

urlpatterns = [
    path("rewards/", RewardsView.as_view(), name="rewards"),
    path("rewards/<int:reward_id>/", RewardView.as_view(), name="reward"),
    path("rewards/<int:reward_id>/reverse/", ReverseView.as_view(), name="reward_reverse"),
    path("rewards/<int:reward_id>/hand_over/", HandOverView.as_view(), name="reward_hand_over"),
]
