"""Audiences and traits, as a program reads and writes them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from django_ppx.offers import traits
from django_ppx.offers.models import Audience, AudienceRule
from django_ppx.offers.snapshot import current_stamp
from django_ppx.offers.trait_types import TEXT
from django_ppx.offers.traits import Trait
from django_ppx.testing import make_audience, make_offer
from tests.api.offering import Program, faults, reason
from tests.racing import run_together

pytestmark = pytest.mark.django_db

EURO = {"amount": "50", "currency": "EUR"}


@pytest.fixture
def program() -> Program:
    return Program("offers:read", "offers:write")


def stored() -> list[tuple[int, str, str, Any]]:
    return list(AudienceRule.objects.values_list("group", "trait", "operator", "value"))


def test_an_audience_is_made_with_its_rules(program: Program) -> None:
    groups = [
        [
            {"trait": "order_total", "operator": "gte", "value": EURO},
            {"trait": "is_guest", "operator": "no"},
        ],
        [{"trait": "country", "operator": "in", "value": ["de", "AT"]}],
    ]

    response = program.post("audiences/", {"name": "Regulars", "groups": groups})

    assert response.status_code == 201, response.content
    body = response.json()
    assert len(body.pop("version")) == 32
    assert body == {
        "id": Audience.objects.get().pk,
        "name": "Regulars",
        "description": "",
        "groups": [
            [
                {"trait": "order_total", "operator": "gte", "value": EURO},
                {"trait": "is_guest", "operator": "no", "value": None},
            ],
            [{"trait": "country", "operator": "in", "value": ["DE", "AT"]}],
        ],
    }
    assert stored() == [
        (1, "order_total", "gte", EURO),
        (1, "is_guest", "no", None),
        (2, "country", "in", ["DE", "AT"]),
    ]


@pytest.mark.parametrize(
    ("trait", "operator", "value", "expected"),
    [
        ("order_items", "gte", 3, "3"),
        ("order_items", "gte", 2.5, "2.5"),
        ("order_items", "gte", "3", "3"),
        ("order_total", "lt", "50 EUR", EURO),
        ("utm_source", "contains", " news ", "news"),
        ("interests", "any", ["clay, glazed", "mugs"], ["clay, glazed", "mugs"]),
        ("interests", "any", "clay, mugs", ["clay", "mugs"]),
        ("birthday", "before", "1990-01-31", "1990-01-31"),
        ("utm_source", "is_set", None, None),
    ],
)
def test_a_value_is_stored_as_its_trait_reads_it(
    program: Program, trait: str, operator: str, value: Any, expected: Any
) -> None:
    rule = {"trait": trait, "operator": operator, "value": value}

    response = program.post("audiences/", {"name": "Some", "groups": [[rule]]})

    assert response.status_code == 201, response.content
    assert stored() == [(1, trait, operator, expected)]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"trait": "gone", "operator": "is"}, ("/trait", "invalid_choice")),
        ({"trait": "country", "operator": "gte", "value": "DE"}, ("/operator", "operator")),
        ({"trait": "country", "operator": "in"}, ("/value", "value_missing")),
        ({"trait": "country", "operator": "in", "value": []}, ("/value", "value_missing")),
        ({"trait": "country", "operator": "in", "value": ["Germany"]}, ("/value", "country")),
        ({"trait": "country", "operator": "in", "value": [5]}, ("/value", "invalid")),
        ({"trait": "country", "operator": "in", "value": 5}, ("/value", "invalid")),
        ({"trait": "order_items", "operator": "gte", "value": True}, ("/value", "invalid")),
        ({"trait": "order_items", "operator": "gte", "value": "many"}, ("/value", "number")),
        ({"trait": "order_items", "operator": "gte", "value": "NaN"}, ("/value", "number")),
        ({"trait": "order_items", "operator": "gte", "value": [3]}, ("/value", "invalid")),
        ({"trait": "order_total", "operator": "gte", "value": 50}, ("/value", "invalid")),
        ({"trait": "order_total", "operator": "gte", "value": {}}, ("/value", "money")),
        (
            {"trait": "order_total", "operator": "gte", "value": {"amount": 5, "currency": "EUR"}},
            ("/value", "invalid"),
        ),
        ({"trait": "utm_source", "operator": "is", "value": 5}, ("/value", "invalid")),
        ({"trait": "utm_source", "operator": "is", "value": "x" * 301}, ("/value", "text")),
        ({"trait": "utm_source", "operator": "is", "value": "x" * 2001}, ("/value", "invalid")),
        ({"trait": "birthday", "operator": "before", "value": "soon"}, ("/value", "date")),
        ({"trait": "country"}, ("/operator", "required")),
        ({"trait": 5, "operator": "in"}, ("/trait", "invalid")),
        ({"trait": "country", "operator": "in", "x": 1}, ("/x", "unknown_field")),
    ],
)
def test_a_rule_that_can_not_be_decided_is_refused(
    program: Program, rule: dict[str, Any], expected: tuple[str, str]
) -> None:
    fine = {"trait": "is_guest", "operator": "yes"}

    response = program.post("audiences/", {"name": "Some", "groups": [[fine], [fine, rule]]})

    assert response.status_code == 400, response.content
    assert faults(response) == [(f"/groups/1/1{expected[0]}", expected[1])]
    assert not Audience.objects.exists()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"name": ""}, [("/name", "blank")]),
        ({}, [("/name", "required")]),
        ({"name": "x" * 121}, [("/name", "max_length")]),
        ({"name": "x", "description": "x" * 301}, [("/description", "max_length")]),
        ({"name": "x", "groups": None}, [("/groups", "null")]),
        ({"name": "x", "groups": [[]]}, [("/groups/0", "min_length")]),
        ({"name": "x", "groups": {"a": 1}}, [("/groups", "not_a_list")]),
        ({"name": "x", "groups": [["rule"]]}, [("/groups/0/0", "invalid")]),
        ({"name": "x", "id": 5}, [("/id", "unknown_field")]),
    ],
)
def test_what_is_wrong_with_an_audience_is_said_where_it_is(
    program: Program, body: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    response = program.post("audiences/", body)

    assert response.status_code == 400
    assert faults(response) == expected


def broken(raw: Any) -> Any:
    return raw.strip()


def complaining(raw: Any) -> Any:
    raise ValidationError(["One.", "Two."])


@pytest.mark.parametrize(
    ("clean", "expected"),
    [
        (broken, [("/groups/0/0/value", "invalid")]),
        (complaining, [("/groups/0/0/value", "invalid")] * 2),
    ],
)
def test_a_trait_of_the_shops_own_may_read_nothing_but_text(
    program: Program, monkeypatch: Any, clean: Any, expected: list[tuple[str, str]]
) -> None:
    mine = Trait(
        name="mood",
        label="Mood",
        type=replace(TEXT, name="mood", clean_value=clean),
        read=lambda moment: "fine",
    )
    monkeypatch.setattr(traits, "_load", lambda paths: {"mood": mine})
    rule = {"trait": "mood", "operator": "is", "value": 5}

    response = program.post("audiences/", {"name": "Some", "groups": [[rule]]})

    assert faults(response) == expected


def test_a_change_names_what_changes(program: Program) -> None:
    audience = make_audience([("is_guest", "yes", None)], name="Guests", description="New ones")
    before = current_stamp()

    body = program.patch(f"audiences/{audience.pk}/", {"name": "All guests"}).json()

    assert (body["name"], body["description"]) == ("All guests", "New ones")
    assert stored() == [(1, "is_guest", "yes", None)]
    assert current_stamp() != before


def test_groups_replace_groups_and_pages_look_again(program: Program) -> None:
    audience = make_audience([("is_guest", "yes", None)], [("country", "in", ["DE"])])
    before = current_stamp()
    rule = {"trait": "is_guest", "operator": "no"}

    program.patch(f"audiences/{audience.pk}/", {"groups": [[rule]]})

    assert stored() == [(1, "is_guest", "no", None)]
    assert current_stamp() != before


def test_groups_that_are_sent_back_stay_as_they_are(program: Program) -> None:
    audience = make_audience([("order_total", "gte", EURO)], [("country", "in", ["DE"])])
    rules = list(AudienceRule.objects.values_list("pk", flat=True))
    read = program.get(f"audiences/{audience.pk}/").json()
    del read["id"]

    response = program.patch(f"audiences/{audience.pk}/", read)

    assert response.json()["version"] == read["version"]
    assert list(AudienceRule.objects.values_list("pk", flat=True)) == rules


def test_an_old_version_of_an_audience_changes_nothing(program: Program) -> None:
    audience = make_audience(name="Guests")
    version = program.get(f"audiences/{audience.pk}/").json()["version"]
    path = f"audiences/{audience.pk}/"
    first = program.patch(path, {"name": "One", "version": version})

    second = program.patch(path, {"name": "Two", "version": version})

    assert first.status_code == 200
    assert reason(second) == (409, "changed_meanwhile")
    assert Audience.objects.get().name == "One"


def test_a_name_is_given_once(program: Program) -> None:
    make_audience(name="Guests")
    other = make_audience(name="Others")

    assert reason(program.post("audiences/", {"name": "Guests"})) == (409, "name_taken")
    response = program.patch(f"audiences/{other.pk}/", {"name": "Guests"})
    assert reason(response) == (409, "name_taken")
    assert sorted(Audience.objects.values_list("name", flat=True)) == ["Guests", "Others"]


def test_an_audience_that_offers_use_is_kept(program: Program) -> None:
    audience = make_audience([("is_guest", "yes", None)])
    offer = make_offer(audience=audience)

    used = program.delete(f"audiences/{audience.pk}/")
    offer.delete()
    free = program.delete(f"audiences/{audience.pk}/")
    gone = program.delete(f"audiences/{audience.pk}/")

    assert reason(used) == (409, "audience_used")
    assert (free.status_code, free.content) == (204, b"")
    assert reason(gone) == (404, "not_found")


def test_an_audience_that_is_not_there_is_not_found(program: Program) -> None:
    for number in (1, 2**63, 10**30):
        assert reason(program.get(f"audiences/{number}/")) == (404, "not_found")
        assert reason(program.patch(f"audiences/{number}/", {"name": "x"})) == (404, "not_found")
        assert reason(program.delete(f"audiences/{number}/")) == (404, "not_found")


def test_a_list_of_audiences_asks_as_often_for_many_as_for_few(
    program: Program, django_assert_num_queries: Any
) -> None:
    make_audience([("is_guest", "yes", None)])
    program.get("audiences/")  # the first use of a key is noted; a savepoint is the test's own
    with django_assert_num_queries(5):
        few = program.get("audiences/")
    for _ in range(3):
        make_audience([("is_guest", "yes", None)], [("country", "in", ["DE"])])

    with django_assert_num_queries(5):
        many = program.get("audiences/")

    assert len(few.json()["results"]) == 1
    assert len(many.json()["results"]) == 4


def test_traits_say_what_a_rule_may_ask(program: Program) -> None:
    found = {each["name"]: each for each in program.get("traits/").json()["results"]}

    assert set(found) == set(traits.load_traits())
    assert found["is_guest"] == {
        "name": "is_guest",
        "label": "Is a guest",
        "group": "Customer",
        "type": "boolean",
        "hint": "",
        "operators": [
            {"name": "yes", "label": "yes", "needs_value": False},
            {"name": "no", "label": "no", "needs_value": False},
        ],
    }


def test_writing_audiences_needs_its_scope() -> None:
    audience = make_audience()
    reader = Program("offers:read")

    assert reason(reader.post("audiences/", {"name": "x"})) == (403, "scope_missing")
    assert reason(reader.patch(f"audiences/{audience.pk}/", {})) == (403, "scope_missing")
    assert reason(reader.delete(f"audiences/{audience.pk}/")) == (403, "scope_missing")
    assert reason(Program("codes:write").get("traits/")) == (403, "scope_missing")
    assert Audience.objects.exists()


def test_a_large_number_is_kept_whole(program: Program) -> None:
    rule = {"trait": "order_items", "operator": "gte", "value": 10**39}

    program.post("audiences/", {"name": "Some", "groups": [[rule]]})

    assert Decimal(stored()[0][3]) == Decimal(10**39)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_two_audiences_of_one_name_at_once_one_is_made() -> None:
    program = Program("offers:write")

    answers = run_together(lambda _number: program.post("audiences/", {"name": "Guests"}), times=6)

    made, *others = sorted((answer.status_code for answer in answers), key=lambda code: code != 201)
    assert made == 201
    assert set(others) <= {400, 409}  # by whether the first one was there when its form was read
    assert Audience.objects.count() == 1
