"""What staff can do with review platforms and review requests, and what the rules of the platforms stop."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from django_ppx.reviews.models import ReviewPlatform, ReviewRequest
from django_ppx.testing import make_audience, make_offer
from tests.admin_pages import count_queries, error_texts, form_data
from tests.reviews.test_kind import make_platform, make_request

pytestmark = pytest.mark.django_db

PLATFORM_ADD = reverse("admin:django_ppx_reviewplatform_add")
PLATFORM_LIST = reverse("admin:django_ppx_reviewplatform_changelist")
INSTALL = reverse("admin:django_ppx_reviewplatform_install")
REQUEST_ADD = reverse("admin:django_ppx_reviewrequest_add")
REQUEST_LIST = reverse("admin:django_ppx_reviewrequest_changelist")


def add_platform(client: Client, **typed: Any) -> HttpResponse:
    values = {
        "name": "Kiln",
        "slug": "kiln",
        "url_template": "https://kiln.example.com/review",
        **typed,
    }
    return client.post(PLATFORM_ADD, form_data(client.get(PLATFORM_ADD), **values))


def add_request(client: Client, **typed: Any) -> HttpResponse:
    values = {"name": "Reviews", "variants__0__text_en_headline": "How was it?", **typed}
    return client.post(REQUEST_ADD, form_data(client.get(REQUEST_ADD), **values))


# Platforms


def test_staff_add_a_platform_for_some_countries(admin_client: Client) -> None:
    response = add_platform(
        admin_client,
        url_template="https://kiln.example.com/?o={order}&l={language}",
        countries="de, at DE",
    )

    assert response.status_code == 302, error_texts(response)
    platform = ReviewPlatform.objects.get()
    assert platform.countries == ["AT", "DE"]
    assert platform.url_template == "https://kiln.example.com/?o={order}&l={language}"


def test_countries_come_back_as_they_were_typed(admin_client: Client) -> None:
    platform = make_platform(countries=["AT", "DE"])
    url = reverse("admin:django_ppx_reviewplatform_change", args=[platform.pk])
    page = admin_client.get(url)

    admin_client.post(url, form_data(page))

    assert page.context["adminform"].form["countries"].value() == "AT, DE"
    assert ReviewPlatform.objects.values().get() == {
        **ReviewPlatform.objects.values().get(),
        "countries": ["AT", "DE"],
    }


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        (
            {"countries": "DE, XX"},
            {"countries": ["No country: XX. Use two-letter codes, such as DE."]},
        ),
        (
            {"countries": "Germany"},
            {"countries": ["No country: GERMANY. Use two-letter codes, such as DE."]},
        ),
        (
            {"url_template": "https://kiln.example.com/{rating}"},
            {
                "url_template": [
                    "Nothing fills one of the placeholders. You can use {order}, {sku}, {language}, {country}."
                ]
            },
        ),
        (
            {"url_template": "javascript:alert(1)"},
            {"url_template": ["The address starts with https:// or http://."]},
        ),
        (
            {"url_template": "https://{country}.example.com/"},
            {
                "url_template": [
                    "The name of the site must not change: use placeholders after it only."
                ]
            },
        ),
        (
            {"url_template": "https://www.trustpilot.com/evaluate/YOUR-DOMAIN"},
            {
                "url_template": [
                    "Put your own in the place of YOUR-DOMAIN before you switch the platform on."
                ]
            },
        ),
        ({"rules_source": "javascript:alert(1)"}, {"rules_source": ["Enter a valid URL."]}),
    ],
)
def test_a_platform_that_can_not_work_is_refused(
    admin_client: Client, typed: dict[str, str], errors: dict[str, list[str]]
) -> None:
    response = add_platform(admin_client, **typed)

    assert error_texts(response) == errors
    assert not ReviewPlatform.objects.exists()


def test_an_unfinished_address_may_wait_switched_off(admin_client: Client) -> None:
    response = add_platform(
        admin_client, url_template="https://www.trustpilot.com/evaluate/YOUR-DOMAIN", is_active=None
    )

    assert response.status_code == 302, error_texts(response)


@pytest.mark.parametrize(
    ("name", "url_template"),
    [
        ("Google", "https://search.google.com/local/writereview?placeid=abc"),
        ("Amazon", "https://www.amazon.de/review/create-review/?asin=1"),
        ("Trustpilot", "https://de.trustpilot.com/evaluate/shop.example.com"),
    ],
)
@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"allows_reward": "on"}, "allows_reward", "{} forbids any reward for a review."),
        (
            {"requires_all_customers": None},
            "requires_all_customers",
            "{} wants all buyers asked alike, the happy and the unhappy.",
        ),
    ],
)
def test_google_amazon_trustpilot_rules_can_not_be_loosened(
    admin_client: Client,
    name: str,
    url_template: str,
    typed: dict[str, Any],
    field: str,
    sentence: str,
) -> None:
    response = add_platform(admin_client, url_template=url_template, **typed)

    assert error_texts(response) == {field: [sentence.format(name)]}
    assert not ReviewPlatform.objects.exists()


def test_yelp_can_not_be_made_a_platform_that_is_asked_for(admin_client: Client) -> None:
    response = add_platform(
        admin_client, url_template="https://www.yelp.com/biz/kiln", asking="allowed"
    )

    assert error_texts(response) == {
        "asking": ["Yelp does not want customers to be asked at all: a link to the profile only."]
    }


def test_the_shop_s_own_reviews_may_have_rules_of_their_own(admin_client: Client) -> None:
    response = add_platform(admin_client, allows_reward="on", requires_all_customers=None)

    assert response.status_code == 302, error_texts(response)


def test_the_ready_made_platforms_are_added_once_and_switched_off(admin_client: Client) -> None:
    first = admin_client.post(INSTALL, follow=True)
    second = admin_client.post(INSTALL, follow=True)

    assert [str(message) for message in first.context["messages"]] == [
        "7 platforms were added, switched off: put your own address in and switch them on."
    ]
    assert [str(message) for message in second.context["messages"]] == [
        "You have all of them already."
    ]
    rows = ReviewPlatform.objects.values_list("slug", "asking", "is_active", "rules_checked_date")
    assert list(rows) == [
        ("google", "allowed", False, date(2026, 11, 22)),
        ("trustpilot", "allowed", False, date(2026, 11, 22)),
        ("amazon", "allowed", False, date(2026, 11, 22)),
        ("yelp", "badge_only", False, date(2026, 11, 22)),
        ("tripadvisor", "allowed", False, None),
        ("facebook", "allowed", False, None),
        ("own-shop", "allowed", False, None),
    ]


def test_a_platform_that_staff_have_is_left_as_it_is(admin_client: Client) -> None:
    make_platform("google", name="Our Google page")

    admin_client.post(INSTALL)

    assert ReviewPlatform.objects.get(slug="google").name == "Our Google page"
    assert ReviewPlatform.objects.count() == 7


def test_opening_the_install_address_adds_nothing(admin_client: Client) -> None:
    assert admin_client.get(INSTALL).status_code == 405
    assert not ReviewPlatform.objects.exists()


def test_adding_the_ready_made_platforms_needs_the_permission_to_add(client: Client) -> None:
    viewer = User.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename="view_reviewplatform"))
    client.force_login(viewer)

    page = client.get(PLATFORM_LIST)
    response = client.post(INSTALL)

    assert "Add the ready-made platforms" not in page.content.decode()
    assert response.status_code == 403
    assert not ReviewPlatform.objects.exists()


def test_the_button_is_in_the_list_also_when_it_is_empty(admin_client: Client) -> None:
    page = admin_client.get(PLATFORM_LIST).content.decode()

    assert f'method="post" action="{INSTALL}"' in page


# Requests


def test_staff_add_a_review_request(admin_client: Client) -> None:
    platform = make_platform()

    response = add_request(admin_client, platforms=[platform.pk], status="active")

    assert response.status_code == 302, error_texts(response)
    offer = ReviewRequest.objects.get()
    assert (offer.kind, offer.max_platforms) == ("review_request", 1)
    assert list(offer.platforms.all()) == [platform]


def test_no_field_of_the_form_could_hold_a_reward(admin_client: Client) -> None:
    form = admin_client.get(REQUEST_ADD).context["adminform"].form

    assert not {
        name for name in form.fields if "benefit" in name or "reward" in name or "code" in name
    }
    assert "never carries a reward" in str(form.fields["platforms"].help_text)


def test_an_audience_that_selects_is_refused_even_for_a_draft(admin_client: Client) -> None:
    google = make_platform("google", name="Google")
    audience = make_audience([("orders_so_far", "gte", 2)], name="Regulars")

    response = add_request(admin_client, platforms=[google.pk], audience=audience.pk)

    assert error_texts(response) == {
        "audience": [
            "Google: all buyers must be asked alike, and the audience “Regulars” selects by Orders so far. "
            "Choose no audience, or one that goes by country and language only."
        ]
    }
    assert not ReviewRequest.objects.exists()


def test_an_audience_by_country_and_language_is_fine(admin_client: Client) -> None:
    audience = make_audience([("country", "in", ["DE"])], [("language", "eq", "de")])

    response = add_request(admin_client, platforms=[make_platform().pk], audience=audience.pk)

    assert response.status_code == 302, error_texts(response)


def test_yelp_beside_another_platform_is_refused(admin_client: Client) -> None:
    yelp = make_platform("yelp", name="Yelp", asking="badge_only")
    kiln = make_platform("kiln")

    response = add_request(admin_client, platforms=[yelp.pk, kiln.pk])

    assert error_texts(response) == {
        "platforms": [
            "Yelp must not be asked for reviews, and a link beside a request would be asking. "
            "Make an offer of its own for the profile link."
        ]
    }


def test_an_active_request_needs_a_platform_that_is_on(admin_client: Client) -> None:
    platform = make_platform(is_active=False)

    response = add_request(admin_client, platforms=[platform.pk], status="active")

    assert error_texts(response) == {
        "platforms": ["Choose at least one platform that is switched on."]
    }


def test_at_least_one_platform_is_shown(admin_client: Client) -> None:
    response = add_request(admin_client, platforms=[make_platform().pk], max_platforms=0)

    assert error_texts(response) == {"__all__": ["Show at least one platform."]}


def test_the_first_wording_is_neutral(admin_client: Client) -> None:
    form = admin_client.get(REQUEST_ADD).context["inline_admin_formsets"][0].formset.forms[0]

    text = form["text_en_text"].value()
    assert text == "Whatever you think of your order: tell others about it, in your own words."
    assert not {"star", "5", "great", "love", "happy", "discount"} & set(text.lower().split())


def test_activation_in_the_list_keeps_the_rules(admin_client: Client) -> None:
    audience = make_audience([("orders_so_far", "gte", 2)], name="Regulars")
    offer = make_request(make_platform(), audience=audience, status="draft")

    admin_client.post(REQUEST_LIST, {"action": "activate", "_selected_action": [offer.pk]})

    offer.refresh_from_db()
    assert offer.status == "draft"


def test_list_and_form_cost_the_same_with_any_number_of_rows(admin_client: Client) -> None:
    offer = make_request(make_platform("p0"))
    change = reverse("admin:django_ppx_reviewrequest_change", args=[offer.pk])
    urls = (REQUEST_LIST, PLATFORM_LIST, change)
    at_one = [count_queries(lambda url=url: admin_client.get(url)) for url in urls]
    for number in range(1, 6):
        offer.platforms.add(make_platform(f"p{number}"))
        make_offer("review_request")

    at_six = [count_queries(lambda url=url: admin_client.get(url)) for url in urls]

    assert at_six == at_one


def test_without_a_permission_there_is_nothing(client: Client) -> None:
    client.force_login(User.objects.create_user("nobody", is_staff=True))

    assert client.get(PLATFORM_LIST).status_code == 403
    assert client.get(REQUEST_LIST).status_code == 403
    assert client.get(REQUEST_ADD).status_code == 403
