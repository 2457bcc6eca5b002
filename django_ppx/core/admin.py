"""Purchases and customers as we recorded them: to look up, never to change. Addresses show to who may see them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters, InlineModelAdmin
from django.contrib.admin.views.main import ChangeList
from django.db.models import BooleanField, Value
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from django_ppx.core.masking import mask_email, mask_name, mask_phone
from django_ppx.core.models import Customer, Purchase, PurchaseLine
from django_ppx.core.money import Money
from django_ppx.core.retrying import TransactionConflict

if TYPE_CHECKING:
    _Base = admin.ModelAdmin[Any]
    _InlineBase = admin.TabularInline[Any, Any]
else:
    _Base = admin.ModelAdmin
    _InlineBase = admin.TabularInline


def says_when_busy(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a view of an admin say that the database was busy, instead of failing, and lead back to its page."""

    @wraps(view)
    def guarded(model_admin: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(model_admin, request, *args, **kwargs)
        except TransactionConflict:
            sentence = gettext("The database was busy, and nothing was changed. Please try again.")
            model_admin.message_user(request, sentence, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    return guarded


class ListLook(_Base):
    """Lists in the look of the offers' list: filters in a row above, states as badges."""

    change_list_template = "admin/django_ppx/change_list.html"
    change_form_template = "admin/django_ppx/change_form.html"

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["django_ppx/admin/admin.css"]}

    @says_when_busy
    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, extra_context)

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        # Django's filters by choice pass on whatever the address says: on PostgreSQL a NUL would be a fault.
        if any("\x00" in value for _name, values in request.GET.lists() for value in values):
            raise IncorrectLookupParameters
        changelist = super().get_changelist_instance(request)
        for spec in changelist.filter_specs:
            spec.template = "admin/django_ppx/filter.html"
        return changelist


class LedgerAdmin(ListLook):
    """For rows that the shop's events write and that staff may only read."""

    actions: Any = None
    show_full_result_count = False
    list_per_page = 50

    @classmethod
    def add_inlines(cls, *inlines: type[InlineModelAdmin[Any, Any]]) -> None:
        """Show further rows on the page of each row: what a capability above knows of a customer or an order."""
        cls.inlines = (*cls.inlines, *inlines)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LedgerInline(_InlineBase):
    """Rows that belong to a ledger row. Who may see that may see them."""

    extra = 0
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PurchaseLineInline(LedgerInline):
    """What was bought."""

    model = PurchaseLine
    fields = ("title", "sku", "category_path", "amount", "price")
    readonly_fields = fields
    verbose_name_plural = _("lines")

    @admin.display(description=_("Quantity"))
    def amount(self, line: PurchaseLine) -> str:
        return f"{line.quantity.normalize():f}"

    @admin.display(description=_("Total"))
    def price(self, line: PurchaseLine) -> str:
        return money_text(line.total_minor, line.purchase.currency)


class CustomerPurchaseInline(LedgerInline):
    """The customer's orders, newest first."""

    model = Purchase
    fk_name = "customer"
    fields = ("order_ref", "placed_at", "total_text", "status")
    readonly_fields = fields
    ordering = ("-placed_at",)
    show_change_link = True

    @admin.display(description=_("Total"))
    def total_text(self, purchase: Purchase) -> str:
        return money_text(purchase.total_minor, purchase.currency)


@admin.register(Purchase)
class PurchaseAdmin(LedgerAdmin):
    """Orders of the shop, as they were when we met them."""

    list_display = ("order_ref", "placed_at", "total_text", "status", "country", "buyer", "is_test")
    list_filter = ("status", "is_test", "placed_at")
    list_select_related = ("customer",)
    search_fields = ("order_ref__startswith",)
    search_help_text = _("The beginning of the order number.")
    ordering = ("-placed_at", "-pk")
    inlines = (PurchaseLineInline,)
    fieldsets = (
        (None, {"fields": ("order_ref", "status", "placed_at", "buyer", "is_test")}),
        (
            _("Amounts"),
            {"fields": ("total_text", "discount_text", "shipping_text", "refunded_text", "codes")},
        ),
        (
            _("Where from"),
            {
                "fields": (
                    ("country", "language"),
                    ("utm_source", "utm_medium", "utm_campaign"),
                    ("utm_term", "utm_content"),
                )
            },
        ),
        (_("Record"), {"fields": ("recorded_at", "cancelled_at"), "classes": ("collapse",)}),
    )

    @admin.display(description=_("Customer"))
    def buyer(self, purchase: Purchase) -> SafeString:
        customer = purchase.customer
        url = reverse(
            "admin:django_ppx_customer_change",
            args=[customer.pk],
            current_app=self.admin_site.name,
        )
        name = mask_name(customer.first_name, customer.last_name) or str(customer)
        return format_html('<a href="{}">{}</a>', url, name)

    @admin.display(description=_("Total"), ordering="total_minor")
    def total_text(self, purchase: Purchase) -> str:
        return money_text(purchase.total_minor, purchase.currency)

    @admin.display(description=_("Discount"))
    def discount_text(self, purchase: Purchase) -> str:
        return money_text(purchase.discount_minor, purchase.currency)

    @admin.display(description=_("Shipping"))
    def shipping_text(self, purchase: Purchase) -> str:
        return money_text(purchase.shipping_minor, purchase.currency)

    @admin.display(description=_("Refunded"))
    def refunded_text(self, purchase: Purchase) -> str:
        return money_text(purchase.refunded_minor, purchase.currency)

    @admin.display(description=_("Codes used"))
    def codes(self, purchase: Purchase) -> str:
        return ", ".join(f"{str(code)[:4]}…" for code in purchase.discount_codes) or "–"


@admin.register(Customer)
class CustomerAdmin(LedgerAdmin):
    """People who bought. Names and addresses are masked for who lacks the permission to see them."""

    list_display = ("label", "email_shown", "phone_shown", "kind", "country", "created_at")
    list_filter = ("country",)
    ordering = ("-created_at", "-pk")
    inlines = (CustomerPurchaseInline,)
    fields = (
        "label",
        "email_shown",
        "phone_shown",
        "kind",
        ("language", "country"),
        "created_at",
        "merged_into",
    )

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Return where to search: addresses only for who may see them, or the search would tell them."""
        if may_see_addresses(request):
            return ("account_id__exact", "email__iexact", "phone__exact", "last_name__istartswith")
        return ("account_id__exact",)

    def get_queryset(self, request: HttpRequest) -> Any:
        # Columns are asked for a row, not for a request; each row carries what its reader may see.
        customers = super().get_queryset(request).select_related("merged_into")
        return customers.annotate(
            ppx_may_see=Value(may_see_addresses(request), output_field=BooleanField())
        )

    @admin.display(description=_("Customer"))
    def label(self, customer: Customer) -> str:
        if _may_see(customer):
            name = f"{customer.first_name} {customer.last_name}".strip()
        else:
            name = mask_name(customer.first_name, customer.last_name)
        return f"{name} ({customer})" if name else str(customer)

    @admin.display(description=_("E-mail"))
    def email_shown(self, customer: Customer) -> str:
        return customer.email if _may_see(customer) else mask_email(customer.email)

    @admin.display(description=_("Phone"))
    def phone_shown(self, customer: Customer) -> str:
        return customer.phone if _may_see(customer) else mask_phone(customer.phone)

    @admin.display(description=_("Kind"))
    def kind(self, customer: Customer) -> Any:
        return _("Guest") if customer.is_guest else _("Account")


def _may_see(customer: Customer) -> bool:
    return bool(getattr(customer, "ppx_may_see", False))


def may_see_addresses(request: HttpRequest) -> bool:
    """Return whether the person may see whole names and addresses."""
    return request.user.has_perm("django_ppx.view_customer_addresses")


def money_text(minor: int, currency: str) -> str:
    """Return an amount as people of the admin's language write it."""
    return Money.from_minor(minor, currency).formatted(get_language() or "en")
