"""Addresses of this part. Included by `django_ppx.api.urls`.

An order's number may contain slashes. What follows it is recognised first: a purchase whose own number ends like that
is found in the list.
"""

from __future__ import annotations

from django.urls import path

from django_ppx.api.orders.purchase_views import ExplainView, PurchasesView, PurchaseView
from django_ppx.api.orders.views import CancelView, OrdersView, OrderTokenView, RefundView

urlpatterns = [
    path("orders/", OrdersView.as_view(), name="orders"),
    path("purchases/", PurchasesView.as_view(), name="purchases"),
    path("purchases/<path:order_ref>/cancel/", CancelView.as_view(), name="purchase_cancel"),
    path("purchases/<path:order_ref>/refund/", RefundView.as_view(), name="purchase_refund"),
    path("purchases/<path:order_ref>/token/", OrderTokenView.as_view(), name="purchase_token"),
    path("purchases/<path:order_ref>/explain/", ExplainView.as_view(), name="purchase_explain"),
    path("purchases/<path:order_ref>/", PurchaseView.as_view(), name="purchase"),
]
