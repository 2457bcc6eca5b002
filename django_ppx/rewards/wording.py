"""Terms in words, for shoppers and staff, in the active language."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from babel.numbers import format_percent
from django.utils.translation import get_language, gettext, ngettext

from django_ppx.core.money import Money, babel_locale
from django_ppx.rewards.terms import CurrencyTerms, FrozenTerms


def summarize(terms: FrozenTerms, *, currency: str = "") -> str:
    """Return what the terms are good for in a few words: "10% off", "Free shipping".

    `currency` chooses among the amounts; without it, or where it has none, each of them is named.
    """
    if terms.type == "percent" and terms.percent is not None:
        return gettext("%(percent)s off") % {"percent": _percent(terms.percent)}
    if terms.type == "amount":
        return gettext("%(amount)s off") % {"amount": _amounts(terms, "amount", currency)}
    if terms.type == "free_shipping":
        return gettext("Free shipping")
    if terms.type == "points":
        points = terms.points or 0
        return ngettext("%(points)d point", "%(points)d points", points) % {"points": points}
    return terms.gift


def conditions(terms: FrozenTerms, *, currency: str = "") -> tuple[str, ...]:
    """Return what a customer must know of the terms, a sentence each, without the days on which it is good.

    Those are said of each code, as dates.
    """
    return tuple(_conditions(terms, currency))


def describe(terms: FrozenTerms, *, says_days: bool = True) -> str:
    """Return the terms whole in plain sentences, for staff.

    `says_days` is for terms on their own; of what was given, its page says from when and until when as dates.
    """
    parts = [summarize(terms), *conditions(terms)]
    if says_days:
        parts.append(_wait(terms))
    if terms.is_discount:
        if says_days:
            parts.append(_validity(terms))
        if terms.max_uses == 1:
            parts.append(gettext("Each code can be used once"))
        parts.append(_after_undo(terms))
    if terms.reward_after_partial_refund == "proportional":
        parts.append(gettext("Shrinks with a partial refund of the order that earned it"))
    return " ".join(f"{part}." for part in parts if part)


def _conditions(terms: FrozenTerms, currency: str) -> Iterator[str]:
    if minimum := _amounts(terms, "minimum_total", currency):
        yield gettext("For orders of %(amount)s or more") % {"amount": minimum}
    if maximum := _amounts(terms, "maximum_discount", currency):
        yield gettext("At most %(amount)s") % {"amount": maximum}
    if terms.categories:
        names = ", ".join(" › ".join(path.strip("/").split("/")) for path in terms.categories)
        if terms.skus:
            yield gettext("On %(categories)s and selected products") % {"categories": names}
        else:
            yield gettext("On %(categories)s") % {"categories": names}
    elif terms.skus:
        yield gettext("On selected products")
    if terms.first_order_only:
        yield gettext("For a first order only")
    if terms.is_discount and not terms.is_combinable:
        yield gettext("Can't be combined with other codes")
    if terms.max_uses > 1:
        yield gettext("Can be used %(uses)d times") % {"uses": terms.max_uses}
    if terms.is_discount and terms.max_uses_per_customer is not None:
        yield ngettext(
            "At most %(uses)d use per customer", "At most %(uses)d uses per customer",
            terms.max_uses_per_customer,
        ) % {"uses": terms.max_uses_per_customer}  # fmt: skip


def _wait(terms: FrozenTerms) -> str:
    if not terms.vesting_days:
        return ""
    return ngettext(
        "Usable %(days)d day after it is given", "Usable %(days)d days after it is given",
        terms.vesting_days,
    ) % {"days": terms.vesting_days}  # fmt: skip


def _validity(terms: FrozenTerms) -> str:
    if terms.valid_days is None:
        return gettext("Never expires")
    if terms.vesting_days:
        return ngettext(
            "From then on valid for %(days)d day", "From then on valid for %(days)d days",
            terms.valid_days,
        ) % {"days": terms.valid_days}  # fmt: skip
    return ngettext(
        "Valid for %(days)d day after it is given", "Valid for %(days)d days after it is given",
        terms.valid_days,
    ) % {"days": terms.valid_days}  # fmt: skip


def _after_undo(terms: FrozenTerms) -> str:
    """Return when a used code may be used again, or "" where it never may."""
    undone = (
        (terms.code_after_cancellation, gettext("cancelled")),
        (terms.code_after_refund, gettext("refunded")),
        (terms.code_after_partial_refund, gettext("partly refunded")),
    )
    released = [word for policy, word in undone if policy == "release"]
    if not released:
        return gettext("Stays used, also when the order that used it is undone")
    return gettext("May be used again when the order that used it is %(undone)s") % {
        "undone": gettext(" or ").join(released)
    }


def _amounts(terms: FrozenTerms, name: str, currency: str) -> str:
    """Return the amount in `currency` where the terms speak of it, else each of them; "" when there is none."""
    known = terms.in_currency(currency)
    rows = terms.amounts if known is None else (known,)
    return " / ".join(_money(row, name) for row in rows if getattr(row, name) is not None)


def _money(row: CurrencyTerms, name: str) -> str:
    return Money.from_minor(getattr(row, name), row.currency).formatted(_language())


def _percent(percent: Decimal) -> str:
    share = (percent / 100).normalize()
    return format_percent(share, locale=babel_locale(_language()), decimal_quantization=False)


def _language() -> str:
    return get_language() or "en"
