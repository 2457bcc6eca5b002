"""Looking around."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from ..models import Category, Product


def home(request: HttpRequest) -> HttpResponse:
    products = Product.objects.filter(is_active=True).select_related("category")
    return render(
        request,
        "shop/home.html",
        {
            "featured": [product for product in products if product.is_featured],
            "products": products,
        },
    )


def category(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Category, slug=slug)
    products = found.products.filter(is_active=True).select_related("category")
    return render(request, "shop/category.html", {"category": found, "products": products})


def product(request: HttpRequest, slug: str) -> HttpResponse:
    products = Product.objects.filter(is_active=True).select_related("category")
    found = get_object_or_404(products, slug=slug)
    more = products.filter(category=found.category).exclude(pk=found.pk)[:3]
    return render(request, "shop/product.html", {"product": found, "more": more})
