from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from django_ppx.core import identity
from django_ppx.core.identity import account_key, customer_keys, normalize_email, normalize_phone
from django_ppx.shop.types import Customer

local_parts = st.text(
    st.characters(blacklist_categories=["Cc", "Cs", "Z"], blacklist_characters="@"), min_size=1
)
domains = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?\.(example|test)", fullmatch=True)


@pytest.mark.parametrize(
    ("written", "normalised"),
    [
        ("ada@example.com", "ada@example.com"),
        ("  Ada@Example.COM\n", "ada@example.com"),
        ("ada+shop@example.com", "ada+shop@example.com"),
        ("a.da@example.com", "a.da@example.com"),
        ("ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
        ("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
        ("ada@bu\u0308cher.example", "ada@xn--bcher-kva.example"),
        ("ＡＤＡ@example.com", "ada@example.com"),
        ("ada＠example.com", "ada@example.com"),
        ("ada@example.com.", "ada@example.com"),
        ('"odd @ one"@example.com', '"odd @ one"@example.com'),
        ("straße@example.com", "strasse@example.com"),
        ("ada@" + "x" * 80 + ".example", "ada@" + "x" * 80 + ".example"),
        ("", ""),
        ("ada", ""),
        ("@example.com", ""),
        ("ada@", ""),
        (" @ ", ""),
    ],
)
def test_an_address_has_one_normalised_form(written: str, normalised: str) -> None:
    assert normalize_email(written) == normalised


@given(local_parts, domains)
@example("İ", "shop.example")
@example("ﬃ", "shop.example")
@example("\u1e9e", "shop.example")
def test_normalising_an_address_again_changes_nothing(local: str, domain: str) -> None:
    once = normalize_email(f"{local}@{domain}")

    assert normalize_email(once) == once


@given(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1), domains)
def test_case_and_space_around_never_make_another_person(local: str, domain: str) -> None:
    plain = normalize_email(f"{local}@{domain}")

    assert normalize_email(f" {local.upper()}@{domain.upper()} ") == plain


@given(local_parts, domains)
def test_composed_and_decomposed_letters_are_the_same_person(local: str, domain: str) -> None:
    composed = unicodedata.normalize("NFC", local)
    decomposed = unicodedata.normalize("NFD", local)

    assert normalize_email(f"{composed}@{domain}") == normalize_email(f"{decomposed}@{domain}")


@given(st.text())
def test_no_text_breaks_the_keys(text: str) -> None:
    customer = Customer(account_id=text, email=text, phone=text, country=text[:2])

    assert all(len(key) <= 120 and key.isascii() for key in customer_keys(customer))


@pytest.mark.parametrize(
    ("written", "country", "normalised"),
    [
        ("+49 30 1234567", "", "+49301234567"),
        ("0049 30 1234567", "DE", "+49301234567"),
        ("030 1234567", "DE", "+49301234567"),
        ("030 1234567", "de", "+49301234567"),
        ("(212) 555-0123", "US", "+12125550123"),
        ("+٤٩٣٠١٢٣٤٥٦٧", "", "+49301234567"),
        ("call me", "DE", ""),
        ("", "DE", ""),
    ],
)
def test_a_phone_number_becomes_e164(written: str, country: str, normalised: str) -> None:
    assert normalize_phone(written, country) == normalised


@pytest.mark.parametrize(
    ("written", "normalised"),
    [
        ("+49 30 1234567", "+49301234567"),
        ("0049-30-1234567", "+49301234567"),
        ("030 1234567", "+0301234567"),
        ("1234", ""),
    ],
)
def test_without_the_extra_a_number_is_its_digits(
    monkeypatch: pytest.MonkeyPatch, written: str, normalised: str
) -> None:
    monkeypatch.setattr(identity, "phonenumbers", None)

    assert normalize_phone(written, "DE") == normalised


def test_a_country_that_is_none_leaves_the_digits() -> None:
    assert normalize_phone("030 1234567", "Germany") == "+0301234567"


def test_account_and_address_are_both_keys() -> None:
    keys = customer_keys(Customer(account_id="42", email="ada@example.com", phone="+49301234567"))

    assert keys[0] == "account:42"
    assert keys[1].startswith("email:")
    assert len(keys) == 2


def test_a_phone_is_a_key_only_when_there_is_nothing_else() -> None:
    (key,) = customer_keys(Customer(phone="+49 30 1234567"))

    assert key.startswith("phone:")


def test_a_customer_who_left_nothing_has_no_key() -> None:
    assert customer_keys(Customer()) == ()


def test_a_key_tells_nobody_the_address() -> None:
    (key,) = customer_keys(Customer(email="ada@example.com"))

    assert "ada" not in key
    assert len(key) == len("email:") + 64


def test_keys_depend_on_the_secret(settings) -> None:
    (before,) = customer_keys(Customer(email="ada@example.com"))
    settings.PPX_IDENTITY_SECRET = "another secret"

    (after,) = customer_keys(Customer(email="ada@example.com"))

    assert after != before


def test_the_same_digits_as_account_and_as_phone_are_different_keys() -> None:
    assert customer_keys(Customer(account_id="+49301234567")) != customer_keys(
        Customer(phone="+49301234567")
    )


@pytest.mark.parametrize("account_id", ["Ab", "ab ", "é", "x" * 65, "a:b"])
def test_an_account_id_that_a_column_could_confuse_is_hashed(account_id: str) -> None:
    key = account_key(account_id)

    assert key.startswith("account:")
    assert len(key) == len("account:") + 64
    assert key != account_key(account_id.lower() + "x")


def test_ids_that_differ_only_in_case_are_different_accounts() -> None:
    assert account_key("Ab").casefold() != account_key("ab").casefold()
