"""How django-ppx reads this shop: all that it needs to know stands here."""

from decimal import Decimal

from django.conf import settings

from django_ppx.shop.adapter import ShopAdapter
from django_ppx.shop.types import Campaign, Customer, Order, OrderLine, OrderStatus

from . import access, models


class StudioShop(ShopAdapter):
    def order(self, order, request=None):
        def url(path):
            return request.build_absolute_uri(path) if request else settings.SHOP_URL + path

        return Order(
            number=str(order.number), placed_at=order.placed_at, status=OrderStatus(order.status),
            currency=order.currency, total=order.total, shipping=order.shipping,
            discount_total=order.discount_amount, discount_codes=tuple(filter(None, [order.discount_code])),
            customer=Customer(account_id=str(order.user_id or ""), email=order.email, phone=order.phone,
                first_name=order.first_name, last_name=order.last_name, country=order.country, language=order.language),
            lines=tuple(OrderLine(sku=line.sku, title=line.title, category_path=line.category,
                quantity=Decimal(line.quantity), unit_price=line.unit_price, total=line.total, cost=line.cost,
                product_url=url(line.product.get_absolute_url()) if line.product else "",
                image_url=url(line.product.image_url) if line.product else "") for line in order.all_lines()),
            campaign=Campaign(source=order.utm_source, medium=order.utm_medium, name=order.utm_campaign,
                term=order.utm_term, content=order.utm_content),
        )  # fmt: skip

    def can_view(self, request, order):
        return access.may_see(request, order) or super().can_view(request, order)

    def find_order(self, number):
        return models.Order.objects.by_number(number)

    def newest_order(self):
        return models.Order.objects.first()
