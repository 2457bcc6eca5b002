"""What staff can do with messages in admin."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from django_ppx.messages.models import Message
from django_ppx.offers.models import OfferVariantText
from django_ppx.testing import make_offer
from tests.admin_pages import count_queries, error_texts, form_data

ADD = reverse("admin:django_ppx_message_add")
LIST = reverse("admin:django_ppx_message_changelist")

pytestmark = pytest.mark.django_db


def change_url(offer: Message) -> str:
    return reverse("admin:django_ppx_message_change", args=[offer.pk])


def test_staff_add_a_message(admin_client: Client) -> None:
    page = admin_client.get(ADD)

    response = admin_client.post(
        ADD,
        form_data(
            page,
            name="Care",
            url="https://shop.example.com/care",
            status="active",
            variants__0__text_en_headline="How to care for your bowl",
        ),
    )

    assert response.status_code == 302, error_texts(response)
    message = Message.objects.get()
    assert (message.kind, message.name, message.status) == ("message", "Care", "active")
    assert message.url == "https://shop.example.com/care"
    text = OfferVariantText.objects.get(variant__offer=message, language="en")
    assert (text.headline, text.button) == ("How to care for your bowl", "Learn more")


def test_a_new_message_comes_with_words_to_begin_with(admin_client: Client) -> None:
    form = admin_client.get(ADD).context["inline_admin_formsets"][0].formset.forms[0]

    assert form["design"].value() == "card"
    assert form["text_en_headline"].value() == "Good to know"
    assert form["text_de_headline"].value() == "Gut zu wissen"
    assert form["text_ar_headline"].value() is None


def test_saving_without_a_change_changes_nothing(admin_client: Client) -> None:
    message = make_offer("message", url="https://shop.example.com/care")
    before = Message.objects.values().get()
    page = admin_client.get(change_url(message))

    response = admin_client.post(change_url(message), form_data(page))

    assert response.status_code == 302, error_texts(response)
    assert Message.objects.values().get() == before


def test_a_path_of_the_shop_is_a_link_too(admin_client: Client) -> None:
    page = admin_client.get(ADD)

    response = admin_client.post(
        ADD, form_data(page, name="Care", url="/care/", variants__0__text_en_headline="Care")
    )

    assert response.status_code == 302, error_texts(response)
    assert Message.objects.get().url == "/care/"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("javascript:alert(1)", "Enter a valid URL."),
        ("ftp://example.com/", "Enter a valid URL."),
        ("example", "Enter a valid URL."),
        ("//example.com", "Write a path of your own site, such as /sale/."),
    ],
)
def test_a_link_that_leads_nowhere_good_is_refused(
    admin_client: Client, url: str, sentence: str
) -> None:
    page = admin_client.get(ADD)

    response = admin_client.post(
        ADD, form_data(page, name="Care", url=url, variants__0__text_en_headline="Care")
    )

    assert response.status_code == 200
    assert error_texts(response) == {"url": [sentence]}
    assert not Message.objects.exists()


def test_the_list_costs_the_same_with_any_number_of_messages(admin_client: Client) -> None:
    make_offer("message")
    at_one = count_queries(lambda: admin_client.get(LIST))
    for _ in range(5):
        make_offer("message")

    at_six = count_queries(lambda: admin_client.get(LIST))

    assert at_six == at_one


def test_looking_is_not_changing(client: Client) -> None:
    viewer = User.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename="view_message"))
    client.force_login(viewer)
    message = make_offer("message", name="Care")

    assert client.get(LIST).status_code == 200
    assert client.get(change_url(message)).status_code == 200
    assert client.post(change_url(message), {"name": "Other"}).status_code == 403
    assert client.get(ADD).status_code == 403
    assert Message.objects.get().name == "Care"


def test_without_a_permission_there_is_nothing(client: Client) -> None:
    client.force_login(User.objects.create_user("nobody", is_staff=True))

    assert client.get(LIST).status_code == 403
