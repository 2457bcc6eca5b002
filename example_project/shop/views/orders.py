"""After the order: thank-you page, status, and finding an order again."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from ..access import grant, may_see
from ..forms import FindOrderForm
from ..models import Order

DEMO = signing.Signer(salt="example-shop.demo")
DEMO_PAGES = {"thank-you": "thank_you", "order-status": "order_status"}
STEPS = (Order.Status.PLACED, Order.Status.PAID, Order.Status.SHIPPED)


@never_cache
def thank_you(request: HttpRequest, token: str) -> HttpResponse:
    return order_page(request, token, "shop/thank_you.html")


@never_cache
def status(request: HttpRequest, token: str) -> HttpResponse:
    return order_page(request, token, "shop/order_status.html")


def order_page(request: HttpRequest, token: str, template: str) -> HttpResponse:
    order = get_object_or_404(Order, token=token)
    if not may_see(request, order):
        return redirect("find_order")
    context = {
        "order": order,
        "lines": order.lines.select_related("product"),
        "steps": steps(order),
    }
    return render(request, template, context)


def steps(order: Order) -> list[dict[str, object]]:
    """Return the stations of an order on its way, and which of them are behind it."""
    reached = STEPS.index(order.status) if order.status in STEPS else -1
    return [
        {"label": step.label, "is_done": at <= reached, "is_current": at == reached}
        for at, step in enumerate(STEPS)
    ]


@never_cache
def find(request: HttpRequest) -> HttpResponse:
    form = FindOrderForm(request.POST or None)
    if form.is_valid():
        grant(request, form.order)
        return redirect("order_status", form.order.token)
    return render(request, "shop/find_order.html", {"form": form})


def demo(request: HttpRequest, page: str, signed: str) -> HttpResponse:
    """Open a page as the buyer of a seeded order: the link that `seed_demo` prints. Only in DEBUG."""
    if not settings.DEBUG or page not in DEMO_PAGES:
        raise Http404
    try:
        number = DEMO.unsign(signed)
    except signing.BadSignature as error:
        raise Http404 from error
    order = Order.objects.by_number(number)
    if order is None:
        raise Http404
    grant(request, order)
    return redirect(DEMO_PAGES[page], order.token)


def demo_path(page: str, order: Order) -> str:
    """Return the address of `demo` for one order."""
    return reverse("demo", args=[page, DEMO.sign(str(order.number))])
