"""The lines of an order, as the product is today."""

from __future__ import annotations

from ..models import Order, OrderLine, Product


def line_of(order: Order, product: Product, count: int) -> OrderLine:
    """Return a line, not stored; the category's name is in the language that is active."""
    return OrderLine(
        order=order,
        product=product,
        sku=product.sku,
        title=product.title,
        category=product.category.name,
        quantity=count,
        unit_price=product.price,
        unit_cost=product.cost,
    )
