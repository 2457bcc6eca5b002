"""Plain share links."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from django_ppx.social.share_links import NETWORKS, Shared, share_links

SHARED = Shared(
    text='Bowl & "tea"\n#slow+calm', url="https://shop.example.com/p/1?a=b&c=ü", title="Bowl & tea"
)


def url_of(network: str, shared: Shared = SHARED) -> str:
    (link,) = share_links(shared, (network,))
    return link.url


@pytest.mark.parametrize(
    ("network", "host", "parameters"),
    [
        ("whatsapp", "wa.me", {"text": [f"{SHARED.text}\n{SHARED.url}"]}),
        ("telegram", "t.me", {"url": [SHARED.url], "text": [SHARED.text]}),
        ("facebook", "www.facebook.com", {"u": [SHARED.url]}),
        ("x", "x.com", {"text": [SHARED.text], "url": [SHARED.url]}),
        ("pinterest", "www.pinterest.com", {"url": [SHARED.url], "description": [SHARED.text]}),
        ("linkedin", "www.linkedin.com", {"url": [SHARED.url]}),
    ],
)
def test_a_link_carries_text_and_address_whole(
    network: str, host: str, parameters: dict[str, list[str]]
) -> None:
    parts = urlsplit(url_of(network))

    assert (parts.scheme, parts.netloc) == ("https", host)
    assert parse_qs(parts.query, strict_parsing=True) == parameters


def test_a_mail_has_subject_and_body_with_spaces_that_mail_programs_read() -> None:
    url = url_of("email")

    assert url == (
        "mailto:?subject=Bowl%20%26%20tea"
        "&body=Bowl%20%26%20%22tea%22%0D%0A%23slow%2Bcalm%0D%0A"
        "https%3A%2F%2Fshop.example.com%2Fp%2F1%3Fa%3Db%26c%3D%C3%BC"
    )


def test_networks_that_take_an_address_only_are_left_out_without_one() -> None:
    links = share_links(Shared(text="Bowl"), NETWORKS)

    assert [link.network for link in links] == ["whatsapp", "telegram", "x", "email"]


def test_without_an_address_telegram_shares_the_text() -> None:
    assert url_of("telegram", Shared(text="My bowl")) == "https://t.me/share/url?url=My%20bowl"


def test_links_stand_in_the_order_asked_for_and_unknown_networks_are_left_out() -> None:
    links = share_links(SHARED, ("x", "myspace", "whatsapp"))

    assert [(link.network, link.icon) for link in links] == [("x", "x"), ("whatsapp", "whatsapp")]
