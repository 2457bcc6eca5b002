"""The shop's own admin: products, and orders with what staff do to them."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from django_ppx import codes, purchases

from .models import Category, Order, OrderLine, Product

SOLD = (Order.Status.PLACED, Order.Status.PAID, Order.Status.SHIPPED)


def after_commit(tell: Callable[[Order], object], order: Order) -> None:
    transaction.on_commit(lambda: tell(order), robust=True)


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    list_display = ["name", "name_de", "position"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    list_display = ["name", "sku", "category", "price", "is_active"]
    list_filter = ["category", "is_active"]
    list_select_related = ["category"]
    search_fields = ["name", "name_de", "sku"]
    prepopulated_fields = {"slug": ["name"]}


class OrderLineInline(admin.TabularInline):
    model = OrderLine
    extra = 0
    can_delete = False
    fields = readonly_fields = ["title", "sku", "quantity", "unit_price", "unit_cost", "total"]

    def has_add_permission(self, request: HttpRequest, obj: Order | None = None) -> bool:
        return False


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    list_display = ["number", "placed_at", "email", "status", "total", "currency", "discount_code"]
    list_filter = ["status", "placed_at", "country"]
    search_fields = ["email", "last_name", "discount_code"]
    inlines = [OrderLineInline]
    actions = ["mark_paid", "mark_shipped", "cancel", "refund"]
    readonly_fields = [
        "number", "token", "user", "status", "placed_at", "currency", "shipping",
        "discount_code", "discount_amount", "total",
    ]  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.action(description=_("Mark as paid"), permissions=["change"])
    def mark_paid(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        self.move(request, queryset.filter(status=Order.Status.PLACED), Order.Status.PAID)

    @admin.action(description=_("Mark as shipped"), permissions=["change"])
    def mark_shipped(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        self.move(request, queryset.filter(status=Order.Status.PAID), Order.Status.SHIPPED)

    @admin.action(description=_("Cancel the orders"), permissions=["change"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        unsent = queryset.filter(status__in=[Order.Status.PLACED, Order.Status.PAID])
        for order in self.move(request, unsent, Order.Status.CANCELLED):
            if order.discount_code:
                codes.release(order.discount_code, order=order)
            after_commit(purchases.cancelled, order)

    @admin.action(description=_("Refund in full"), permissions=["change"])
    def refund(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        sold = queryset.filter(status__in=SOLD)
        for order in self.move(request, sold, Order.Status.REFUNDED):
            after_commit(purchases.refunded, order)

    def move(
        self, request: HttpRequest, queryset: QuerySet[Order], status: Order.Status
    ) -> list[Order]:
        """Give the orders a status, tell staff how many, and return them."""
        orders = list(queryset)
        for order in orders:
            order.status = status
            order.save(update_fields=["status"])
            self.log_change(request, order, f"{status}")
        text = ngettext("%(count)d order changed.", "%(count)d orders changed.", len(orders))
        messages.success(request, text % {"count": len(orders)})
        return orders
