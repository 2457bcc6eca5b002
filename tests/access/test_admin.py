"""API keys in admin: made and shown once, renewed, revoked, never deleted."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from django_ppx.access.admin import ApiKeyForm
from django_ppx.access.keys import read_key, revoke_key
from django_ppx.access.models import ApiKey
from django_ppx.testing import make_api_key
from tests.admin_pages import count_queries, error_texts, form_data
from tests.offers.admin_users import staff_client

pytestmark = pytest.mark.django_db

LIST = reverse("admin:django_ppx_apikey_changelist")
ADD = reverse("admin:django_ppx_apikey_add")


def page_of(key: ApiKey, name: str = "change") -> str:
    return reverse(f"admin:django_ppx_apikey_{name}", args=[key.pk])


def shown_key(response) -> str:
    [text] = re.findall(r'id="ppx-secret"[^>]*>(ppx_[^<]+)<', response.content.decode())
    return text


def test_staff_make_a_key_and_see_its_text_once(admin_client, admin_user) -> None:
    page = admin_client.get(ADD)
    typed = form_data(page, name="The warehouse", scopes=["orders:write"])

    made = admin_client.post(ADD, typed)

    [key] = ApiKey.objects.all()
    assert (key.name, key.scopes, key.created_by) == (
        "The warehouse",
        ["orders:write"],
        admin_user,
    )
    assert read_key(shown_key(made), now=timezone.now()) == key
    assert made["Cache-Control"].startswith("private, no-store")
    for address in (LIST, page_of(key)):
        html = admin_client.get(address).content.decode()
        assert f"ppx_{key.prefix}_…" in html
        assert shown_key(made) not in html
        assert key.secret_hash not in html


def test_a_form_that_is_sent_twice_makes_one_key(admin_client) -> None:
    typed = form_data(admin_client.get(ADD), name="The warehouse", scopes=["orders:write"])

    admin_client.post(ADD, typed)
    again = admin_client.post(ADD, typed, follow=True)

    assert ApiKey.objects.count() == 1
    assert "is made already" in again.content.decode()


@pytest.mark.parametrize("scopes", [[], ["orders:everything"]])
def test_a_key_is_for_something(admin_client, scopes: list[str]) -> None:
    answer = admin_client.post(ADD, form_data(admin_client.get(ADD), name="A", scopes=scopes))

    assert list(error_texts(answer)) == ["scopes"]
    assert not ApiKey.objects.exists()


def test_a_key_does_not_begin_expired(admin_client) -> None:
    typed = {"expires_at_0": "2020-01-01", "expires_at_1": "12:00"}

    answer = admin_client.post(
        ADD, {**form_data(admin_client.get(ADD), name="A", scopes=["orders:write"]), **typed}
    )

    assert error_texts(answer) == {"expires_at": ["Choose a time to come."]}


def test_what_a_key_may_can_be_changed_and_its_secret_stays(admin_client) -> None:
    made = make_api_key("orders:write")
    page = admin_client.get(page_of(made.key))

    admin_client.post(page_of(made.key), form_data(page, scopes=["offers:read"]))

    made.key.refresh_from_db()
    assert made.key.scopes == ["offers:read"]
    assert read_key(made.text, now=timezone.now()) == made.key


def test_a_renewed_key_has_two_secrets_for_a_day(admin_client) -> None:
    made = make_api_key()

    asked = admin_client.get(page_of(made.key, "rotate"))
    answer = admin_client.post(page_of(made.key, "rotate"))

    assert "works for 24 hours more" in asked.content.decode()
    for text in (made.text, shown_key(answer)):
        assert read_key(text, now=timezone.now()) == made.key
    assert "works until" in admin_client.get(page_of(made.key)).content.decode()


def test_a_revoked_key_is_refused_and_stays_in_the_list(admin_client) -> None:
    made = make_api_key()

    admin_client.post(page_of(made.key, "revoke"))

    assert read_key(made.text, now=timezone.now()) is None
    assert "Revoked" in admin_client.get(LIST).content.decode()
    again = admin_client.post(page_of(made.key, "rotate"), follow=True)
    assert "This key is revoked." in again.content.decode()


def test_ticked_keys_are_revoked_together(admin_client) -> None:
    keys = [make_api_key().key, make_api_key().key]

    answer = admin_client.post(
        LIST, {"action": "revoke", "_selected_action": [key.pk for key in keys]}, follow=True
    )

    assert "2 keys revoked." in answer.content.decode()
    assert ApiKey.objects.filter(revoked_at=None).count() == 0


def test_who_may_only_look_can_neither_renew_nor_revoke() -> None:
    made = make_api_key()
    client = staff_client("view_apikey")

    html = client.get(page_of(made.key)).content.decode()

    assert "Renew the secret" not in html
    for name in ("rotate", "revoke"):
        assert client.get(page_of(made.key, name)).status_code == 403
        assert client.post(page_of(made.key, name)).status_code == 403
    client.post(LIST, {"action": "revoke", "_selected_action": [made.key.pk]})
    assert read_key(made.text, now=timezone.now()) == made.key


def test_the_list_costs_the_same_with_many_keys(admin_client) -> None:
    make_api_key()
    one = count_queries(lambda: admin_client.get(LIST))
    for _key in range(9):
        make_api_key()

    assert count_queries(lambda: admin_client.get(LIST)) == one


def test_saving_a_key_that_is_revoked_meanwhile_does_not_revive_it(
    admin_client, monkeypatch
) -> None:
    made = make_api_key("orders:write")
    page = admin_client.get(page_of(made.key))
    is_valid = ApiKeyForm.is_valid

    def revoked_in_between(form: ApiKeyForm) -> bool:
        revoke_key(key_id=made.key.pk, now=timezone.now())
        return is_valid(form)

    monkeypatch.setattr(ApiKeyForm, "is_valid", revoked_in_between)

    admin_client.post(page_of(made.key), form_data(page, scopes=["offers:read"]))

    made.key.refresh_from_db()
    assert made.key.scopes == ["offers:read"]
    assert read_key(made.text, now=timezone.now()) is None
