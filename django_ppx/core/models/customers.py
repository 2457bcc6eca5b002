"""Who bought: `Customer` and the normalised keys that name one person."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.core.querysets import CustomerKeyQuerySet


class Customer(models.Model):
    """One person, guest or not.

    `CustomerKey` says by which normalised keys the shop may name them.
    """

    account_id = models.CharField(_("account"), max_length=100, blank=True)
    email = models.CharField(
        _("e-mail"), max_length=320, blank=True, help_text=_("As the customer wrote it.")
    )
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    first_name = models.CharField(_("first name"), max_length=150, blank=True)
    last_name = models.CharField(_("last name"), max_length=150, blank=True)
    language = models.CharField(_("language"), max_length=15, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    birthday = models.DateField(_("birthday"), null=True, blank=True)
    interests = models.JSONField(_("interests"), default=list, blank=True)
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merged_guests",
        verbose_name=_("merged into"),
    )
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        permissions = [("view_customer_addresses", _("Can see customers' names and addresses"))]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def is_guest(self) -> bool:
        return not self.account_id


class CustomerKey(models.Model):
    """One normalised name of a customer: `account:42`, `email:<HMAC>`, `phone:<HMAC>`.

    The constraint merges people.
    """

    key = models.CharField(_("key"), max_length=120)
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="keys", verbose_name=_("customer")
    )

    objects = CustomerKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer key")
        verbose_name_plural = _("customer keys")
        constraints = [models.UniqueConstraint(fields=["key"], name="ppx_customerkey_key_unique")]

    def __str__(self) -> str:
        return self.key[:14] + "…" if len(self.key) > 15 else self.key
