from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone

from django_ppx.core.models import Purchase
from django_ppx.management import examinations
from django_ppx.offers.models import Theme
from django_ppx.rewards.attempts import ALARM, EVERYBODY
from django_ppx.rewards.models import AttemptCount, FailedAttempt
from django_ppx.shop.types import Customer, Order, OrderLine
from django_ppx.testing import FakeShop, make_benefit, make_code, make_offer, make_order

pytestmark = pytest.mark.django_db


class TwoNumbers(FakeShop):
    def order_ref(self, order: Order) -> str:
        return f"#{order.number}"


class Forgetful(FakeShop):
    def find_order(self, order_ref: str) -> Order | None:
        return None


class Chatty(FakeShop):
    def order(self, order: Order, request: Any = None) -> Order:
        for _line in range(11):
            Purchase.objects.count()
        return order


@pytest.fixture(autouse=True)
def shop(settings) -> Iterator[type[FakeShop]]:
    settings.PPX_SHOP = "django_ppx.testing.FakeShop"
    FakeShop.place(make_order(number="T-1"))
    yield FakeShop
    FakeShop.clear()


def run(output: str = "json") -> tuple[int, str]:
    """Return the exit status and what was printed."""
    printed = StringIO()
    try:
        call_command("ppx_doctor", format=output, no_color=True, stdout=printed)
    except SystemExit as error:
        return int(str(error.code)), printed.getvalue()
    return 0, printed.getvalue()


def findings(subject: str) -> list[tuple[str, str]]:
    """Return (level, text) of what was found about `subject`."""
    found = json.loads(run()[1])
    return [(item["level"], item["text"]) for item in found if item["subject"] == subject]


def test_a_shop_in_order_is_told_so() -> None:
    make_offer("message")

    status, printed = run("text")

    assert status == 0
    assert printed.splitlines()[-1] == "All is well."
    assert "ok    shop: django_ppx.testing.shop.FakeShop reads order T-1: 50.00 EUR" in printed
    assert "FAIL" not in printed


def test_every_examination_reports() -> None:
    found = json.loads(run()[1])

    assert {item["subject"] for item in found} == set(examinations.EXAMINATIONS)
    assert all(set(item) == {"subject", "level", "text", "hint"} for item in found)


def test_nothing_is_left_behind() -> None:
    run()

    assert not Purchase.objects.exists()
    assert not default_storage.exists("ppx/doctor.txt")


def test_no_personal_detail_is_printed() -> None:
    order = make_order(customer=Customer(email="ada@example.com", phone="+49301234567"))
    FakeShop.place(order)

    _status, printed = run()

    assert "ada" not in printed
    assert "1234567" not in printed


def test_a_wrong_setting_fails(settings) -> None:
    settings.PPX_PAGE_LIMIT = 0

    status, printed = run("text")

    assert status == 1
    assert "FAIL  settings: PPX_PAGE_LIMIT can't be 0. (django_ppx.E007)" in printed
    assert "      A whole number from 1 to 50." in printed
    assert printed.splitlines()[-1].startswith("Wrong: 1.")


def test_a_silenced_check_is_silent(settings) -> None:
    settings.PPX_PAGE_LIMIT = 0
    settings.SILENCED_SYSTEM_CHECKS = ["django_ppx.E007"]

    assert run()[0] == 0


def test_codes_that_could_be_guessed_fail(monkeypatch) -> None:
    monkeypatch.setattr("django_ppx.rewards.space.RAREST", 31**12)
    benefit = make_benefit()
    make_code(benefit, now=timezone.now())
    assert findings("settings")[0][0] == "well"
    make_code(benefit, now=timezone.now())

    ((level, text),) = findings("settings")

    assert level == "problem"
    assert "(django_ppx.E016)" in text


def test_an_alarm_of_the_last_day_is_a_note() -> None:
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    AttemptCount.objects.create(source=EVERYBODY, window_starts_at=hour, attempts=214)
    quiet = findings("guessing")
    AttemptCount.objects.create(source=ALARM, window_starts_at=hour, attempts=1)

    ((level, text),) = findings("guessing")

    assert quiet == [("well", "No alarm in 24 hours; attempts at codes that failed: 0.")]
    assert level == "note"
    assert text == (
        f"Codes are being guessed: 214 attempts failed in the hour from {hour.isoformat()} on."
    )
    assert run()[0] == 0


@pytest.mark.parametrize(
    ("prefix", "is_noted"), [("10.0.3.…", True), ("93.184.216.…", False), ("", False)]
)
def test_attempts_from_the_address_of_a_proxy_are_a_note(settings, prefix, is_noted) -> None:
    FailedAttempt.objects.create(at=timezone.now(), reason="unknown", address_prefix=prefix)
    note = ("note", f"The last failed attempt came from {prefix}, an address of a local network.")

    assert (note in findings("guessing")) is is_noted
    settings.PPX_CLIENT_ADDRESS = "tests.management.test_doctor.findings"
    assert note not in findings("guessing")


def test_imported_codes_that_run_low_are_a_note() -> None:
    assert findings("imported codes") == [
        ("well", "Benefits with imported codes: 0; none runs low.")
    ]
    low = make_benefit(name="A", code_source="pool", low_stock_at=5)
    make_code(low, status="pooled", expires_at=None)
    empty = make_benefit(name="B", code_source="pool")

    assert findings("imported codes") == [
        ("note", f"Benefit {low.pk} has 1 of 5 or more left."),
        ("note", f"Benefit {empty.pk} has 0 left."),
    ]


def test_migrations_that_are_not_applied_fail(monkeypatch) -> None:
    monkeypatch.setattr(
        "django.db.migrations.executor.MigrationExecutor.migration_plan",
        lambda self, targets: [("a migration", False)],
    )

    assert findings("database") == [("problem", "Migrations that are not applied: 1.")]


def test_a_shop_without_an_order_is_a_note(shop) -> None:
    shop.clear()

    ((level, text),) = findings("shop")

    assert level == "note"
    assert "names no newest order" in text
    assert run()[0] == 0


@pytest.mark.parametrize(
    "change",
    [{"currency": "QQQ"}, {"number": ""}, {"lines": (OrderLine(title="x" * 3, quantity=None),)}],
)
def test_an_order_that_cannot_be_stored_fails(shop, change: dict[str, Any]) -> None:
    shop.clear()
    shop.placed["T-1"] = replace(make_order(number="T-1"), **change)

    assert [level for level, _text in findings("shop")] == ["problem"]
    assert run()[0] == 1


def test_an_adapter_that_raises_fails_and_the_rest_goes_on(shop) -> None:
    shop.fault = RuntimeError("the adapter broke")

    assert findings("shop") == [("problem", "RuntimeError: the adapter broke")]
    assert findings("theme")


def test_a_shop_that_cannot_be_imported_fails(settings) -> None:
    settings.PPX_SHOP = "no.such.Shop"

    assert [level for level, _text in findings("shop")] == ["problem"]


def test_two_numbers_for_one_order_fail(settings) -> None:
    settings.PPX_SHOP = f"{__name__}.TwoNumbers"

    assert ("problem", "order_ref() says '#T-1' where order() says 'T-1'.") in findings("shop")


def test_orders_that_staff_cannot_try_are_a_note(settings) -> None:
    settings.PPX_SHOP = f"{__name__}.Forgetful"

    assert [level for level, text in findings("shop") if "find_order()" in text] == ["note"]


def test_an_adapter_that_asks_too_often_is_a_note(settings) -> None:
    settings.PPX_SHOP = f"{__name__}.Chatty"

    assert ("note", "Reading that order took 11 queries.") in findings("shop")


@pytest.mark.parametrize(
    ("change", "gap"),
    [
        ({"customer": Customer(country="DE")}, "whose it is (account, e-mail, phone)"),
        ({"lines": ()}, "its lines"),
        ({"lines": (OrderLine(title=""),)}, "the title of each line"),
        ({"lines": (OrderLine(title="Bowl"),)}, "the SKU of any line"),
        ({"customer": Customer(email="ada@example.com")}, "the customer's country"),
    ],
    ids=str,
)
def test_what_an_order_does_not_say_is_a_note(shop, change: dict[str, Any], gap: str) -> None:
    shop.clear()
    shop.place(make_order(**change))

    assert ("note", f"That order does not say {gap}.") in findings("shop")


def test_a_storage_that_fails_is_a_problem(monkeypatch) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise PermissionError("read-only")

    monkeypatch.setattr(default_storage, "save", refuse)

    assert findings("storage") == [("problem", "PermissionError: read-only")]


def test_a_cache_that_keeps_nothing_is_a_note(settings) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}

    ((level, _text),) = findings("cache")

    assert level == "note"
    assert run()[0] == 0


def test_a_sender_at_localhost_is_a_note(settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "webmaster@localhost"

    assert ("note", "Mail to customers would come from localhost.") in findings("mail")
    settings.PPX_MAIL_FROM = "The Book Barn <hello@example.com>"
    assert [level for level, _text in findings("mail")] == ["well"]
    settings.PPX_MAIL_FROM = "The Book Barn <hello@localhost>"
    assert ("note", "Mail to customers would come from localhost.") in findings("mail")


@pytest.mark.parametrize(
    ("mailers", "expected"),
    [
        ({}, ("note", "Django has no way to send mail.")),
        ({"default": {"BACKEND": "shop.Mailer"}}, ("well", "Mail goes through shop.Mailer.")),
    ],
    ids=str,
)
def test_the_mailers_of_newer_djangos_are_read(settings, mailers: Any, expected: Any) -> None:
    settings.MAILERS = mailers

    assert findings("mail") == [expected]


def test_static_files_that_were_not_collected_fail(settings) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }

    assert [level for level, _text in findings("static files")] == ["problem"]


def test_active_offers_are_counted_by_kind() -> None:
    make_offer("message")
    make_offer("message")
    make_offer("message", status="paused")

    assert findings("offers") == [("well", "Active now: 2 × message.")]


def test_no_active_offer_is_a_note() -> None:
    assert [level for level, _text in findings("offers")] == ["note"]


def test_an_active_offer_that_nobody_can_see_fails() -> None:
    offer = make_offer("message", slug="nowhere")
    offer.variants.all().delete()

    assert ("problem", "The offer 'nowhere' is active, and nobody can see it.") in findings(
        "offers"
    )


def test_the_active_theme_is_named() -> None:
    assert findings("theme") == [("well", "None is active: offers wear the default look.")]

    Theme.objects.create(name="Spring", is_active=True)

    assert findings("theme") == [("well", "“Spring” is active.")]
