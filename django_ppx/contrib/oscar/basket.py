"""What is put before the views of Oscar's basket: our codes are taken at its voucher field."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from django_ppx.contrib.oscar.mirrors import ensure_mirror, is_mirror, is_shops_own, mirrors_in
from django_ppx.contrib.oscar.weighing import quote
from django_ppx.core.containment import run_contained
from django_ppx.rewards.guessing import ask_guarded
from django_ppx.rewards.refusals import RedemptionRefused

if TYPE_CHECKING:
    from oscar.apps.basket.views import BasketView, VoucherAddView
else:
    BasketView = VoucherAddView = object


class AcceptsCodes(VoucherAddView):
    """For `VoucherAddView`: takes our codes however they are typed, and says why one is not good.

    A voucher of the shop goes Oscar's way. Whatever is neither gets one and the same answer as a code of ours that is
    used, expired or revoked, so that nobody learns by guessing which codes exist.
    """

    def form_valid(self, form: Any) -> HttpResponse:
        typed = form.cleaned_data["code"]
        go_on: Callable[[Any], HttpResponse] = super().form_valid
        if not self.request.basket.pk or is_shops_own(typed):
            return go_on(form)
        unavailable: str | RedemptionRefused = RedemptionRefused(
            RedemptionRefused.Reason.UNAVAILABLE
        )
        found = run_contained(
            "A code typed at Oscar's voucher field",
            partial(self._look_up, typed),
            otherwise=unavailable,
            loud=settings.DEBUG,
        )
        if isinstance(found, RedemptionRefused):
            messages.error(self.request, str(found))
            return redirect("basket:summary")
        form.cleaned_data["code"] = found
        return go_on(form)

    def _look_up(self, typed: str) -> str | RedemptionRefused:
        """Return the code of the voucher that stands for the typed one, or why it is not good for this basket."""
        try:
            # The guard first: for who has used the attempts up, not even a voucher is looked for.
            return ask_guarded(
                typed,
                request=self.request,
                ask=partial(_find_voucher, self.request.basket, typed),
                now=timezone.now(),
            )
        except RedemptionRefused as refusal:
            return refusal


def _find_voucher(basket: Any, typed: str) -> str:
    """Return the code of the voucher that stands for the typed one.

    :raises RedemptionRefused: when it is not good for this basket.
    """
    voucher = ensure_mirror(typed)
    if voucher is not None and (not is_mirror(voucher) or basket.contains_voucher(voucher.code)):
        return str(voucher.code)  # Oscar has the answer
    code = typed if voucher is None else str(voucher.code)
    quote(basket, None if voucher is None else voucher.offers.first(), code=code)
    return code


class ExplainsCodes(BasketView):
    """For `BasketView`: says why a code in the basket takes nothing off."""

    def get_basket_warnings(self, basket: Any) -> list[str]:
        warnings: list[str] = list(super().get_basket_warnings(basket))
        refused: list[tuple[Any, RedemptionRefused]] = run_contained(
            "Why a code takes nothing off",
            partial(_refused_in, basket),
            otherwise=[],
            loud=settings.DEBUG,
        )
        return warnings + [f"{voucher.code}: {refusal}" for voucher, refusal in refused]


def _refused_in(basket: Any) -> list[tuple[Any, RedemptionRefused]]:
    """Return the vouchers of our codes that take nothing off the basket, each with its refusal."""
    refused = []
    for voucher in mirrors_in(basket):
        try:
            quote(basket, voucher.offers.first(), code=voucher.code)
        except RedemptionRefused as refusal:
            refused.append((voucher, refusal))
    return refused
