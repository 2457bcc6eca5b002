"""Who guesses codes gets a few answers, all alike; then none, good code or not. Shoppers notice nothing."""

from __future__ import annotations

import logging
import re
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser, Group
from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError, connection, connections
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from django_ppx import codes
from django_ppx.core.customers import resolve_customer
from django_ppx.rewards import attempts, guessing
from django_ppx.rewards.models import AttemptCount, DiscountCode, FailedAttempt
from django_ppx.rewards.visitors import ASKED_KEY
from django_ppx.shop.types import Basket, Customer
from django_ppx.signals import code_guessing_noticed
from django_ppx.testing import make_benefit, make_code, make_order
from tests.racing import run_together

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 10, 12, 7, tzinfo=UTC)
FIFTY = Basket(currency="EUR", total=Decimal(50))


@pytest.fixture(autouse=True)
def host(settings) -> None:
    settings.ROOT_URLCONF = "tests.rewards.guessing_host"
    settings.PPX_GUESSES_PER_ADDRESS = 5
    settings.PPX_GUESSES_PER_SESSION = 3


@pytest.fixture
def atomic_requests(monkeypatch) -> None:
    monkeypatch.setitem(connections.databases["default"], "ATOMIC_REQUESTS", True)
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)


def visit(address: str = "203.0.113.7", session: SessionStore | None = None):
    request = RequestFactory(REMOTE_ADDR=address).get("/basket/")
    request.user = AnonymousUser()
    if session is not None:
        request.session = session
    return request


def code_now(**overrides) -> DiscountCode:
    return make_code(now=timezone.now(), **overrides)


def ask(code: str, request) -> str:
    """Return "good", or the machine reason of the refusal."""
    try:
        codes.quote(code, basket=FIFTY, request=request)
    except codes.RedemptionRefused as refusal:
        return str(refusal.reason)
    return "good"


def counted(kind: str) -> list[int]:
    rows = AttemptCount.objects.filter(source__startswith=kind)
    return list(rows.order_by("pk").values_list("attempts", flat=True))


def test_the_sixth_wrong_code_of_an_address_gets_no_answer() -> None:
    answers = [ask(f"NOSUCHCODE{number}", visit()) for number in range(2, 9)]

    assert answers == ["unknown"] * 5 + ["throttled"] * 2
    assert counted("address:") == [5]


def test_over_the_limit_a_good_code_and_a_bad_one_are_refused_alike() -> None:
    for number in range(2, 7):
        ask(f"NOSUCHCODE{number}", visit())

    sentences = set()
    for typed in (code_now().code, code_now(times_used=1).code, "NOSUCHCODE9"):
        with pytest.raises(codes.RedemptionRefused) as caught:
            codes.quote(typed, basket=FIFTY, request=visit())
        sentences.add((caught.value.reason, str(caught.value)))

    assert sentences == {("throttled", "Too many attempts. Please try again in a few minutes.")}


def test_a_session_has_fewer_attempts_than_its_address() -> None:
    session = SessionStore()
    session.create()
    answers = [ask(f"NOSUCHCODE{number}", visit(session=session)) for number in range(2, 6)]

    assert answers == ["unknown"] * 3 + ["throttled"]
    assert counted("session:") == [3]
    assert counted("address:") == [3]  # what the session was refused is not its neighbours' loss


def test_an_attempt_is_counted_for_all_its_sources_or_for_none() -> None:
    free, full = (attempts.Source(key=key, limit=1) for key in ("address:1", "session:1"))
    attempts.take(full, window=NOON)

    assert not attempts.take_all([free, full], window=NOON)

    assert (counted("address:"), counted("session:")) == ([0], [1])


def test_asking_makes_no_session() -> None:
    session = SessionStore()

    ask("NOSUCHCODE2", visit(session=session))

    assert session.session_key is None
    assert not session.modified
    assert counted("session:") == []


def test_with_the_next_window_attempts_count_anew() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        good = code_now()
        for number in range(2, 7):
            ask(f"NOSUCHCODE{number}", visit())
        clock.move_to(datetime(2026, 3, 10, 12, 14, 59, tzinfo=UTC))
        last = ask(good.code, visit())
        clock.move_to(datetime(2026, 3, 10, 12, 15, tzinfo=UTC))
        first = ask(good.code, visit())

    assert (last, first) == ("throttled", "good")


def test_a_neighbour_of_the_same_provider_is_not_refused() -> None:
    for number in range(2, 8):
        ask(f"NOSUCHCODE{number}", visit("203.0.113.7"))

    assert ask(code_now().code, visit("203.0.113.8")) == "good"


def test_good_codes_cost_no_attempts() -> None:
    answers = [ask(code_now().code, visit()) for _visit in range(12)]

    assert answers == ["good"] * 12
    assert counted("address:") == [0]
    assert FailedAttempt.objects.count() == 0


def test_a_basket_that_is_too_small_is_no_guess() -> None:
    benefit = make_benefit(amounts={"EUR": {"minimum_total": 60}})
    answers = [ask(code_now(benefit=benefit).code, visit()) for _visit in range(8)]

    assert answers == ["minimum_not_met"] * 8
    assert counted("address:") == [0]


def test_without_a_request_nothing_is_limited() -> None:
    answers = [ask(f"NOSUCHCODE{number}", None) for number in range(2, 22)]

    assert answers == ["unknown"] * 20
    assert AttemptCount.objects.count() == 0


def test_no_code_at_all_is_no_attempt() -> None:
    assert [ask(" ", visit()) for _visit in range(8)] == ["unknown"] * 8
    assert AttemptCount.objects.count() == 0


def test_a_page_that_asks_twice_counts_once() -> None:
    request = visit()

    assert [ask(typed, request) for typed in ("nosuchcode2", "NOSU-CHCO-DE2")] == ["unknown"] * 2
    assert counted("address:") == [1]


@pytest.mark.parametrize("door", ["redeem", "reserve"])
def test_every_door_is_guarded(door) -> None:
    doors = {
        "redeem": lambda typed: codes.redeem(typed, order=make_order(), request=visit()),
        "reserve": lambda typed: codes.reserve(
            typed, order_ref="R-1", basket=FIFTY, request=visit()
        ),
    }
    for number in range(2, 7):
        with pytest.raises(codes.RedemptionRefused, match="not valid"):
            doors[door](f"NOSUCHCODE{number}")
    code = code_now()

    with pytest.raises(codes.RedemptionRefused) as caught:
        doors[door](code.code)

    assert caught.value.reason == "throttled"
    assert DiscountCode.objects.get().times_used == 0


def test_the_wrong_code_in_a_session_counts_once_however_often_pages_ask(client) -> None:
    client.post("/ppx/code/", {"code": "NOSUCHCODE2"})
    pages = [client.get("/basket/").content.decode() for _visit in range(8)]

    assert all("This code is not valid." in page for page in pages)
    assert counted("address:") == [1]
    assert FailedAttempt.objects.count() == 1


def test_a_shop_that_keeps_codes_itself_is_not_counted_at_every_page_either() -> None:
    session = SessionStore()
    session.create()
    wrong = ["NOSUCHCODE2", "NOSUCHCODE3"]

    for _page in range(6):
        request = visit(session=session)
        assert [ask(typed, request) for typed in wrong] == ["unknown", "unknown"]

    assert counted("session:") == [2]


def test_a_session_of_which_the_shop_knows_nothing_is_not_made() -> None:
    forged = SessionStore("forgedforgedforgedforged00000000")

    ask("NOSUCHCODE2", visit(session=forged))

    assert forged.session_key is None
    assert not forged.modified


@pytest.mark.django_db(transaction=True)
def test_a_flood_of_attempts_over_the_limit_writes_nothing(django_assert_num_queries) -> None:
    for number in range(2, 9):
        ask(f"NOSUCHCODE{number}", visit())

    with django_assert_num_queries(2) as captured:
        ask("NOSUCHCODE9", visit())

    assert all(query["sql"].startswith("SELECT") for query in captured)


@pytest.mark.django_db(transaction=True)
def test_a_page_with_a_known_code_asks_nothing_of_the_guard(client) -> None:
    client.post("/ppx/code/", {"code": code_now().code})

    with CaptureQueriesContext(connection) as captured:
        client.get("/basket/")

    asked = " ".join(query["sql"] for query in captured)
    assert "ppx_discountcode" in asked
    assert "attempt" not in asked


def test_what_a_session_was_told_is_good_stays_good(client) -> None:
    client.post("/ppx/code/", {"code": code_now().code})
    for number in range(2, 9):
        ask(f"NOSUCHCODE{number}", visit("127.0.0.1"))

    assert "10% off" in client.get("/basket/").content.decode()


def test_the_form_says_when_there_were_too_many_attempts(client) -> None:
    for number in range(2, 9):
        client.post("/ppx/code/", {"code": f"NOSUCHCODE{number}"})
    client.post("/ppx/code/", {"code": code_now().code})

    page = client.get("/basket/").content.decode()

    assert "Too many attempts. Please try again in a few minutes." in page
    assert "10% off" not in page
    assert ASKED_KEY in client.session  # of the code before
    assert counted("address:") == [4]  # the first had no session yet


def test_when_the_window_is_over_the_remembered_code_is_taken(client) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        good = code_now()
        for number in range(2, 9):
            client.post("/ppx/code/", {"code": f"NOSUCHCODE{number}"})
        client.post("/ppx/code/", {"code": good.code})
        clock.move_to(NOON + timedelta(minutes=15))

        assert "10% off" in client.get("/basket/").content.decode()


def stranger_sees(code: str, client: Client) -> tuple[object, ...]:
    """Return all that a visitor is sent who types the code, without what differs for every visitor."""
    posted = client.post("/ppx/code/", {"code": code, "next": "/basket/"})
    page = client.get("/basket/")
    body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page.content.decode())
    sent = []
    for response in (posted, page):
        cookies = {
            name: {key: value for key, value in morsel.items() if key != "expires"}
            for name, morsel in response.cookies.items()
        }
        sent.append((response.status_code, dict(response.headers), cookies))
    return (*sent, body.replace(code, "…"), set(client.session.keys()))


def states(now: datetime) -> dict[str, DiscountCode | str]:
    owner = resolve_customer(
        customer=Customer(account_id="77", email="ada@example.com"), placed_at=now, now=now
    ).customer
    benefit = make_benefit()
    past, later = now - timedelta(days=60), now + timedelta(days=3)

    def stored(**overrides) -> str:
        return make_code(benefit, now=now, customer=owner, **overrides).code

    return {
        "unknown": "NOSUCHCODE22",
        "used_up": stored(times_used=1),
        "expired": stored(issued_at=past, expires_at=now - timedelta(days=1)),
        "revoked": stored(status="revoked", revoked_at=now),
        "not_yet": stored(starts_at=later),
        "pooled": stored(status="pooled"),
    }


def test_to_a_stranger_all_that_is_no_code_looks_the_same(settings) -> None:
    settings.PPX_GUESSES_PER_ADDRESS = 100

    with time_machine.travel(NOON, tick=False):  # a header says when it was sent
        seen = {state: stranger_sees(code, Client()) for state, code in states(NOON).items()}

    assert "This code is not valid." in seen["unknown"][2]
    for state, sent in seen.items():
        assert sent == seen["unknown"], state


def test_the_owner_reads_the_reason_and_is_not_counted(client, django_user_model) -> None:
    user = django_user_model.objects.create_user("ada", pk=77, email="ada@example.com")
    client.force_login(user)
    sentences = {
        "used_up": "This code has already been used.",
        "expired": "This code has expired.",
        "revoked": "This code has been withdrawn.",
        "not_yet": "This code can&#x27;t be used yet.",
    }

    for state, code in states(timezone.now()).items():
        client.post("/ppx/code/", {"code": code})
        page = client.get("/basket/").content.decode()
        if state == "not_yet":
            assert "This code can be used from" in page
        else:
            assert sentences.get(state, "This code is not valid.") in page, state

    assert list(FailedAttempt.objects.values_list("reason", flat=True)) == ["unknown", "unknown"]


def test_staff_read_the_reason_and_only_the_beginning() -> None:
    used = code_now(times_used=1)
    session = SessionStore()
    session.create()

    ask(used.code, visit(session=session))
    ask("nosuchcode2", visit("2001:db8:1:2::3"))

    known, unknown = FailedAttempt.objects.order_by("pk")
    assert (known.reason, known.typed) == ("used_up", f"{used.code[:4]}…")
    assert (known.address_prefix, known.code) == ("203.0.113.…", used)
    assert re.fullmatch("session:[0-9a-f]{32}", known.session)
    assert re.fullmatch("address:[0-9a-f]{32}", known.source)
    assert (unknown.reason, unknown.typed, unknown.session) == ("unknown", "NOSU…", "")
    assert (unknown.address_prefix, unknown.code) == ("2001:db8:1:…", None)


@pytest.mark.parametrize(
    ("typed", "shown"), [("A", "…"), ("SAVE", "SA…"), ("SAVE10", "SAV…"), ("SUMMER2026", "SUMM…")]
)
def test_no_typed_text_is_kept_whole(typed, shown) -> None:
    ask(typed, visit())

    assert FailedAttempt.objects.get().typed == shown


def test_the_secret_decides_what_an_address_is_stored_as(settings) -> None:
    ask("NOSUCHCODE2", visit())
    settings.PPX_IDENTITY_SECRET = "another"
    ask("NOSUCHCODE2", visit())

    assert counted("address:") == [1, 1]


def test_staff_see_once_per_window_that_somebody_was_refused() -> None:
    for number in range(2, 30):
        ask(f"NOSUCHCODE{number}", visit())

    reasons = list(FailedAttempt.objects.order_by("pk").values_list("reason", flat=True))
    assert reasons == ["unknown"] * 5 + ["throttled"]


def behind_proxy(request) -> str:
    return request.headers.get("X-Real-Ip", "")


def broken_address(request) -> str:
    raise ZeroDivisionError


def test_a_shop_behind_a_proxy_says_where_the_address_stands(settings, client) -> None:
    settings.PPX_CLIENT_ADDRESS = f"{__name__}.behind_proxy"
    settings.PPX_GUESSES_PER_SESSION = 100
    for number in range(2, 9):
        Client().post(
            "/ppx/code/", {"code": f"NOSUCHCODE{number}"}, headers={"x-real-ip": "203.0.113.7"}
        )

    assert counted("address:") == [5]
    assert FailedAttempt.objects.first().address_prefix == "203.0.113.…"
    assert ask(code_now().code, visit()) == "good"


def test_a_broken_address_function_leaves_the_limit_of_the_session(settings, caplog) -> None:
    settings.PPX_CLIENT_ADDRESS = f"{__name__}.broken_address"
    session = SessionStore()
    session.create()

    with caplog.at_level(logging.ERROR, logger="django_ppx"):
        answers = [ask(f"NOSUCHCODE{number}", visit(session=session)) for number in range(2, 6)]

    assert answers == ["unknown"] * 3 + ["throttled"]
    assert "Reading the shopper's address failed" in caplog.text


def fail_on_counters(execute, sql, params, many, context):
    if "attemptcount" in sql or "failedattempt" in sql:
        return execute("SELECT no_such_column", (), False, context)
    return execute(sql, params, many, context)


@pytest.mark.parametrize("door", ["quote", "page"])
def test_a_broken_limiter_breaks_no_page_and_no_transaction(door, client, caplog) -> None:
    good = code_now()

    with connection.execute_wrapper(fail_on_counters):
        if door == "quote":
            answers = [ask(good.code, visit()), ask("NOSUCHCODE2", visit())]
        else:
            client.post("/ppx/code/", {"code": good.code})
            answers = [str("10% off" in client.get("/basket/").content.decode())]
    Group.objects.create(name="the shop goes on")

    assert answers in (["good", "unknown"], ["True"])
    assert any("Counting an attempt failed" in record.message for record in caplog.records)


def test_under_debug_a_broken_limiter_is_quiet_too(settings) -> None:
    settings.DEBUG = True

    with connection.execute_wrapper(fail_on_counters):
        assert ask(code_now().code, visit()) == "good"


def test_a_fault_of_ours_costs_no_attempt(monkeypatch) -> None:
    def fail(*args, **kwargs):
        raise DatabaseError("a fault of ours")

    monkeypatch.setattr(codes, "quote_code", fail)

    assert ask("NOSUCHCODE2", visit()) == "unavailable"
    assert sum(counted("address:")) == 0


@pytest.fixture
def alarms():
    heard: list[dict[str, object]] = []

    def hear(sender, signal, **sent):
        heard.append(sent)

    code_guessing_noticed.connect(hear)
    yield heard
    code_guessing_noticed.disconnect(hear)


def test_one_attempt_too_many_in_an_hour_raises_one_alarm(
    settings, caplog, alarms, django_capture_on_commit_callbacks
) -> None:
    settings.PPX_GUESS_ALARM_PER_HOUR = 3
    with (
        time_machine.travel(NOON, tick=False) as clock,
        django_capture_on_commit_callbacks(execute=True),
        caplog.at_level(logging.ERROR, logger="django_ppx"),
    ):
        for number in range(1, 4):
            ask("NOSUCHCODE2", visit(f"203.0.113.{number}"))
        before = len(caplog.records)
        for number in range(4, 9):
            ask("NOSUCHCODE2", visit(f"203.0.113.{number}"))
        clock.move_to(NOON + timedelta(hours=1))
        for number in range(1, 5):
            ask("NOSUCHCODE2", visit(f"203.0.113.{number}"))

    hour = NOON.replace(minute=0)
    assert before == 0
    assert alarms == [
        {"attempts": 4, "window_starts_at": hour},
        {"attempts": 4, "window_starts_at": hour + timedelta(hours=1)},
    ]
    assert [record.getMessage() for record in caplog.records] == [
        f"Discount codes are being guessed: 4 failed attempts in the hour from {at} on."
        for at in ("2026-03-10T12:00:00+00:00", "2026-03-10T13:00:00+00:00")
    ]


def test_an_alarm_is_known_for_a_day(settings) -> None:
    settings.PPX_GUESS_ALARM_PER_HOUR = 1
    with time_machine.travel(NOON, tick=False):
        ask("NOSUCHCODE2", visit())
        before = guessing.last_alarm(now=NOON)
        ask("NOSUCHCODE3", visit())

    hour = NOON.replace(minute=0)
    assert before is None
    assert guessing.last_alarm(now=NOON) == attempts.Alarm(window_starts_at=hour, attempts=2)
    assert guessing.last_alarm(now=hour + timedelta(hours=23, minutes=59)) is not None
    assert guessing.last_alarm(now=hour + timedelta(hours=24)) is None


def test_what_is_old_is_forgotten_a_part_at_a_time(settings) -> None:
    settings.PPX_FAILED_ATTEMPT_DAYS = 10
    for days in (0, 2, 3, 10, 11):
        at = NOON - timedelta(days=days)
        FailedAttempt.objects.create(at=at, reason="unknown")
        AttemptCount.objects.create(source="address:1", window_starts_at=at)

    assert guessing.forget_old(now=NOON, limit=1) == 2
    assert guessing.forget_old(now=NOON, limit=100) == 2
    assert guessing.forget_old(now=NOON, limit=100) == 0

    assert FailedAttempt.objects.count() == 4
    assert AttemptCount.objects.count() == 2


@pytest.mark.parametrize("inside", ["atomic_requests", None])
@pytest.mark.django_db(transaction=True)
def test_an_order_that_is_rolled_back_does_not_take_the_count_with_it(
    inside, request, client
) -> None:
    if inside:
        request.getfixturevalue(inside)

    answers = [client.get(f"/check-out/?code=NOSUCHCODE{n}") for n in range(2, 9)]

    assert [answer.status_code for answer in answers] == [409] * 7
    texts = [answer.content.decode() for answer in answers]
    assert texts[:5] == ["This code is not valid."] * 5
    assert texts[5:] == ["Too many attempts. Please try again in a few minutes."] * 2
    assert Group.objects.count() == 0
    assert counted("address:") == [5]
    assert FailedAttempt.objects.filter(reason="unknown").count() == 5


def check_then_write(request) -> str:
    """Look whether an attempt is left, then count it: what the guard must not do."""
    row = AttemptCount.objects.get()
    if row.attempts >= 5:
        return "throttled"
    time.sleep(0.02)
    row.attempts += 1
    row.save(update_fields=["attempts"])
    return "unknown"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_sixteen_attempts_at_once_five_get_an_answer() -> None:
    answers = run_together(lambda number: ask(f"NOSUCHCODE{number}", visit()), times=16)

    assert sorted(answers) == ["throttled"] * 11 + ["unknown"] * 5
    assert counted("address:") == [5]
    assert counted("all") == [5]
    assert FailedAttempt.objects.filter(reason="unknown").count() == 5
    assert FailedAttempt.objects.filter(reason="throttled").count() == 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_control_reading_before_counting_lets_more_through() -> None:
    AttemptCount.objects.create(source="address:1", window_starts_at=NOON)

    answers = run_together(check_then_write, times=16)

    assert answers.count("unknown") > 5


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("atomic_requests")
def test_of_sixteen_forms_posted_at_once_five_get_an_answer() -> None:
    def post(number: int) -> bool:
        client = Client()
        client.post("/ppx/code/", {"code": f"NOSUCHCODE{number}"})
        return ASKED_KEY in client.session

    assert sum(run_together(post, times=16)) == 5
    assert counted("address:") == [5]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_sixteen_attempts_too_many_at_once_one_raises_the_alarm(settings, alarms) -> None:
    settings.PPX_GUESS_ALARM_PER_HOUR = 4

    with time_machine.travel(NOON, tick=True):
        run_together(lambda n: ask(f"NOSUCHCODE{n}", visit(f"203.0.113.{n}")), times=16)

    assert len(alarms) == 1
    assert counted("all") == [16]
