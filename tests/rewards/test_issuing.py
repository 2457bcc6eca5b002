"""Codes are given out once per reason, many in one statement."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from django_ppx.rewards import issuing
from django_ppx.rewards.issuing import CodeNotIssuable, CodeRequest, issue_codes
from django_ppx.rewards.models import DiscountCode
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.signals import code_issued
from django_ppx.testing import make_benefit, make_customer
from tests.racing import run_together

TEN = FrozenTerms(type="percent", percent=Decimal(10), valid_days=30, max_uses=2, code_prefix="THX")


def request_for(key: str, benefit_id: int, terms: FrozenTerms = TEN) -> CodeRequest:
    return CodeRequest(issue_key=key, benefit_id=benefit_id, terms=terms, reason="Thank you")


@pytest.fixture
def benefit_id(db) -> int:
    return make_benefit().pk


@pytest.fixture
def sent(benefit_id) -> list[DiscountCode]:
    codes: list[DiscountCode] = []

    def receive(sender, code, **kwargs):
        codes.append(code)

    code_issued.connect(receive, weak=False)
    yield codes
    code_issued.disconnect(receive)


def test_a_code_carries_what_was_asked_for(benefit_id, now) -> None:
    customer = make_customer()
    asked = CodeRequest(
        issue_key="a", benefit_id=benefit_id, terms=TEN, customer_id=customer.pk, reason="Thank you"
    )

    code = issue_codes(requests=[asked], now=now)["a"]

    stored = DiscountCode.objects.get()
    assert stored == code
    assert stored.code.startswith("THX")
    assert len(stored.code) == 15
    assert (stored.max_uses, stored.times_used, stored.status) == (2, 0, "issued")
    assert (stored.customer, stored.reason, stored.issued_at) == (customer, "Thank you", now)
    assert FrozenTerms.from_json(stored.terms) == TEN


@pytest.mark.parametrize("length", [8, 12, 32])
def test_the_length_is_a_setting(benefit_id, now, settings, length) -> None:
    settings.PPX_CODE_LENGTH = length

    code = issue_codes(requests=[request_for("a", benefit_id)], now=now)["a"]

    assert len(code.code) == 3 + length


@pytest.mark.parametrize("count", [1, 20])
def test_any_number_of_codes_is_one_statement(
    benefit_id, now, count, django_assert_num_queries
) -> None:
    requests = [request_for(f"key-{number}", benefit_id) for number in range(count)]

    with django_assert_num_queries(3):  # the savepoint's two and the insert
        codes = issue_codes(requests=requests, now=now)

    assert len({code.code for code in codes.values()}) == count
    assert all(code.pk for code in codes.values())


def test_no_request_is_no_statement(benefit_id, now) -> None:
    assert issue_codes(requests=[], now=now) == {}


def test_the_same_reason_gives_the_same_code(
    benefit_id, now, sent, django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        first = issue_codes(requests=[request_for("a", benefit_id)], now=now)
        again = issue_codes(
            requests=[request_for("a", benefit_id), request_for("b", benefit_id)], now=now
        )

    assert again["a"].pk == first["a"].pk
    assert again["a"].code == first["a"].code
    assert DiscountCode.objects.count() == 2
    assert sorted(code.issue_key for code in sent) == ["a", "b"]


def test_a_reason_named_twice_in_one_call_is_one_code(benefit_id, now) -> None:
    codes = issue_codes(requests=[request_for("a", benefit_id)] * 2, now=now)

    assert list(codes) == ["a"]
    assert DiscountCode.objects.count() == 1


def test_a_code_that_exists_already_is_drawn_anew(benefit_id, now, monkeypatch) -> None:
    taken = issue_codes(requests=[request_for("old", benefit_id)], now=now)["old"].code
    drawn = [[taken], [taken], ["THXNEWNEWNEWNEW"]]
    monkeypatch.setattr(issuing, "draw_codes", lambda count, **kwargs: drawn.pop(0))

    code = issue_codes(requests=[request_for("new", benefit_id)], now=now)["new"]

    assert code.code == "THXNEWNEWNEWNEW"
    assert drawn == []


@pytest.mark.parametrize(
    "terms", [FrozenTerms(type="gift", gift="Mug"), FrozenTerms(type="points", points=10)]
)
def test_gifts_and_points_are_no_codes(benefit_id, now, terms) -> None:
    asked = [request_for("a", benefit_id), request_for("b", benefit_id, terms)]

    with pytest.raises(CodeNotIssuable):
        issue_codes(requests=asked, now=now)

    assert DiscountCode.objects.count() == 0


@pytest.mark.parametrize(
    ("issued_at", "zone", "expires_at"),
    [
        # Issued on 1 March, whatever the hour: the first instant of 1 April, in summer time by then.
        (
            datetime(2026, 3, 1, 0, 0, tzinfo=UTC),
            "Europe/Berlin",
            datetime(2026, 3, 31, 22, tzinfo=UTC),
        ),
        (
            datetime(2026, 3, 1, 22, 59, tzinfo=UTC),
            "Europe/Berlin",
            datetime(2026, 3, 31, 22, tzinfo=UTC),
        ),
        # A minute later it is 2 March in Berlin.
        (
            datetime(2026, 3, 1, 23, 0, tzinfo=UTC),
            "Europe/Berlin",
            datetime(2026, 4, 1, 22, tzinfo=UTC),
        ),
        # On 6 September 2026 there is no midnight in Santiago: the day begins at one o'clock.
        (
            datetime(2026, 8, 6, 12, tzinfo=UTC),
            "America/Santiago",
            datetime(2026, 9, 6, 4, tzinfo=UTC),
        ),
    ],
)
def test_valid_days_are_local_calendar_days(
    benefit_id, settings, issued_at, zone, expires_at
) -> None:
    settings.PPX_TIME_ZONE = zone

    code = issue_codes(requests=[request_for("a", benefit_id)], now=issued_at)["a"]

    assert code.expires_at == expires_at


def test_without_days_a_code_never_expires(benefit_id, now) -> None:
    terms = FrozenTerms(type="percent", percent=Decimal(10))

    code = issue_codes(requests=[request_for("a", benefit_id, terms)], now=now)["a"]

    assert code.expires_at is None


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_one_reason_asked_by_eight_workers_is_one_code(now) -> None:
    benefit_id = make_benefit().pk

    codes = run_together(
        lambda number: issue_codes(requests=[request_for("a", benefit_id)], now=now)["a"].code
    )

    assert len(set(codes)) == 1
    assert DiscountCode.objects.count() == 1
