"""Addresses made unreadable for lists and logs. Pure."""

from __future__ import annotations


def mask_email(email: str) -> str:
    """Return an e-mail address by which its owner could be recognised, but not written to: "a…@e….com"."""
    local, at, domain = email.rpartition("@")
    if not at or not local:
        return "…" if email else ""
    name, dot, ending = domain.rpartition(".")
    return f"{local[0]}…@{name[:1] or ''}…{dot}{ending if dot else ''}"


def mask_phone(phone: str) -> str:
    """Return a phone number's last two digits: "…42"."""
    digits = [character for character in phone if character.isdigit()]
    return "…" + "".join(digits[-2:]) if len(digits) > 4 else ("…" if phone else "")


def mask_name(first: str, last: str) -> str:
    """Return initials: "A. L."."""
    return " ".join(f"{part.strip()[0]}." for part in (first, last) if part.strip())
