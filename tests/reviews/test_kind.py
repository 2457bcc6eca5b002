"""The review request, and the rules that hold of it whatever the tables say (GUARD 7 of the design)."""

from __future__ import annotations

import inspect
from dataclasses import fields
from typing import Any

import pytest

from django_ppx.offers.duplicating import duplicate_offer
from django_ppx.offers.kinds import Destination
from django_ppx.offers.moments import CustomerFacts, LineFacts, Moment, PurchaseFacts
from django_ppx.reviews import choosing
from django_ppx.reviews.choosing import PlatformConfig, ReviewConfig
from django_ppx.reviews.kind import ReviewRequestKind
from django_ppx.reviews.models import ReviewPlatform, ReviewRequest
from django_ppx.rewards.models import Benefit, DiscountCode
from django_ppx.testing import make_audience, make_offer
from tests.moments import make_context, make_moment

KIND = ReviewRequestKind()


def make_platform(slug: str = "kiln", **overrides: Any) -> ReviewPlatform:
    values = {
        "name": slug.title(),
        "slug": slug,
        "url_template": f"https://{slug}.example.com/review",
        **overrides,
    }
    return ReviewPlatform.objects.create(**values)


def make_request(*platforms: ReviewPlatform, **overrides: Any) -> ReviewRequest:
    offer = make_offer("review_request", **overrides)
    offer.platforms.set(platforms)
    return offer


def config_of(offer: ReviewRequest) -> ReviewConfig:
    return KIND.configure([offer.pk])[offer.pk]


def platform(
    pk: int, url_template: str = "https://example.com/review", **overrides: Any
) -> PlatformConfig:
    return PlatformConfig(
        **{
            "id": pk,
            "name": f"P{pk}",
            "slug": f"p{pk}",
            "icon": "star",
            "url_template": url_template,
            **overrides,
        }
    )


def keys(config: ReviewConfig, **overrides: Any) -> list[str]:
    parts = KIND.parts(config, make_context(make_moment(**overrides)))
    return [destination.key for destination in parts.destinations]


def test_one_platform_has_the_button_of_the_variant() -> None:
    config = ReviewConfig(platforms=(platform(1),))

    parts = KIND.parts(config, make_context(button="Write a review"))

    assert parts.destinations == (
        Destination(
            key="platform-1",
            label="Write a review",
            url="https://example.com/review",
            icon="star",
            channel="p1",
        ),
    )


def test_several_platforms_have_their_names() -> None:
    config = ReviewConfig(platforms=(platform(1), platform(2)), max_platforms=2)

    parts = KIND.parts(config, make_context(button="Write a review"))

    assert [destination.label for destination in parts.destinations] == ["P1", "P2"]


def test_the_first_platforms_of_the_country_are_chosen() -> None:
    config = ReviewConfig(
        platforms=(
            platform(1, countries=frozenset({"FR"})),
            platform(2, countries=frozenset({"DE", "AT"})),
            platform(3),
            platform(4),
        ),
        max_platforms=2,
    )

    assert keys(config) == ["platform-2", "platform-3"]
    assert keys(config, country="fr") == ["platform-1", "platform-3"]
    assert keys(config, country="") == ["platform-3", "platform-4"]


def test_where_nothing_fits_the_country_there_is_no_card() -> None:
    config = ReviewConfig(platforms=(platform(1, countries=frozenset({"FR"})),))

    assert not KIND.is_available(config, make_moment())
    assert KIND.is_available(config, make_moment(country="FR"))


def test_a_platform_that_reviews_products_needs_one() -> None:
    config = ReviewConfig(platforms=(platform(1, "https://example.com/{sku}"), platform(2)))

    assert keys(config) == ["platform-1"]
    assert keys(config, lines=(LineFacts(title="Gone"),)) == ["platform-2"]


def test_a_profile_link_is_worded_neutrally_whatever_the_button_says() -> None:
    config = ReviewConfig(platforms=(platform(1, is_badge_only=True, name="Yelp"),))

    (destination,) = KIND.parts(config, make_context(button="Review us now!")).destinations

    assert destination.label == "See our profile on Yelp"


# What the law and the platforms ask of it


def test_ftc_no_reward_can_hang_on_a_review_request() -> None:
    related = {
        field.related_model for field in ReviewRequest._meta.get_fields() if field.is_relation
    }

    assert not KIND.gives_code
    assert type(KIND).grant is ReviewRequestKind.__mro__[1].grant
    assert not related & {Benefit, DiscountCode}


def test_ftc_a_rating_is_not_among_the_facts_that_choose() -> None:
    facts = {
        field.name
        for cls in (Moment, PurchaseFacts, CustomerFacts, LineFacts)
        for field in fields(cls)
    }
    code = "".join(
        inspect.getsource(function)
        for name, function in inspect.getmembers(choosing, inspect.isfunction)
    )

    assert not {name for name in facts if "rating" in name or "satisf" in name or "score" in name}
    assert "rating" not in code


@pytest.mark.django_db
@pytest.mark.parametrize(
    "url_template",
    [
        "https://search.google.com/local/writereview?placeid=abc",
        "https://www.amazon.de/review/create-review/?asin={sku}",
        "https://www.trustpilot.com/evaluate/shop.example.com",
    ],
)
def test_google_amazon_trustpilot_are_not_asked_of_some_buyers_only_even_past_the_form(
    url_template: str,
) -> None:
    row = make_platform(url_template=url_template, requires_all_customers=False)
    audience = make_audience([("order_total", "gte", {"amount": "50", "currency": "EUR"})])
    everybody = make_request(row)
    some = make_request(row, audience=audience)

    assert KIND.is_available(config_of(everybody), make_moment())
    assert not KIND.is_available(config_of(some), make_moment())


@pytest.mark.django_db
def test_an_audience_by_country_and_language_keeps_the_request() -> None:
    audience = make_audience([("country", "in", ["DE"]), ("language", "eq", "de")])
    offer = make_request(make_platform(), audience=audience)

    assert KIND.is_available(config_of(offer), make_moment())
    assert KIND.problems(offer) == ()


@pytest.mark.django_db
def test_an_audience_may_select_where_the_platform_does_not_mind() -> None:
    audience = make_audience([("orders_so_far", "gte", 2)])
    offer = make_request(make_platform(requires_all_customers=False), audience=audience)

    assert KIND.is_available(config_of(offer), make_moment())


@pytest.mark.django_db
def test_yelp_is_a_profile_link_even_where_the_row_says_otherwise() -> None:
    row = make_platform(
        "yelp", name="Yelp", url_template="https://www.yelp.com/biz/kiln", asking="allowed"
    )
    offer = make_request(row)

    (destination,) = KIND.parts(config_of(offer), make_context(button="Rate us")).destinations

    assert destination.label == "See our profile on Yelp"


@pytest.mark.django_db
def test_yelp_beside_a_request_is_left_out() -> None:
    yelp = make_platform("yelp", asking="badge_only", priority=1)
    other = make_platform("kiln", priority=2)
    offer = make_request(yelp, other, max_platforms=2)

    assert keys(config_of(offer)) == [f"platform-{other.pk}"]


# In the tables


@pytest.mark.django_db
def test_a_platform_that_is_switched_off_is_left_out() -> None:
    offer = make_request(make_platform(is_active=False))

    assert config_of(offer).platforms == ()


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 5])
def test_any_number_of_offers_is_configured_in_three_queries(
    count: int, django_assert_num_queries
) -> None:
    platforms = [make_platform("a"), make_platform("b")]
    offers = [make_request(*platforms) for _ in range(count)]

    with django_assert_num_queries(3):
        configs = KIND.configure([offer.pk for offer in offers])

    assert [len(configs[offer.pk].platforms) for offer in offers] == [2] * count


@pytest.mark.django_db
def test_activation_says_what_is_in_the_way() -> None:
    audience = make_audience([("orders_so_far", "gte", 2)], name="Regulars")
    offer = make_request(
        make_platform("google", name="Google"),
        make_platform("yelp", name="Yelp", asking="badge_only"),
        audience=audience,
    )

    assert list(KIND.problems(offer)) == [
        "Yelp must not be asked for reviews, and a link beside a request would be asking. "
        "Make an offer of its own for the profile link.",
        "Google, Yelp: all buyers must be asked alike, and the audience “Regulars” selects by Orders so far. "
        "Choose no audience, or one that goes by country and language only.",
    ]


@pytest.mark.django_db
def test_activation_is_refused_without_a_platform_that_is_on() -> None:
    offer = make_request(make_platform(is_active=False))

    assert list(KIND.problems(offer)) == ["Choose at least one platform that is switched on."]


@pytest.mark.django_db
def test_a_duplicate_leads_to_the_same_platforms() -> None:
    row = make_platform()
    offer = make_request(row, max_platforms=3)

    copy = duplicate_offer(offer=offer)

    assert list(copy.platforms.all()) == [row]
    assert copy.max_platforms == 3
