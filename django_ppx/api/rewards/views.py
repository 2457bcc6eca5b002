"""Reading rewards, giving them, taking them back and handing them over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.response import Response

from django_ppx.access.models import ApiKey
from django_ppx.access.scopes import Scope
from django_ppx.api.callers import KeyAccess
from django_ppx.api.documenting import described
from django_ppx.api.idempotency import idempotent
from django_ppx.api.pagination import Pages
from django_ppx.api.problems import Problem, Reason
from django_ppx.api.rewards.serializers import (
    GiveSerializer,
    HandOverSerializer,
    ReverseSerializer,
    RewardPageSerializer,
    RewardsQuery,
    WholeRewardSerializer,
)
from django_ppx.api.rewards.showing import chosen, reward_json, whole_reward_json
from django_ppx.api.showing import sight_of
from django_ppx.api.views import BackendView
from django_ppx.rewards.delivering import hand_over_one
from django_ppx.rewards.giving import GiftOfStaff, give_by_reference
from django_ppx.rewards.models import Benefit, Reward
from django_ppx.rewards.recipients import Recipient, recipient_named, recipient_of_order
from django_ppx.rewards.taking_back import take_reward_back
from django_ppx.shop.types import Customer


class RewardBackendView(BackendView):
    """What the views of one reward share."""

    def whole(self, reward_id: int, *, status: int = 200) -> Response:
        """Return the reward with its history as the answer."""
        sight = sight_of(self.request)
        reward = chosen({}, sight).filter(pk=reward_id).first()
        if reward is None:
            raise Problem(Reason.NOT_FOUND)
        return Response(whole_reward_json(reward, sight), status=status)

    def signed(self, text: str) -> str:
        """Return what is noted in the ledger with the key that asks; a person is noted there by themselves."""
        access = self.request.auth
        return f"{text} (ppx_{access.prefix}_…)".strip() if isinstance(access, KeyAccess) else text

    @property
    def by_id(self) -> int | None:
        return None if isinstance(self.request.auth, KeyAccess) else self.request.user.pk


class RewardsView(RewardBackendView):
    scopes = {"GET": Scope.REWARDS_READ, "POST": Scope.REWARDS_WRITE}

    @described(
        "listRewards",
        summary="List rewards, the last granted first",
        tag="rewards",
        query=RewardsQuery,
        responses={200: RewardPageSerializer},
    )
    def get(self, request: Any) -> Response:
        sight, pages = sight_of(request), Pages()
        rewards = chosen(self.query(RewardsQuery), sight)
        rows: Any = pages.paginate_queryset(rewards, request, view=self)
        return pages.get_paginated_response([reward_json(row, sight) for row in rows])

    @described(
        "giveReward",
        summary="Give a reward of your own accord: a gift of the house, an apology",
        description="Nothing is sent to the customer. The same reference gets the same reward.",
        tag="rewards",
        request=GiveSerializer,
        responses={201: WholeRewardSerializer},
        is_write=True,
    )
    @idempotent
    def post(self, request: Any) -> Response:
        body = self.read(GiveSerializer)
        gift = GiftOfStaff(
            key=f"{self.caller}:{body['reference']}",
            recipient=self._recipient(body),
            benefit=_benefit(body["benefit"]),
            reason_type=body.get("reason_type", Reward.ReasonType.STAFF.value),
            reason=self.signed(body.get("note", "")),
            by_id=self.by_id,
        )
        reward = give_by_reference(gift=gift, giver=self._giver(), now=timezone.now())
        return self.whole(reward.pk, status=201)

    def _recipient(self, body: Mapping[str, Any]) -> Recipient:
        if "customer" not in body:
            return recipient_of_order(body["order_ref"])
        customer = Customer(**body["customer"])
        if (customer.email or customer.phone) and not sight_of(self.request).addresses:
            raise Problem(Reason.NOT_ALLOWED)  # who is found, buys here
        return recipient_named(customer)

    def _giver(self) -> QuerySet[Any]:
        """Return the row that stands for whoever gives."""
        access = self.request.auth
        if isinstance(access, KeyAccess):
            return ApiKey.objects.filter(prefix=access.prefix)
        return get_user_model()._default_manager.filter(pk=self.request.user.pk)


class RewardView(RewardBackendView):
    scopes = {"GET": Scope.REWARDS_READ}

    @described(
        "readReward",
        summary="Read a reward with its history",
        tag="rewards",
        responses={200: WholeRewardSerializer},
    )
    def get(self, request: Any, reward_id: int) -> Response:
        return self.whole(reward_id)


class ReverseView(RewardBackendView):
    scopes = {"POST": Scope.REWARDS_WRITE}

    @described(
        "reverseReward",
        summary="Take a reward back, with its code",
        description="One that was used is refused; one that was taken back before stays as it is.",
        tag="rewards",
        request=ReverseSerializer,
        responses={200: WholeRewardSerializer},
        is_write=True,
    )
    @idempotent
    def post(self, request: Any, reward_id: int) -> Response:
        why = self.signed(self.read(ReverseSerializer)["why"])
        _check_exists(reward_id)
        take_reward_back(reward_id=reward_id, by_id=self.by_id, why=why, now=timezone.now())
        return self.whole(reward_id)


class HandOverView(RewardBackendView):
    scopes = {"POST": Scope.REWARDS_WRITE}

    @described(
        "handOverReward",
        summary="Note that a gift was handed over, or points were credited",
        tag="rewards",
        request=HandOverSerializer,
        responses={200: WholeRewardSerializer},
        is_write=True,
    )
    @idempotent
    def post(self, request: Any, reward_id: int) -> Response:
        note = self.signed(self.read(HandOverSerializer).get("note", ""))
        _check_exists(reward_id)
        hand_over_one(reward_id=reward_id, by_id=self.by_id, note=note, now=timezone.now())
        return self.whole(reward_id)


def _check_exists(reward_id: int) -> None:
    if not Reward.objects.filter(pk=reward_id).exists():
        raise Problem(Reason.NOT_FOUND)


def _benefit(benefit_id: int) -> Benefit:
    benefit = Benefit.objects.filter(pk=benefit_id).first()
    if benefit is None:
        error = ErrorDetail("There is no benefit with this id.", code="does_not_exist")
        raise ValidationError({"benefit": [error]})
    return benefit
