"""Audiences in admin: rules that are checked before they are saved, and said in words."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from django_ppx.offers.models import Audience, AudienceRule
from django_ppx.offers.rule_forms import AudienceRuleForm
from django_ppx.testing import make_audience, make_offer
from tests.admin_pages import count_queries, error_texts, form_data
from tests.offers.admin_users import staff_client

ADD = reverse("admin:django_ppx_audience_add")
LIST = reverse("admin:django_ppx_audience_changelist")

pytestmark = pytest.mark.django_db


def change_url(audience: Audience) -> str:
    return reverse("admin:django_ppx_audience_change", args=[audience.pk])


def rule(trait: str, operator: str, value: str, *, group: str = "1", at: int = 0) -> dict[str, Any]:
    return {
        f"rules-{at}-group": group,
        f"rules-{at}-trait": trait,
        f"rules-{at}-operator": operator,
        f"rules-{at}-value": value,
    }


def add(client: Client, *rules: dict[str, Any]) -> Any:
    data = {"name": "Regulars", "rules-TOTAL_FORMS": str(len(rules)), "rules-INITIAL_FORMS": "0"}
    for each in rules:
        data.update(each)
    return client.post(ADD, data)


@pytest.mark.parametrize(
    ("trait", "operator", "typed", "stored", "shown"),
    [
        ("orders_so_far", "gte", "3", "3", "3"),
        ("order_total", "gte", "50 eur", {"amount": "50", "currency": "EUR"}, "50 EUR"),
        ("country", "in", "de, at", ["DE", "AT"], "DE, AT"),
        ("order_categories", "any", "Kitchen/Bowls", ["Kitchen/Bowls"], "Kitchen/Bowls"),
        ("is_guest", "yes", "", None, ""),
        ("utm_source", "is", " Newsletter ", "Newsletter", "Newsletter"),
        ("birthday", "in_month", "2000-05-01", "2000-05-01", "2000-05-01"),
    ],
)
def test_a_rule_is_stored_as_its_trait_reads_it_and_shown_as_it_was_typed(
    admin_client: Client, trait: str, operator: str, typed: str, stored: Any, shown: str
) -> None:
    response = add(admin_client, rule(trait, operator, typed))

    assert response.status_code == 302, error_texts(response)
    found = AudienceRule.objects.get()
    assert (found.trait, found.operator, found.value) == (trait, operator, stored)
    assert AudienceRuleForm(instance=found)["value"].value() == shown


@pytest.mark.parametrize(
    ("trait", "operator", "typed", "field"),
    [
        ("orders_so_far", "gte", "many", "value"),
        ("orders_so_far", "gte", "", "value"),
        ("order_total", "gte", "50", "value"),
        ("country", "in", "Germany", "value"),
        ("orders_so_far", "contains", "3", "operator"),
        ("shoe_size", "gte", "40", "trait"),
        ("orders_so_far", "resembles", "3", "operator"),
    ],
)
def test_a_rule_that_could_not_be_decided_is_refused(
    admin_client: Client, trait: str, operator: str, typed: str, field: str
) -> None:
    response = add(admin_client, rule(trait, operator, typed))

    assert list(error_texts(response)) == [f"rules-0-{field}"]
    assert not Audience.objects.exists()


def test_saving_unchanged_changes_nothing(admin_client: Client) -> None:
    audience = make_audience(
        [("order_total", "gte", {"amount": "50", "currency": "EUR"}), ("is_guest", "no", None)],
        [("country", "in", ["DE", "AT"])],
    )
    before = list(AudienceRule.objects.order_by("pk").values())

    response = admin_client.post(
        change_url(audience), form_data(admin_client.get(change_url(audience)))
    )

    assert response.status_code == 302, error_texts(response)
    assert list(AudienceRule.objects.order_by("pk").values()) == before


def test_rules_are_said_in_words(admin_client: Client) -> None:
    make_audience(
        [("orders_so_far", "gte", "3"), ("country", "in", ["DE", "AT"])],
        [("is_guest", "yes", None)],
    )

    html = admin_client.get(LIST).content.decode()

    assert "Orders so far is at least 3" in html
    assert "Country is one of DE, AT" in html
    assert ">and<" in html
    assert ">or<" in html


def test_a_trait_that_is_gone_is_shown_and_must_be_replaced(admin_client: Client) -> None:
    audience = make_audience([("shoe_size", "gte", "40")])
    page = admin_client.get(change_url(audience))

    response = admin_client.post(change_url(audience), form_data(page, name="Renamed"))

    assert "No longer known" in page.content.decode()
    assert error_texts(response) == {
        "rules-0-trait": ["This trait is not known in this shop any more."]
    }


def test_the_list_takes_as_many_queries_with_many_audiences(admin_client: Client) -> None:
    make_audience([("is_guest", "yes", None)])
    one = count_queries(lambda: admin_client.get(LIST))
    for _number in range(10):
        make_audience([("is_guest", "yes", None)], [("orders_so_far", "gte", "2")])

    assert count_queries(lambda: admin_client.get(LIST)) == one


def test_an_audience_in_use_is_not_deleted(admin_client: Client) -> None:
    audience = make_audience()
    make_offer(audience=audience)

    admin_client.post(
        reverse("admin:django_ppx_audience_delete", args=[audience.pk]), {"post": "yes"}
    )

    assert Audience.objects.count() == 1


def test_who_may_change_the_audience_may_change_its_rules() -> None:
    audience = make_audience([("orders_so_far", "gte", "2")])
    client = staff_client("view_audience", "change_audience")

    response = client.post(
        change_url(audience), form_data(client.get(change_url(audience)), rules__0__value="5")
    )

    assert response.status_code == 302, error_texts(response)
    assert AudienceRule.objects.get().value == "5"


def test_who_may_only_look_changes_nothing() -> None:
    audience = make_audience([("orders_so_far", "gte", "2")])
    client = staff_client("view_audience")

    assert client.get(change_url(audience)).status_code == 200
    assert client.post(change_url(audience), {"name": "Hacked"}).status_code == 403


def test_no_audience_yet_is_explained(admin_client: Client) -> None:
    assert "No audience yet" in admin_client.get(LIST).content.decode()
