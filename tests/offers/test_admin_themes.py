"""Themes in admin: measured before they are saved, seen before they are used."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from django_ppx.offers.models import Theme
from tests.admin_pages import error_texts, form_data
from tests.offers.admin_users import staff_client

ADD = reverse("admin:django_ppx_theme_add")
LIST = reverse("admin:django_ppx_theme_changelist")
PREVIEW = reverse("admin:django_ppx_theme_preview")
CSS = reverse("admin:django_ppx_theme_preview_css")

pytestmark = pytest.mark.django_db


def run(client: Client, action: str, *themes: Theme) -> Any:
    data = {"action": action, "_selected_action": [theme.pk for theme in themes]}
    return client.post(LIST, data, follow=True)


def test_a_theme_is_saved_and_used_at_once(admin_client: Client) -> None:
    old = Theme.objects.create(name="Old", is_active=True)

    response = admin_client.post(
        ADD, form_data(admin_client.get(ADD), name="Forest", accent="#0b6a54", _use="1")
    )

    assert response.status_code == 302, error_texts(response)
    old.refresh_from_db()
    assert old.is_active is None
    assert Theme.objects.get(is_active=True).name == "Forest"


def test_saving_alone_does_not_change_which_theme_is_used(admin_client: Client) -> None:
    admin_client.post(ADD, form_data(admin_client.get(ADD), name="Forest"))

    assert Theme.objects.get().is_active is None


def test_colours_that_can_not_be_read_are_refused(admin_client: Client) -> None:
    response = admin_client.post(
        ADD, form_data(admin_client.get(ADD), name="Pale", text="#cccccc", accent="#ffd43b")
    )

    errors = error_texts(response)
    assert list(errors) == ["text", "accent"]
    assert "is 1.60 : 1" in errors["text"][0]
    assert not Theme.objects.exists()


def test_the_action_uses_exactly_one(admin_client: Client) -> None:
    one, two = Theme.objects.create(name="One"), Theme.objects.create(name="Two")

    run(admin_client, "use", one, two)
    assert not Theme.objects.filter(is_active=True).exists()

    run(admin_client, "use", two)
    assert list(Theme.objects.filter(is_active=True)) == [two]

    run(admin_client, "stop_using", two)
    assert not Theme.objects.filter(is_active=True).exists()


def test_the_action_needs_the_permission_to_change() -> None:
    theme = Theme.objects.create(name="One")

    run(staff_client("view_theme"), "use", theme)

    theme.refresh_from_db()
    assert theme.is_active is None


def test_the_preview_wears_what_is_typed(admin_client: Client) -> None:
    response = admin_client.post(PREVIEW, {"accent": "#aa0000", "preview_scheme": "dark"})

    html = response.content.decode()
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert 'data-ppx-scheme="dark"' in html
    assert f"{CSS}?" in html
    assert "accent=%23aa0000" in html
    assert "ppx-card--ticket" in html
    assert "ppx-card--banner" in html
    assert not Theme.objects.exists()


def test_the_preview_says_what_can_not_be_read(admin_client: Client) -> None:
    html = admin_client.post(PREVIEW, {"text": "#cccccc", "surface": "#ffffff"}).content.decode()

    assert "1.60 : 1" in html


def test_the_stylesheet_of_the_preview_is_made_of_checked_values(admin_client: Client) -> None:
    response = admin_client.get(
        CSS, {"accent": "#aa0000", "text": "x;}*{}", "radius": "9999", "font": "url(evil)"}
    )

    css = response.content.decode()
    assert response["Content-Type"] == "text/css; charset=utf-8"
    assert "--ppx-accent: #aa0000;" in css
    assert "x;}" not in css
    assert "evil" not in css
    assert "9999" not in css


@pytest.mark.parametrize("url", [LIST, PREVIEW, CSS])
def test_who_may_not_see_themes_gets_nothing(url: str) -> None:
    assert staff_client("view_message").get(url).status_code == 403


def test_the_list_shows_colours_without_inline_styles(admin_client: Client) -> None:
    Theme.objects.create(name="Forest", accent="#0b6a54")

    html = admin_client.get(LIST).content.decode()

    assert 'fill="#0b6a54"' in html
    assert "No theme yet" not in html


def test_no_theme_yet_is_explained(admin_client: Client) -> None:
    assert "No theme yet" in admin_client.get(LIST).content.decode()
