"""By which normalised keys a person is known. Pure: no database.

Keys compare people; they never address them. Mail goes to the address as written. Plus-tags and
dots stay part of an identity, because they may be different people; reward limits fold them on
their own.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from functools import lru_cache
from typing import Final

from django_ppx.conf import ppx_settings
from django_ppx.core.texts import clean_text
from django_ppx.shop.types import Customer

try:
    import phonenumbers
except ImportError:  # the extra `phone` is not installed
    phonenumbers = None  # type: ignore[assignment]

_PLAIN_ID: Final = re.compile(r"[0-9a-z._-]{1,64}")
_FEWEST_DIGITS: Final = 5


def customer_keys(customer: Customer) -> tuple[str, ...]:
    """Return the keys that name this customer, strongest first; none if the customer left nothing.

    Account and e-mail both count. The phone counts when there is neither, since families share one.
    """
    keys = []
    if account_id := clean_text(customer.account_id):
        keys.append(account_key(account_id))
    if email := normalize_email(clean_text(customer.email)):
        keys.append(f"email:{keyed_digest('email', email)}")
    if not keys:
        phone = normalize_phone(clean_text(customer.phone), clean_text(customer.country))
        keys += [f"phone:{keyed_digest('phone', phone)}"] if phone else []
    return tuple(keys)


def limit_keys(customer: Customer) -> tuple[str, ...]:
    """Return the keys under which a person's uses are counted; none if the customer left nothing.

    As `customer_keys`, but addresses that reach the same mailbox are one: "A.da+shop@gmail.com" is "ada@gmail.com".
    To be used for limits alone: two people may share what is folded here.
    """
    keys = []
    if account_id := clean_text(customer.account_id):
        keys.append(account_key(account_id))
    if email := fold_mailbox(clean_text(customer.email)):
        keys.append(f"email:{keyed_digest('mailbox', email)}")
    if not keys:
        phone = normalize_phone(clean_text(customer.phone), clean_text(customer.country))
        keys += [f"phone:{keyed_digest('phone', phone)}"] if phone else []
    return tuple(keys)


_DOTS_IGNORED: Final = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}
"""Domains whose mailboxes are the same with and without dots, and the name that stands for them."""


def fold_mailbox(email: str) -> str:
    """Return the address without what a mailbox ignores (case, a tag after "+", dots at Gmail), or "" if it is none.

    "A.da+shop@googlemail.com" is "ada@gmail.com"; mail still goes to the address as it was written.
    """
    local, _at, domain = normalize_email(email).rpartition("@")
    mailbox = local.partition("+")[0] or local
    if domain in _DOTS_IGNORED:
        mailbox, domain = mailbox.replace(".", "") or mailbox, _DOTS_IGNORED[domain]
    return f"{mailbox}@{domain}" if domain else ""


def account_key(account_id: str) -> str:
    """Return the key of a shop account: `account:42`.

    Ids with other than lower-case letters and digits are hashed, for a column that compares "Ab"
    and "ab" as equal.
    """
    if _PLAIN_ID.fullmatch(account_id):
        return f"account:{account_id}"
    return f"account:{hashlib.sha256(_encoded(account_id)).hexdigest()}"


def normalize_email(email: str) -> str:
    """Return the address in the one form it is compared in, or "" when it is no address.

    Compatibility characters and case are folded, an international domain is written in ASCII:
    "Ada@BÜCHER.example" is "ada@xn--bcher-kva.example".
    """
    local, at, domain = _folded(email).rpartition("@")
    local, domain = local.strip(), domain.strip().rstrip(".")
    if not (at and local and domain):
        return ""
    return f"{local}@{_ascii_domain(domain)}"


def normalize_phone(phone: str, country: str = "") -> str:
    """Return the number in E.164 ("+49301234567"), or "" when it is none.

    A number without its country's prefix needs `country` (ISO 3166-1 alpha-2) and the extra
    `phone`; otherwise its digits are taken as they are.
    """
    phone = unicodedata.normalize("NFKC", phone).strip()
    if phonenumbers is not None:
        try:
            number = phonenumbers.parse(phone, country.upper() or None)
        except phonenumbers.NumberParseException:
            pass
        else:
            if phonenumbers.is_possible_number(number):
                return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    digits = "".join(str(unicodedata.decimal(mark)) for mark in phone if mark.isdecimal())
    digits = digits.removeprefix("00")
    return f"+{digits}" if len(digits) >= _FEWEST_DIGITS else ""


def _folded(text: str) -> str:
    """Return `text` without differences of case and form; folding it again changes nothing."""
    text = text.strip()
    for _round in range(3):
        folded = unicodedata.normalize("NFKC", text).casefold().strip()
        if folded == text:
            break
        text = folded
    return unicodedata.normalize("NFKC", text)


@lru_cache(maxsize=1024)
def _ascii_domain(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:  # an empty or overlong label: compared as it is written
        return domain


def keyed_digest(kind: str, value: str) -> str:
    """Return the HMAC under which `value` is kept where it must be found again, but not read: 64 hex digits."""
    secret = ppx_settings.PPX_IDENTITY_SECRET
    return hmac.new(_encoded(secret), _encoded(f"{kind}:{value}"), hashlib.sha256).hexdigest()


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
