"""`manage.py seed_demo`: fill the example shop, once, and say where to look."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from django_ppx import codes
from django_ppx.conf import ppx_settings
from django_ppx.core.order_tokens import make_order_token
from django_ppx.rewards.models import DiscountCode
from example_project.shop.catalogue import load_catalogue
from example_project.shop.models import Order, Product
from example_project.shop.seeding import people
from example_project.shop.seeding.history import FRESH, History, place_fresh_order
from example_project.shop.seeding.offers import WITH_MINIMUM, create_offers
from example_project.shop.seeding.rewards import Rewards
from example_project.shop.seeding.sent_in import SentIn
from example_project.shop.seeding.trade import Trade
from example_project.shop.views.orders import demo_path


def apply_link() -> str:
    """Return the link to a code that asks for a larger basket, or "" once there is none."""
    usable = DiscountCode.objects.redeemable(now=timezone.now())
    code = usable.filter(benefit__name=WITH_MINIMUM).order_by("pk").first()
    return "" if code is None else codes.apply_path(code, now=code.issued_at)


def plain_page(order: Order) -> str:
    """Return the address of the front end without Django. Browsers send what is behind the # to no server."""
    origin = next(iter(ppx_settings.PPX_API_CORS_ORIGINS), "http://127.0.0.1:8001")
    return f"{origin}/#token={make_order_token(str(order.number), now=timezone.now())}"


class Command(BaseCommand):
    help = "Fill the example shop with products, people, orders and offers. A second run keeps what is there."

    def handle(self, *args: Any, **options: Any) -> None:
        if not User.objects.filter(username=people.STAFF).exists():
            self.stdout.write("Filling the example shop …")
            with transaction.atomic():
                self.fill()
        self.say_where(Order.objects.filter(email=FRESH.email).order_by("pk").first())

    def fill(self) -> None:
        load_catalogue()
        people.create_staff()
        accounts = people.create_accounts()
        now = timezone.localtime()
        create_offers(now=now)
        products = list(Product.objects.select_related("category"))
        History(now=now, accounts=accounts, products=products).write()
        Rewards(now=now).write()
        SentIn(now=now).write()
        Trade(now=now, products=products).write()
        place_fresh_order(products)

    def say_where(self, order: Order | None) -> None:
        base = settings.SHOP_URL
        rows = [("Shop", f"{base}/")]
        if order is not None:
            # A link alone opens no order. These two let this browser in as its buyer, in DEBUG only.
            rows += [
                ("Thank-you page", base + demo_path("thank-you", order)),
                ("Order status", base + demo_path("order-status", order)),
                ("A plain page", plain_page(order)),
                ("", "is another front end, on an address of its own: start it with make plain"),
            ]
        if path := apply_link():
            rows += [("A code by link", base + path)]
        rows += [
            ("Admin", f"{base}{reverse('admin:index')}"),
            ("", f"log in as {people.STAFF} / {people.STAFF}, who may do everything,"),
            ("", f"or as {people.EDITOR} / {people.EDITOR}, who edits offers but deletes nothing"),
            ("A customer", f"{base}{reverse('log_in')}"),
            ("", f"log in as regular@example.com / {people.CUSTOMER_PASSWORD}"),
        ]
        self.stdout.write("")
        for label, text in rows:
            self.stdout.write(f"  {label:<16}{text}")
        self.stdout.write("")
