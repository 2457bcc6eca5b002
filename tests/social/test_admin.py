"""What staff can do with channels, social invites and share prompts in admin."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from django_ppx.social.models import SharePrompt, SharePromptText, SocialChannel, SocialInvite
from django_ppx.testing import make_offer
from tests.admin_pages import count_queries, error_texts, form_data
from tests.social.test_invite_kind import make_channel, make_invite

pytestmark = pytest.mark.django_db


def add_url(model: str) -> str:
    return reverse(f"admin:django_ppx_{model}_add")


def list_url(model: str) -> str:
    return reverse(f"admin:django_ppx_{model}_changelist")


def change_url(model: str, pk: int) -> str:
    return reverse(f"admin:django_ppx_{model}_change", args=[pk])


def add(client: Client, model: str, **typed: Any) -> HttpResponse:
    return client.post(add_url(model), form_data(client.get(add_url(model)), **typed))


# Channels


def test_staff_add_a_channel_however_they_write_its_handle(admin_client: Client) -> None:
    response = add(
        admin_client,
        "socialchannel",
        network="instagram",
        handle="@Kiln.Studio ",
        url="https://www.instagram.com/kiln.studio/",
    )

    assert response.status_code == 302, error_texts(response)
    channel = SocialChannel.objects.get()
    assert (channel.network, channel.handle) == ("instagram", "Kiln.Studio")


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        (
            {"network": "x", "url": "https://notx.com/kiln"},
            {
                "url": [
                    "This is no address of X: it starts with https:// and its host is one of x.com, twitter.com."
                ]
            },
        ),
        (
            {"network": "other", "label": "Forum", "url": "http://forum.example.com/"},
            {"url": ["Write an address that starts with https://."]},
        ),
        (
            {"network": "other", "url": "https://forum.example.com/"},
            {"label": ["Say what customers find there, such as “Our newsletter”."]},
        ),
        (
            {"network": "x", "url": "https://x.com/kiln", "handle": "two words"},
            {"handle": ["A handle has letters, digits, dots, dashes and underscores only."]},
        ),
    ],
)
def test_a_channel_that_leads_elsewhere_is_refused(
    admin_client: Client, typed: dict[str, str], errors: dict[str, list[str]]
) -> None:
    response = add(admin_client, "socialchannel", **typed)

    assert error_texts(response) == errors
    assert not SocialChannel.objects.exists()


# Invites


def test_staff_add_an_invite(admin_client: Client) -> None:
    channel = make_channel()

    response = add(
        admin_client,
        "socialinvite",
        name="Follow us",
        status="active",
        channels=[channel.pk],
        variants__0__text_en_headline="Follow us",
    )

    assert response.status_code == 302, error_texts(response)
    invite = SocialInvite.objects.get()
    assert invite.kind == "social_invite"
    assert list(invite.channels.all()) == [channel]


def test_an_active_invite_needs_a_channel_that_is_on(admin_client: Client) -> None:
    channel = make_channel(is_active=False)

    response = add(
        admin_client,
        "socialinvite",
        name="Follow us",
        status="active",
        channels=[channel.pk],
        variants__0__text_en_headline="Follow us",
    )

    assert error_texts(response) == {
        "channels": ["Choose at least one channel that is switched on."]
    }
    assert not SocialInvite.objects.exists()


def test_an_invite_without_channels_is_refused_even_as_a_draft(admin_client: Client) -> None:
    response = add(
        admin_client, "socialinvite", name="Follow us", variants__0__text_en_headline="Follow us"
    )

    assert error_texts(response) == {"channels": ["This field is required."]}


def test_the_form_costs_the_same_with_any_number_of_channels(admin_client: Client) -> None:
    invite = make_invite(make_channel())
    at_one = count_queries(lambda: admin_client.get(change_url("socialinvite", invite.pk)))
    invite.channels.add(*(make_channel() for _ in range(5)))

    at_six = count_queries(lambda: admin_client.get(change_url("socialinvite", invite.pk)))

    assert at_six == at_one


@pytest.mark.parametrize("kind", ["social_invite", "share_prompt"])
def test_the_lists_cost_the_same_with_any_number_of_offers(admin_client: Client, kind: str) -> None:
    url = list_url(kind.replace("_", ""))
    make_offer(kind)
    at_one = count_queries(lambda: admin_client.get(url))
    for _ in range(5):
        make_offer(kind)

    at_six = count_queries(lambda: admin_client.get(url))

    assert at_six == at_one


# Share prompts


def test_staff_add_a_share_prompt_in_two_languages(admin_client: Client) -> None:
    channel = make_channel(handle="kiln")

    response = add(
        admin_client,
        "shareprompt",
        name="Share",
        status="active",
        tagged_channel=channel.pk,
        networks=["email", "whatsapp"],
        texts__0__text="My {product} by {handle} {hashtags}",
        texts__0__hashtags="handmade, #slow",
        texts__1__text="Mein {product}",
        variants__0__text_en_headline="Share it",
    )

    assert response.status_code == 302, error_texts(response)
    prompt = SharePrompt.objects.get()
    assert prompt.networks == ["whatsapp", "email"]
    assert list(
        SharePromptText.objects.order_by("pk").values_list("prompt", "language", "text", "hashtags")
    ) == [
        (prompt.pk, "en", "My {product} by {handle} {hashtags}", "#handmade #slow"),
        (prompt.pk, "de", "Mein {product}", ""),
    ]


def test_the_form_offers_a_row_per_language_that_has_no_text_yet(admin_client: Client) -> None:
    prompt = make_offer("share_prompt")
    SharePromptText.objects.create(prompt=prompt, language="de", text="Mein {product}")

    page = admin_client.get(change_url("shareprompt", prompt.pk))

    forms = page.context["inline_admin_formsets"][0].formset.forms
    assert [(form["language"].value(), form["text"].value()) for form in forms] == [
        ("de", "Mein {product}"),
        ("en", None),
        ("ar", None),
    ]


def test_saving_without_a_change_adds_no_text(admin_client: Client) -> None:
    prompt = make_offer("share_prompt")
    SharePromptText.objects.create(prompt=prompt, language="en", text="My {product}")
    url = change_url("shareprompt", prompt.pk)

    response = admin_client.post(url, form_data(admin_client.get(url)))

    assert response.status_code == 302, error_texts(response)
    assert list(SharePromptText.objects.values_list("language", "text")) == [("en", "My {product}")]


def test_a_text_in_a_language_that_the_shop_gave_up_is_kept(admin_client: Client) -> None:
    prompt = make_offer("share_prompt")
    SharePromptText.objects.create(prompt=prompt, language="nl", text="Mijn {product}")
    url = change_url("shareprompt", prompt.pk)

    response = admin_client.post(url, form_data(admin_client.get(url)))

    assert response.status_code == 302, error_texts(response)
    assert SharePromptText.objects.get().language == "nl"


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        (
            {"texts__0__text": "{price} of {product}"},
            {
                "texts-0-text": [
                    "Nothing fills {price}. You can use {product}, {handle}, {hashtags}, {shop}."
                ]
            },
        ),
        (
            {"texts__0__text": "{product"},
            {
                "texts-0-text": [
                    "A brace is left over. Placeholders are {product}, {handle}, {hashtags}, {shop}."
                ]
            },
        ),
        (
            {"texts__0__text": "By {handle}"},
            {
                "texts-0-text": [
                    "The text asks for a handle: choose an account to tag that has one."
                ]
            },
        ),
        ({"texts__0__text": "{hashtags}"}, {"texts-0-hashtags": ["The text asks for hashtags."]}),
        (
            {"texts__0__text": "At {shop}"},
            {
                "texts-0-text": [
                    "The text asks for the shop's name, and the setting PPX_SHOP_NAME is empty."
                ]
            },
        ),
        ({"status": "active"}, {"texts": ["Write the prepared text in at least one language."]}),
        (
            {
                "texts__0__text": "My {product}",
                "texts__1__text": "Twice",
                "texts__1__language": "en",
            },
            {"texts": ["Please correct the duplicate data for language."], "texts-1-__all__": []},
        ),
        (
            {"texts__0__text": "My {product}", "share_url": "javascript:alert(1)"},
            {"share_url": ["Enter a valid URL."]},
        ),
    ],
)
def test_a_text_that_could_not_be_filled_is_refused(
    admin_client: Client, typed: dict[str, str], errors: dict[str, list[str]]
) -> None:
    response = add(
        admin_client,
        "shareprompt",
        **{"name": "Share", "variants__0__text_en_headline": "Share", **typed},
    )

    assert response.status_code == 200
    found = error_texts(response)
    assert set(found) == set(errors)
    assert {name: texts for name, texts in found.items() if errors[name]} == {
        name: texts for name, texts in errors.items() if texts
    }
    assert not SharePrompt.objects.exists()


def test_whoever_may_change_the_prompt_may_change_its_texts(client: Client) -> None:
    editor = User.objects.create_user("editor", is_staff=True)
    editor.user_permissions.set(Permission.objects.filter(codename="change_shareprompt"))
    client.force_login(editor)
    prompt = make_offer("share_prompt", status="draft")
    text = SharePromptText.objects.create(prompt=prompt, language="en", text="My {product}")
    url = change_url("shareprompt", prompt.pk)

    response = client.post(url, form_data(client.get(url), texts__0__text="Our {product}"))

    assert response.status_code == 302, error_texts(response)
    text.refresh_from_db()
    assert text.text == "Our {product}"


@pytest.mark.parametrize("model", ["socialchannel", "socialinvite", "shareprompt"])
def test_without_a_permission_there_is_nothing(client: Client, model: str) -> None:
    client.force_login(User.objects.create_user("nobody", is_staff=True))

    assert client.get(list_url(model)).status_code == 403
    assert client.get(add_url(model)).status_code == 403
