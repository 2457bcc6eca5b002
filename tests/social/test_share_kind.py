"""The share prompt."""

from __future__ import annotations

from typing import Any

import pytest

from django_ppx.offers.duplicating import duplicate_offer
from django_ppx.offers.moments import LineFacts
from django_ppx.social.kind import ShareConfig, SharePromptKind
from django_ppx.social.models import SharePrompt, SharePromptText
from django_ppx.social.share_texts import ShareText
from django_ppx.testing import make_offer
from tests.moments import BOWL, make_context, make_moment
from tests.social.test_invite_kind import make_channel

KIND = SharePromptKind()
CONFIG = ShareConfig(
    texts={
        "en": ShareText(text="My {product} from {shop} {handle} {hashtags}", hashtags="#handmade"),
        "de": ShareText(text="Meine Schale"),
    },
    handle="@kiln",
    networks=("whatsapp", "email"),
)


def make_prompt(*, texts: dict[str, str], **overrides: Any) -> SharePrompt:
    offer = make_offer("share_prompt", **overrides)
    for language, text in texts.items():
        SharePromptText.objects.create(
            prompt=offer, language=language, text=text, hashtags="#handmade"
        )
    return offer


@pytest.fixture(autouse=True)
def shop_name(settings) -> None:
    settings.PPX_SHOP_NAME = "Kiln"


def test_the_share_dialog_gets_text_address_and_title() -> None:
    parts = KIND.parts(CONFIG, make_context())

    assert parts.details == {
        "share_text": "My Bowl from Kiln @kiln #handmade",
        "share_url": "https://shop.example.com/bowl",
        "share_title": "Bowl",
        "copy_text": "My Bowl from Kiln @kiln #handmade\nhttps://shop.example.com/bowl",
    }


def test_plain_links_count_as_shares_per_network() -> None:
    parts = KIND.parts(CONFIG, make_context())

    assert [
        (link.key, link.label, link.icon, link.event, link.channel) for link in parts.destinations
    ] == [
        ("share-whatsapp", "WhatsApp", "whatsapp", "share", "whatsapp"),
        ("share-email", "E-mail", "mail", "share", "email"),
    ]


def test_the_text_is_in_the_language_of_the_card() -> None:
    parts = KIND.parts(CONFIG, make_context(language="de-at"))

    assert parts.details["share_text"] == "Meine Schale"


def test_an_address_of_staff_takes_the_place_of_the_product_page() -> None:
    config = ShareConfig(texts=CONFIG.texts, url="https://shop.example.com/news")

    assert (
        KIND.parts(config, make_context()).details["share_url"] == "https://shop.example.com/news"
    )


@pytest.mark.parametrize("url", ["", "/bowl", "javascript:alert(1)"])
def test_a_product_without_a_page_of_its_own_is_shared_without_address(url: str) -> None:
    moment = make_moment(lines=(LineFacts(title="Bowl", product_url=url),))

    assert KIND.parts(CONFIG, make_context(moment)).details["share_url"] == ""


def test_the_product_is_the_first_line_that_has_a_title_and_a_page() -> None:
    lines = (LineFacts(title=""), LineFacts(title="Gift wrap"), BOWL)

    parts = KIND.parts(CONFIG, make_context(make_moment(lines=lines)))

    assert parts.details["share_title"] == "Bowl"


def test_a_text_that_names_the_product_needs_one() -> None:
    assert KIND.is_available(CONFIG, make_moment())
    assert not KIND.is_available(CONFIG, make_moment(lines=()))
    assert KIND.is_available(CONFIG, make_moment(lines=(), language="de"))


def test_without_a_text_there_is_nothing_to_show() -> None:
    assert not KIND.is_available(ShareConfig(), make_moment())


def test_customer_text_is_quoted_in_the_links() -> None:
    line = LineFacts(title="Bowl & <b>co</b>?", product_url="https://shop.example.com/bowl")

    parts = KIND.parts(CONFIG, make_context(make_moment(lines=(line,))))

    assert parts.destinations[0].url == (
        "https://wa.me/?text=My%20Bowl%20%26%20%3Cb%3Eco%3C%2Fb%3E%3F%20from%20Kiln%20%40kiln%20%23handmade"
        "%0Ahttps%3A%2F%2Fshop.example.com%2Fbowl"
    )


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 5])
def test_any_number_of_offers_is_configured_in_two_queries(
    count: int, django_assert_num_queries
) -> None:
    channel = make_channel(handle="kiln")
    offers = [
        make_prompt(texts={"en": "Hello", "pt-BR": "Olá"}, tagged_channel=channel)
        for _ in range(count)
    ]

    with django_assert_num_queries(2):
        configs = KIND.configure([offer.pk for offer in offers])

    assert configs[offers[-1].pk] == ShareConfig(
        texts={
            "en": ShareText(text="Hello", hashtags="#handmade"),
            "pt-br": ShareText(text="Olá", hashtags="#handmade"),
        },
        handle="@kiln",
        networks=("whatsapp", "telegram", "facebook", "x", "pinterest", "linkedin", "email"),
    )


@pytest.mark.django_db
def test_an_account_that_is_switched_off_is_not_tagged() -> None:
    offer = make_prompt(
        texts={"en": "Hi"}, tagged_channel=make_channel(handle="kiln", is_active=False)
    )

    assert KIND.configure([offer.pk])[offer.pk].handle == ""


@pytest.mark.django_db
def test_activation_is_refused_without_a_prepared_text() -> None:
    offer = make_offer("share_prompt")

    assert [str(problem) for problem in KIND.problems(offer)] == [
        "Write the prepared text in at least one language."
    ]


@pytest.mark.django_db
def test_a_duplicate_has_texts_of_its_own() -> None:
    offer = make_prompt(texts={"en": "Hello", "de": "Hallo"})

    copy = duplicate_offer(offer=offer)
    SharePromptText.objects.filter(prompt=offer).delete()

    assert sorted(copy.texts.values_list("language", "text", "hashtags")) == [
        ("de", "Hallo", "#handmade"),
        ("en", "Hello", "#handmade"),
    ]
