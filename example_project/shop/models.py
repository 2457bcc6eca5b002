"""What the shop sells, and what it has sold."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from decimal import Decimal

from babel import Locale
from django.conf import settings
from django.db import models
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

FIRST_NUMBER = 10_000


def new_token() -> str:
    return secrets.token_urlsafe(24)


def german() -> bool:
    return (get_language() or "").startswith("de")


class Category(models.Model):
    slug = models.SlugField(_("short name"), unique=True)
    name = models.CharField(_("name"), max_length=80)
    name_de = models.CharField(_("name in German"), max_length=80)
    text = models.CharField(_("text"), max_length=200)
    text_de = models.CharField(_("text in German"), max_length=200)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("category", args=[self.slug])

    @property
    def title(self) -> str:
        return self.name_de if german() else self.name

    @property
    def description(self) -> str:
        return self.text_de if german() else self.text


class Product(models.Model):
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, related_name="products", verbose_name=_("category")
    )
    sku = models.CharField(_("SKU"), max_length=30, unique=True)
    slug = models.SlugField(_("short name"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    name_de = models.CharField(_("name in German"), max_length=120)
    text = models.TextField(_("text"))
    text_de = models.TextField(_("text in German"))
    facts = models.CharField(_("facts"), max_length=200)
    facts_de = models.CharField(_("facts in German"), max_length=200)
    price = models.DecimalField(_("price"), max_digits=10, decimal_places=2)
    cost = models.DecimalField(
        _("cost"),
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("What one piece costs the studio. Empty: not known."),
    )
    image = models.CharField(_("picture"), max_length=200, help_text=_("A static file."))
    image_alt = models.CharField(_("picture description"), max_length=200)
    image_alt_de = models.CharField(_("picture description in German"), max_length=200)
    is_featured = models.BooleanField(_("on the front page"), default=False)
    is_active = models.BooleanField(_("for sale"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("product", args=[self.slug])

    @property
    def title(self) -> str:
        return self.name_de if german() else self.name

    @property
    def description(self) -> str:
        return self.text_de if german() else self.text

    @property
    def details(self) -> list[str]:
        return (self.facts_de if german() else self.facts).split(" · ")

    @property
    def alt(self) -> str:
        return self.image_alt_de if german() else self.image_alt

    @property
    def image_url(self) -> str:
        return static(self.image)


class OrderQuerySet(models.QuerySet["Order"]):
    def by_number(self, number: int | str) -> Order | None:
        """Return the order that customers know by this number, or None."""
        try:
            pk = int(number) - FIRST_NUMBER
        except ValueError:
            return None
        return self.filter(pk=pk).first() if 0 < pk < 2**31 else None


class Order(models.Model):
    """One order. Its link carries `token`, but opens only for its buyer (`shop/access.py`)."""

    class Status(models.TextChoices):
        PLACED = "placed", _("Placed")
        PAID = "paid", _("Paid")
        SHIPPED = "shipped", _("Shipped")
        CANCELLED = "cancelled", _("Cancelled")
        REFUNDED = "refunded", _("Refunded")

    token = models.CharField(
        _("token"), max_length=64, unique=True, default=new_token, editable=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="orders",
        verbose_name=_("account"),
    )
    status = models.CharField(
        _("status"), max_length=20, choices=Status.choices, default=Status.PLACED
    )
    placed_at = models.DateTimeField(_("placed at"), default=timezone.now)
    email = models.EmailField(_("e-mail"))
    first_name = models.CharField(_("first name"), max_length=80)
    last_name = models.CharField(_("last name"), max_length=80)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    street = models.CharField(_("street and number"), max_length=150)
    postcode = models.CharField(_("postcode"), max_length=20)
    city = models.CharField(_("city"), max_length=100)
    country = models.CharField(_("country"), max_length=2, default="DE")
    language = models.CharField(_("language"), max_length=15, default="en")
    currency = models.CharField(_("currency"), max_length=3)
    shipping = models.DecimalField(
        _("shipping"), max_digits=10, decimal_places=2, default=Decimal(0)
    )
    discount_code = models.CharField(_("discount code"), max_length=64, blank=True)
    discount_amount = models.DecimalField(
        _("discount"), max_digits=10, decimal_places=2, default=Decimal(0)
    )
    total = models.DecimalField(_("total"), max_digits=10, decimal_places=2)
    utm_source = models.CharField(_("campaign source"), max_length=150, blank=True)
    utm_medium = models.CharField(_("campaign medium"), max_length=150, blank=True)
    utm_campaign = models.CharField(_("campaign name"), max_length=150, blank=True)
    utm_term = models.CharField(_("campaign term"), max_length=150, blank=True)
    utm_content = models.CharField(_("campaign content"), max_length=150, blank=True)

    objects = OrderQuerySet.as_manager()

    known_lines: list[OrderLine] | None = None
    """The lines where they are loaded already, with their products."""

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-placed_at", "-pk"]

    def __str__(self) -> str:
        return f"#{self.number}"

    def get_absolute_url(self) -> str:
        return reverse("order_status", args=[self.token])

    @property
    def number(self) -> int:
        return FIRST_NUMBER + self.pk

    def all_lines(self) -> Iterable[OrderLine]:
        """Return the lines, each with its product."""
        if self.known_lines is not None:
            return self.known_lines
        return self.lines.select_related("product")

    @property
    def country_name(self) -> str:
        names = Locale.parse(get_language() or "en", sep="-").territories
        return str(names.get(self.country, ""))

    @property
    def subtotal(self) -> Decimal:
        return self.total - self.shipping + self.discount_amount


class OrderLine(models.Model):
    """What was bought, as it was then. The product may leave the shop; the line stays."""

    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="lines", verbose_name=_("order")
    )
    product = models.ForeignKey(
        Product,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("product"),
    )
    sku = models.CharField(_("SKU"), max_length=30)
    title = models.CharField(_("title"), max_length=120)
    category = models.CharField(_("category"), max_length=80)
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    unit_price = models.DecimalField(_("unit price"), max_digits=10, decimal_places=2)
    unit_cost = models.DecimalField(
        _("unit cost"), max_digits=10, decimal_places=2, null=True, blank=True
    )

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.title

    @property
    def total(self) -> Decimal:
        return self.unit_price * self.quantity

    @property
    def cost(self) -> Decimal | None:
        """What the whole line costs the studio; None where that is not known."""
        return None if self.unit_cost is None else self.unit_cost * self.quantity
