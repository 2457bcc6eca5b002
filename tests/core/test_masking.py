"""Addresses made unreadable."""

from __future__ import annotations

import pytest

from django_ppx.core.masking import mask_email, mask_name, mask_phone


@pytest.mark.parametrize(
    ("email", "masked"),
    [
        ("ada@example.com", "a…@e….com"),
        ("ada.lee+shop@mail.example.co.uk", "a…@m….uk"),
        ("ada@localhost", "a…@…"),
        ("@example.com", "…"),
        ("nonsense", "…"),
        ("", ""),
    ],
)
def test_an_address_keeps_a_letter_of_each_part(email: str, masked: str) -> None:
    assert mask_email(email) == masked


@pytest.mark.parametrize(("phone", "masked"), [("+49 30 123456", "…56"), ("1234", "…"), ("", "")])
def test_a_phone_number_keeps_two_digits(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


def test_a_name_becomes_initials() -> None:
    assert mask_name(" Ada ", "Lee") == "A. L."
    assert mask_name("", "Lee") == "L."
    assert mask_name("", "") == ""
