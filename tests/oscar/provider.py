"""A payment provider elsewhere: two views as a shop writes them, where the shopper comes back after paying or not."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views import View
from oscar.apps.order.exceptions import UnableToPlaceOrder
from oscar.core.loading import get_class

OrderPlacementMixin = get_class("checkout.mixins", "OrderPlacementMixin")


class Paid(OrderPlacementMixin, View):
    def get(self, request: Any) -> HttpResponse:
        basket = self.get_submitted_basket()
        basket.strategy = request.strategy
        get_class("offer.applicator", "Applicator")().apply(basket, request.user, request)
        submission = self.build_submission(basket=basket)
        del submission["payment_kwargs"]
        order_kwargs = submission.pop("order_kwargs")
        number = self.checkout_session.get_order_number()
        try:
            return self.handle_order_placement(number, **submission, **order_kwargs)
        except UnableToPlaceOrder as error:
            self.restore_frozen_basket()
            messages.error(request, str(error))
            return redirect("basket:summary")


class Cancelled(OrderPlacementMixin, View):
    def get(self, request: Any) -> HttpResponse:
        self.restore_frozen_basket()
        return redirect("basket:summary")
