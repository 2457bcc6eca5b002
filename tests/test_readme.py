"""The five steps of README.md, taken from the page and done to a shop that knows nothing of us."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent
FILE = re.compile(
    r"^\*\*`(?P<name>[^`]+)`\*\*\n+```\w*\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
COMMAND = re.compile(r"^python manage\.py (?P<arguments>.+)$", re.MULTILINE)

# Where startproject and a shop keep what the page calls by its last name.
PLACES = {
    "settings.py": "barn/settings.py",
    "urls.py": "barn/urls.py",
    "shop/thank_you.html": "shop/templates/shop/thank_you.html",
    "shop/checkout.html": "shop/templates/shop/checkout.html",
}
# What the shop has before: its orders, a form, and the page after the order.
SHOP = {
    "shop/__init__.py": "",
    "shop/models.py": """
from django.conf import settings
from django.db import models


class Order(models.Model):
    number = models.AutoField(primary_key=True)
    created_at = models.DateTimeField(auto_now_add=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    email = models.EmailField()
    code = models.CharField(max_length=80, blank=True)
    discount = models.DecimalField(max_digits=9, decimal_places=2, default=0)
    total = models.DecimalField(max_digits=9, decimal_places=2)


class OrderLine(models.Model):
    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    title = models.CharField(max_length=100)
    total = models.DecimalField(max_digits=9, decimal_places=2)
""",
    "shop/forms.py": """
from django import forms


class CheckoutForm(forms.Form):
    email = forms.EmailField()
""",
    "shop/views.py": """
from django.shortcuts import get_object_or_404, render

from shop.models import Order


def thank_you(request):
    order = get_object_or_404(Order, pk=request.session.get("order"))
    return render(request, "shop/thank_you.html", {"order": order})
""",
    "barn/urls.py": """
from django.contrib import admin
from django.urls import path

from shop import checkout, views

urlpatterns = [
    path("admin/", admin.site.urls),
    path("checkout/", checkout.checkout, name="checkout"),
    path("thank-you/", views.thank_you, name="thank_you"),
]
""",
    "barn/settings.py": """
INSTALLED_APPS += ["shop"]
ALLOWED_HOSTS = ["testserver"]
""",
}
WALK = """
import django

django.setup()

import re
from decimal import Decimal

from django.core.management import call_command
from django.test import Client
from django_ppx.core.models import Purchase
from django_ppx.rewards.models import CodeRedemption, DiscountCode
from django_ppx.testing import make_benefit, make_offer
from shop.models import Order

make_offer("next_purchase_discount", benefit=make_benefit(percent=Decimal(10)))


def buy(browser, code=""):
    if code:
        browser.post("/ppx/code/", {"code": code, "next": "/checkout/"}, follow=True)
    return browser.post("/checkout/", {"email": "ada@example.com"}, follow=True)


first = Client()
page = buy(first).content.decode()
code = re.search(r'data-ppx-code="([^"]+)"|>([A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4})<', page)
assert code, page
code = next(filter(None, code.groups()))
again = first.get("/thank-you/")
assert code in again.content.decode()
assert "no-store" in again["Cache-Control"]
assert [row.code for row in DiscountCode.objects.all()] == [code.replace("-", "")]

second = Client()
shown = second.post(
    "/ppx/code/", {"code": code.lower().replace("-", " "), "next": "/checkout/"}, follow=True
).content.decode()
assert "21.60" in shown, shown
buy(second)
order = Order.objects.get(pk=2)
assert (order.discount, order.total) == (Decimal("2.40"), Decimal("21.60"))
assert CodeRedemption.objects.get().order_ref == "2"
assert [row.order_ref for row in Purchase.objects.order_by("pk")] == ["1", "2"]
assert not second.session.get("ppx_code")

third = buy(Client(), code)
assert third.request["PATH_INFO"] == "/checkout/"
assert "This code has already been used." in third.content.decode()
assert Order.objects.count() == 2
call_command("ppx_explain", "1")
"""


def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def make_project(folder: Path) -> None:
    """Write what `django-admin startproject` and the shop bring, then what the page adds to it."""
    call_command("startproject", "barn", str(folder))
    steps = [(found["name"], found["text"]) for found in FILE.finditer(readme())]
    for name, text in [*SHOP.items(), *steps]:
        path = folder / PLACES.get(name, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        is_added_to = name in ("settings.py", "urls.py", "barn/settings.py")
        before = path.read_text(encoding="utf-8") if is_added_to else ""
        path.write_text(f"{before}\n{text}", encoding="utf-8")
    (folder / "walk.py").write_text(WALK, encoding="utf-8")


def run(folder: Path, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PPX_DATABASE_URL"}
    environment |= {
        "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)]),
        "DJANGO_SETTINGS_MODULE": "barn.settings",
    }
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_page_shows_each_file_in_its_step() -> None:
    assert [found["name"] for found in FILE.finditer(readme())] == [
        "settings.py",
        "urls.py",
        "settings.py",
        "shop/thank_you.html",
        "shop/checkout.html",
        "shop/checkout.py",
    ]
    assert COMMAND.findall(readme()) == ["migrate", "ppx_doctor"]


def test_five_steps_bring_offers_and_codes_to_a_home_made_shop(tmp_path: Path) -> None:
    make_project(tmp_path)
    run(tmp_path, "manage.py", "makemigrations", "shop")

    said = [run(tmp_path, "manage.py", command) for command in COMMAND.findall(readme())]
    walked = run(tmp_path, "walk.py")

    assert "Nothing is wrong." in said[1] or "All is well." in said[1]
    assert "shown" in walked
