"""The ready-made platforms, and which addresses their rules reach."""

from __future__ import annotations

import pytest

from django_ppx.reviews.platform_rules import BADGE_ONLY, READY_PLATFORMS, rules_for
from django_ppx.reviews.url_templates import find_problem


def ready(slug: str):
    return next(platform for platform in READY_PLATFORMS if platform.slug == slug)


@pytest.mark.parametrize(
    ("url", "slug"),
    [
        ("https://search.google.com/local/writereview?placeid=abc", "google"),
        ("https://www.google.de/maps", "google"),
        ("https://www.google.co.uk/maps", "google"),
        ("https://g.page/r/abc/review", "google"),
        ("https://de.trustpilot.com/evaluate/shop.example.com", "trustpilot"),
        ("https://www.amazon.com.au/review", "amazon"),
        ("https://www.amazon.de/review", "amazon"),
        ("https://www.yelp.com/biz/shop", "yelp"),
        ("https://WWW.YELP.CO.UK./biz/shop", "yelp"),
        ("https://www.tripadvisor.com/UserReviewEdit-1", "tripadvisor"),
    ],
)
def test_an_address_is_known_by_its_site(url: str, slug: str) -> None:
    known = rules_for(url)

    assert known is not None
    assert known.slug == slug


@pytest.mark.parametrize(
    "url",
    [
        "https://google.example.com/",
        "https://notgoogle.com/",
        "https://example.com/google.com",
        "https://amazon.shop.example.com/",
        "https://shop.example.com/reviews",
    ],
)
def test_other_sites_are_not_mistaken_for_a_platform(url: str) -> None:
    assert rules_for(url) is None


@pytest.mark.parametrize("slug", ["google", "amazon", "trustpilot", "yelp"])
def test_platforms_that_forbid_rewards_say_so(slug: str) -> None:
    assert ready(slug).allows_reward is False


@pytest.mark.parametrize("slug", ["google", "amazon", "trustpilot"])
def test_platforms_that_want_all_buyers_asked_alike_say_so(slug: str) -> None:
    assert ready(slug).requires_all_customers is True


def test_yelp_is_the_one_that_is_never_asked_for() -> None:
    assert [platform.slug for platform in READY_PLATFORMS if platform.asking == BADGE_ONLY] == [
        "yelp"
    ]


def test_a_date_stands_only_beside_a_source() -> None:
    for platform in READY_PLATFORMS:
        assert (platform.rules_checked_date is None) == (platform.rules_source == ""), platform.slug


def test_every_ready_made_address_is_valid_and_yet_to_be_completed() -> None:
    for platform in READY_PLATFORMS:
        assert find_problem(platform.url_template) is None, platform.slug
        assert "YOUR-" in platform.url_template, platform.slug


def test_short_names_are_unique() -> None:
    slugs = [platform.slug for platform in READY_PLATFORMS]

    assert len(set(slugs)) == len(slugs)
