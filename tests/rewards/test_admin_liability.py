"""“What is outstanding” on its page and as a file."""

from __future__ import annotations

import csv
import io

import pytest
from django.urls import reverse
from django.utils import timezone

from django_ppx.testing import make_benefit, make_code, make_reward
from tests.admin_pages import count_queries
from tests.rewards.staff import staff_with

pytestmark = pytest.mark.django_db

PAGES = ("admin:django_ppx_reward_liability", "admin:django_ppx_reward_liability_csv")


def give_some() -> None:
    now = timezone.now()
    amounts = {"EUR": {"amount": 5}}
    make_reward(make_benefit(name="Five", type="amount", amounts=amounts), now=now)
    make_reward(make_benefit(name="Ten"), now=now)
    make_reward(
        make_benefit(name="Half", percent=50, amounts={"EUR": {"maximum_discount": 30}}), now=now
    )
    make_reward(make_benefit(name="Bowl", type="gift", gift="A bowl"), now=now)
    make_reward(make_benefit(name="Points", type="points", points=200), now=now)
    make_code(make_benefit(name="Leaflet"), now=now)
    make_code(make_benefit(name="Partner"), now=now, status="pooled")


def test_the_page_names_what_is_known_and_says_what_is_not(admin_client) -> None:
    give_some()

    response = admin_client.get(reverse(PAGES[0]))

    assert [(str(figure["value"]), figure["n"]) for figure in response.context["figures"]] == [
        ("€5.00", "n = 1 use"),
        ("≤ €30.00", "n = 1 use"),
        ("1", "no amount can be known"),
        ("200", ""),
        ("1", ""),
    ]
    [euro, open_] = response.context["groups"]
    assert (euro.title, euro.total) == ("EUR", "€5.00")
    assert [(row.benefit, row.worth) for row in euro.rows] == [
        ("Five", "€5.00"),
        ("Half", "at most €30.00"),
    ]
    assert [(row.benefit, row.month, row.worth) for row in open_.rows] == [
        ("Bowl", "never", "1 gift"),
        ("Points", "never", "200 points"),
        ("Ten", open_.rows[2].month, "depends on the order"),
    ]
    assert [row.benefit for row in response.context["unassigned"][0].rows] == ["Leaflet"]
    assert "Partner: <b>1</b>" in response.text
    assert "How the figures come about" in response.text


def test_a_shop_that_owes_nothing_reads_so(admin_client) -> None:
    assert "Nothing is outstanding" in admin_client.get(reverse(PAGES[0])).text


def test_the_file_has_the_same_rows(admin_client) -> None:
    give_some()

    response = admin_client.get(reverse(PAGES[1]))

    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert [(row["group"], row["benefit"], row["amount"]) for row in rows] == [
        ("held", "Five", "5.00"),
        ("held", "Half", ""),
        ("held", "Bowl", ""),
        ("held", "Points", ""),
        ("held", "Ten", ""),
        ("unassigned", "Leaflet", ""),
        ("pool", "Partner", ""),
    ]
    assert "private, no-store" in response["Cache-Control"]


@pytest.mark.parametrize("page", PAGES)
def test_the_report_needs_its_own_permission(client, page) -> None:
    client.force_login(staff_with("view_reward", "change_reward", "reverse_reward"))
    assert client.get(reverse(page)).status_code == 403
    assert reverse(PAGES[0]) not in client.get("/admin/django_ppx/reward/").text

    client.force_login(staff_with("view_reward_liability"))
    assert client.get(reverse(page)).status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_the_report_takes_as_many_queries_for_much_as_for_little(admin_client, page) -> None:
    give_some()
    one = count_queries(lambda: admin_client.get(reverse(page)))
    for _time in range(5):
        give_some()

    assert count_queries(lambda: admin_client.get(reverse(page))) == one
