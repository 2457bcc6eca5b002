"""The Oscar voucher that stands for one of our codes, made when a shopper first types it.

A mirror says which code it stands for, and nothing that could differ from the ledger: no limit of use, no discount of
its own. Codes that nobody types at the checkout have no mirror.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext, override
from oscar.core.loading import get_model
from oscar.core.utils import get_default_currency

from django_ppx.contrib.oscar.offers import BENEFIT, CONDITION
from django_ppx.rewards.alphabet import grouped_as
from django_ppx.rewards.models import DiscountCode
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.rewards.wording import summarize

NEVER: Final = datetime(2999, 12, 31, tzinfo=UTC)
"""Oscar's vouchers must end."""

LAST: Final = -1_000_000
"""The priority: our codes see the basket after every offer of the shop."""


def mirrors_in(basket: Any) -> list[Any]:
    """Return the vouchers in Oscar's basket that stand for our codes."""
    if not basket.pk:
        return []
    return list(basket.vouchers.filter(offers__benefit__proxy_class=BENEFIT).distinct())


def is_mirror(voucher: Any) -> bool:
    return bool(voucher.offers.filter(benefit__proxy_class=BENEFIT).exists())


def is_shops_own(typed: str) -> bool:
    """Return whether what was typed is a voucher that the shop made in Oscar.

    One without offers may be a mirror that lost its offer in Oscar's dashboard; as the shop's own it would do nothing.
    """
    voucher = get_model("voucher", "Voucher").objects.filter(code=typed).first()
    return voucher is not None and voucher.offers.exists() and not is_mirror(voucher)


def ensure_mirror(typed: str) -> Any | None:
    """Return the voucher for the typed code, made now unless it is there; None when no code of ours was typed.

    Where the shop has a voucher of its own under this very code, it is that one. The dates follow the code at each
    call, in case they were edited in Oscar's dashboard.
    """
    codes = DiscountCode.objects.exclude(status=DiscountCode.Status.POOLED)
    code = codes.typed(typed).first()
    return None if code is None else _mirror(code)


@transaction.atomic
def _mirror(code: DiscountCode) -> Any:
    voucher, is_new = get_model("voucher", "Voucher").objects.get_or_create(
        code=grouped_as(code.code, code.terms), defaults={"name": _name(code), **_dates(code)}
    )
    if not voucher.offers.exists():
        voucher.offers.add(_offer(code))
    if not is_new and is_mirror(voucher):
        for field, value in _dates(code).items():
            setattr(voucher, field, value)
        voucher.save(update_fields=list(_dates(code)))
    return voucher


def _offer(code: DiscountCode) -> Any:
    """Return the offer of the code. One per code: Oscar adds up what vouchers of one offer give."""
    shared = {
        field: rows.filter(proxy_class=path).order_by("pk").first() or rows.create(proxy_class=path)
        for field, rows, path in (
            ("benefit", get_model("offer", "Benefit").objects, BENEFIT),
            ("condition", get_model("offer", "Condition").objects, CONDITION),
        )
    }
    with override(settings.LANGUAGE_CODE):
        name = gettext("Discount code #%(number)s") % {"number": code.pk}
        description = gettext("Made by django-ppx. What the code is good for stands in the admin.")
    offer, _created = get_model("offer", "ConditionalOffer").objects.get_or_create(
        # Not the code itself: Oscar shows an offer's name at an address that can be guessed.
        name=name,
        defaults={
            "description": description,
            "offer_type": "Voucher",
            "exclusive": False,
            "priority": LAST,
            "max_basket_applications": 1,
            **shared,
        },
    )
    return offer


def _name(code: DiscountCode) -> str:
    """Return what the shopper reads in the basket, "10% off #57". The number makes it unique, as Oscar demands."""
    number = f" #{code.pk}"
    terms = FrozenTerms.from_json(code.terms)
    return summarize(terms, currency=get_default_currency())[: 128 - len(number)] + number


def _dates(code: DiscountCode) -> dict[str, datetime]:
    return {
        "start_datetime": code.starts_at or code.issued_at,
        "end_datetime": code.expires_at or NEVER,
    }
