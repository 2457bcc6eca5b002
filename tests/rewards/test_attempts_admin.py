"""Failed attempts in admin: to look at, never whole, never to change."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from django_ppx.rewards.attempts import ALARM, EVERYBODY
from django_ppx.rewards.models import AttemptCount, FailedAttempt
from django_ppx.testing import make_code
from tests.admin_pages import count_queries
from tests.offers.admin_users import staff_client

pytestmark = pytest.mark.django_db

LIST = reverse("admin:django_ppx_failedattempt_changelist")
SESSION = "session:0123456789abcdef0123456789abcdef"


def make_attempt(**overrides) -> FailedAttempt:
    values = {
        "at": timezone.now(),
        "reason": "unknown",
        "typed": "NOSU…",
        "address_prefix": "203.0.113.…",
        "source": "address:fedcba9876543210fedcba9876543210",
        "session": SESSION,
    }
    return FailedAttempt.objects.create(**{**values, **overrides})


def listed(client, **query) -> list[int]:
    return [row.pk for row in client.get(LIST, query).context["cl"].result_list]


def test_staff_see_when_why_what_and_from_where(admin_client) -> None:
    code = make_code(code="THANKSABCDEFGH")
    attempt = make_attempt(reason="used_up", typed="THAN…", code=code)

    html = admin_client.get(LIST).content.decode()
    page = admin_client.get(
        reverse("admin:django_ppx_failedattempt_change", args=[attempt.pk])
    ).content.decode()

    for shown in (html, page):
        assert '<span class="ppx-badge ppx-badge--ended">Used</span>' in shown
        assert "THAN…" in shown
        assert "203.0.113.…" in shown
        assert "01234567" in shown
        assert reverse("admin:django_ppx_discountcode_change", args=[code.pk]) in shown
        assert "THANKSABCDEFGH" not in shown
        assert SESSION not in shown
        assert "fedcba98" not in shown


def test_the_newest_is_first(admin_client) -> None:
    older = make_attempt(at=timezone.now() - timedelta(minutes=5))
    newer = make_attempt()

    assert listed(admin_client) == [newer.pk, older.pk]


def test_attempts_are_filtered_by_why(admin_client) -> None:
    unknown, throttled = make_attempt(), make_attempt(reason="throttled")

    assert listed(admin_client, reason="throttled") == [throttled.pk]
    assert listed(admin_client, reason="unknown") == [unknown.pk]
    assert len(listed(admin_client, reason="nonsense")) == 2


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("thanks-abcd efgh", ["code", "alike"]),
        ("198.51", ["elsewhere"]),
        ("abcd1234", ["session"]),
        ("session:", []),
        ("  ", ["code", "alike", "elsewhere", "session"]),
        ("SAVÉ", []),
    ],
)
def test_attempts_are_found_by_code_address_and_session(admin_client, term, found) -> None:
    rows = {
        "code": make_attempt(typed="X…", code=make_code(code="THANKSABCDEFGH")),
        "alike": make_attempt(typed="THAN…"),
        "elsewhere": make_attempt(address_prefix="198.51.100.…"),
        "session": make_attempt(session="session:abcd1234"),
    }

    assert sorted(listed(admin_client, q=term)) == sorted(rows[name].pk for name in found)


def test_the_list_needs_its_own_permission() -> None:
    make_attempt()

    assert staff_client("view_discountcode").get(LIST).status_code == 403
    assert staff_client("view_failedattempt").get(LIST).status_code == 200


def test_nothing_of_it_can_be_written(admin_client) -> None:
    row = make_attempt()
    name = "admin:django_ppx_failedattempt"

    assert admin_client.post(reverse(f"{name}_change", args=[row.pk]), {}).status_code == 403
    assert admin_client.get(reverse(f"{name}_add")).status_code == 403
    assert admin_client.post(reverse(f"{name}_delete", args=[row.pk])).status_code == 403
    assert FailedAttempt.objects.count() == 1


def test_the_list_takes_as_many_queries_with_many_rows(admin_client) -> None:
    make_attempt(code=make_code())
    one = count_queries(lambda: admin_client.get(LIST))
    for _row in range(20):
        make_attempt(code=make_code())

    assert count_queries(lambda: admin_client.get(LIST)) == one


def test_an_alarm_stands_above_the_list_for_a_day(admin_client) -> None:
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    quiet = admin_client.get(LIST).content.decode()
    for source, attempts in ((EVERYBODY, 214), (ALARM, 1)):
        AttemptCount.objects.create(source=source, window_starts_at=hour, attempts=attempts)

    warned = admin_client.get(LIST).content.decode()

    assert "being guessed" not in quiet
    assert "Codes are being guessed: 214 attempts failed in the hour from" in warned
    AttemptCount.objects.update(window_starts_at=hour - timedelta(hours=25))
    assert "being guessed" not in admin_client.get(LIST).content.decode()


def test_who_may_not_see_the_list_reads_no_alarm() -> None:
    client = staff_client("view_discountcode")
    AttemptCount.objects.create(source=ALARM, window_starts_at=timezone.now(), attempts=1)

    client.get(LIST)
    html = client.get(reverse("admin:django_ppx_discountcode_changelist")).content.decode()

    assert "being guessed" not in html
