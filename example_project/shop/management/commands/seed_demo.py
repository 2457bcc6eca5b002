"""`manage.py seed_demo`: fill the example shop, once, and say where to look."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from example_project.shop.catalogue import load_catalogue
from example_project.shop.models import Order, Product
from example_project.shop.seeding import people
from example_project.shop.seeding.history import FRESH, History, place_fresh_order
from example_project.shop.seeding.offers import create_offers
from example_project.shop.views.orders import demo_path


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
        place_fresh_order(products)

    def say_where(self, order: Order | None) -> None:
        base = settings.SHOP_URL
        rows = [("Shop", f"{base}/")]
        if order is not None:
            # A link alone opens no order. These two let this browser in as its buyer, in DEBUG only.
            rows += [
                ("Thank-you page", base + demo_path("thank-you", order)),
                ("Order status", base + demo_path("order-status", order)),
            ]
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
