"""What is put before the views of Oscar's basket: our codes are taken at its voucher field."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from django_ppx.contrib.oscar.mirrors import ensure_mirror, is_mirror, is_shops_own, mirrors_in
from django_ppx.contrib.oscar.weighing import quote
from django_ppx.core.containment import run_contained
from django_ppx.rewards.alphabet import fold
from django_ppx.rewards.guessing import ask_guarded
from django_ppx.rewards.refusals import RedemptionRefused

if TYPE_CHECKING:
    from oscar.apps.basket.views import BasketView, VoucherAddView
else:
    BasketView = VoucherAddView = object


class AcceptsCodes(VoucherAddView):
    """For `VoucherAddView`: takes our codes however they are typed, and says why one is not good.

    A voucher of the shop goes Oscar's way. Whatever is neither gets one and the same answer as a code of ours that is
    used, expired or revoked, so that nobody learns by guessing which codes exist. Who guesses too often gets another
    one, whatever is typed.
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
            return str(find_voucher(typed, basket=self.request.basket, request=self.request).code)
        except RedemptionRefused as refusal:
            return refusal


def find_voucher(typed: str, *, basket: Any, request: HttpRequest) -> Any:
    """Return the Oscar voucher for the code of ours that a shopper has typed, made now unless it is there.

    Whoever types too many codes that are none is refused before the code is looked at. What is in the basket already
    is never refused, and whether it takes something off is for the basket to say.

    :raises RedemptionRefused: when there is no such code, or it is not good for this basket; the text may be shown.
    """
    for voucher in mirrors_in(basket):
        if fold(voucher.code) == fold(typed):
            return voucher
    ask = partial(_weighed_voucher, typed, basket)
    return ask_guarded(typed, request=request, ask=ask, now=timezone.now())


def _weighed_voucher(typed: str, basket: Any) -> Any:
    voucher = ensure_mirror(typed)
    if voucher is None:
        raise RedemptionRefused(RedemptionRefused.Reason.UNKNOWN)
    if is_mirror(
        voucher
    ):  # otherwise the shop has one of its own under this code, and Oscar has the answer
        quote(basket, voucher.offers.first(), code=voucher.code)
    return voucher


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
