"""`ppx_import_orders`: what it prints, where it goes on, how it ends."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from django.core.management import CommandError, call_command

from django_ppx.core import import_runs
from django_ppx.core.models import OrderImport, Purchase, PurchaseEntry
from django_ppx.shop.types import Order, OrderStatus
from django_ppx.testing import FakeShop, make_order

FIRST = datetime(2026, 3, 1, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class CountingShop(FakeShop):
    """Knows how many orders it has, stops where a test says, and keeps which were asked for."""

    stops_at: ClassVar[int | None] = None
    error: ClassVar[BaseException] = RuntimeError("the connection is gone")
    asked_since: ClassVar[list[datetime | None]] = []

    def count_orders(self, since: datetime | None = None) -> int:
        return sum(1 for _order in super().orders(since))

    def orders(self, since: datetime | None = None) -> Iterator[Order]:
        self.asked_since.append(since)
        for number, order in enumerate(super().orders(since)):
            if number == self.stops_at:
                raise self.error
            yield order


@pytest.fixture(autouse=True)
def shop(settings, monkeypatch) -> Iterator[type[CountingShop]]:
    settings.PPX_SHOP = f"{__name__}.CountingShop"
    monkeypatch.setattr(import_runs, "BATCH", 10)
    monkeypatch.setattr(CountingShop, "asked_since", [])
    yield CountingShop
    FakeShop.clear()


def place(count: int, **overrides: Any) -> None:
    for number in range(count):
        values = {"number": f"H-{number:03}", "placed_at": FIRST + timedelta(hours=number)}
        FakeShop.place(make_order(**{**values, **overrides}))


def run(*args: str, out: io.StringIO | None = None) -> str:
    printed = out or io.StringIO()
    call_command("ppx_import_orders", *args, no_color=True, stdout=printed, stderr=printed)
    return printed.getvalue()


def broken_off(*args: str) -> CommandError:
    with pytest.raises(CommandError) as caught:
        run(*args)
    return caught.value


def test_all_orders_become_purchases_with_their_entries() -> None:
    place(25)
    FakeShop.place(make_order(number="H-1", status=OrderStatus.CANCELLED, placed_at=FIRST))

    printed = run()

    assert printed.splitlines()[-1] == "26 orders recorded, 0 known already, 0 not imported."
    assert [line.split(",")[0] for line in printed.splitlines()[:-1]] == [
        " 38%  10 of 26",
        " 76%  20 of 26",
        "100%  26 of 26",
    ]
    assert Purchase.objects.count() == 26
    assert PurchaseEntry.objects.count() == 27
    assert OrderImport.objects.get().finished_at is not None


def test_a_terminal_shows_a_bar_that_moves() -> None:
    place(20)

    printed = run(out=Terminal())

    assert "\r[###############...............]  50%  10 of 20" in printed
    assert "\r[##############################] 100%  20 of 20" in printed
    assert printed.count("\n") == 2


def test_a_shop_that_does_not_know_its_number_of_orders_is_counted(settings) -> None:
    settings.PPX_SHOP = "django_ppx.testing.FakeShop"
    place(20)

    printed = run(out=Terminal())

    assert "\r20, " in printed
    assert printed.endswith("\n20 orders recorded, 0 known already, 0 not imported.\n")


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (RuntimeError("the connection is gone"), 1, "RuntimeError: the connection is gone"),
        (KeyboardInterrupt(), 130, "Interrupted"),
    ],
)
def test_what_was_broken_off_goes_on_where_it_was(shop, monkeypatch, error, code, words) -> None:
    place(35)
    monkeypatch.setattr(shop, "error", error)
    monkeypatch.setattr(shop, "stops_at", 25)

    broken = broken_off()
    monkeypatch.setattr(shop, "stops_at", None)
    printed = run()

    assert (broken.returncode, words in str(broken)) == (code, True)
    assert "manage.py ppx_import_orders" in str(broken)
    assert shop.asked_since == [None, FIRST + timedelta(hours=19)]
    assert "Going on with the import that reached 2026-03-02 08:00." in printed
    # the last order of what was imported is read again
    assert printed.splitlines()[-1] == "35 orders recorded, 1 known already, 0 not imported."
    assert (Purchase.objects.count(), OrderImport.objects.count()) == (35, 1)


def test_orders_of_one_moment_are_all_imported_when_it_is_gone_on_with(shop, monkeypatch) -> None:
    place(35, placed_at=FIRST)
    monkeypatch.setattr(shop, "stops_at", 25)

    broken_off()
    monkeypatch.setattr(shop, "stops_at", None)
    run()

    assert Purchase.objects.count() == 35


def test_a_shop_without_an_order_is_read_from_its_start(shop, monkeypatch) -> None:
    place(35)

    def shuffled(self: CountingShop, since: datetime | None = None) -> Iterator[Order]:
        self.asked_since.append(since)
        for number, order in enumerate(reversed(list(self.placed.values()))):
            if number == self.stops_at:
                raise RuntimeError
            yield order

    monkeypatch.setattr(shop, "orders", shuffled)
    monkeypatch.setattr(shop, "stops_at", 25)

    broken_off()
    monkeypatch.setattr(shop, "stops_at", None)
    run()

    assert shop.asked_since == [None, None]
    assert Purchase.objects.count() == 35


def test_a_finished_import_begins_anew_and_finds_what_is_new() -> None:
    place(12)
    run()
    place(15)

    printed = run()

    assert printed.splitlines()[-1] == "3 orders recorded, 12 known already, 0 not imported."


def test_restarting_begins_anew_where_a_run_was_broken_off(shop, monkeypatch) -> None:
    place(35)
    monkeypatch.setattr(shop, "stops_at", 25)
    broken_off()
    monkeypatch.setattr(shop, "stops_at", None)

    printed = run("--restart")

    assert shop.asked_since == [None, None]
    assert printed.splitlines()[-1] == "15 orders recorded, 20 known already, 0 not imported."


def test_since_is_a_day_of_the_shop(shop) -> None:
    FakeShop.place(make_order(number="S-1", placed_at=datetime(2026, 3, 4, 22, 59, tzinfo=UTC)))
    FakeShop.place(make_order(number="S-2", placed_at=datetime(2026, 3, 4, 23, 0, tzinfo=UTC)))

    run("--since=2026-03-05")

    assert shop.asked_since == [datetime(2026, 3, 4, 23, tzinfo=UTC)]
    assert [purchase.order_ref for purchase in Purchase.objects.all()] == ["S-2"]


def test_another_since_is_another_run(shop, monkeypatch) -> None:
    place(35)
    monkeypatch.setattr(shop, "stops_at", 25)
    broken_off()
    monkeypatch.setattr(shop, "stops_at", None)

    run("--since=2026-03-02")

    assert shop.asked_since == [None, datetime(2026, 3, 1, 23, tzinfo=UTC)]
    assert OrderImport.objects.count() == 2


def test_what_can_not_be_read_is_named_at_the_end_and_the_command_fails() -> None:
    place(12)
    FakeShop.place(make_order(number="H-003", total=Decimal(-1), placed_at=FIRST))
    printed = io.StringIO()

    with pytest.raises(CommandError) as caught:
        run(out=printed)

    assert caught.value.returncode == 1
    assert printed.getvalue().splitlines()[-2:] == [
        "11 orders recorded, 0 known already, 1 not imported.",
        "H-003: An order's total can't be negative.",
    ]
    assert Purchase.objects.count() == 11


def test_a_shop_without_orders_is_told_why() -> None:
    assert "its adapter needs orders()" in run()


def test_a_shop_that_is_not_there_is_refused(settings) -> None:
    settings.PPX_SHOP = "no.such.Shop"

    assert "no.such.Shop" in str(broken_off())


def test_no_more_than_a_batch_is_read_ahead(shop, monkeypatch) -> None:
    place(35)
    ahead = []

    def watched(self: CountingShop, since: datetime | None = None) -> Iterator[Order]:
        for number, order in enumerate(FakeShop.orders(self, since)):
            ahead.append(number + 1 - Purchase.objects.count())
            yield order

    monkeypatch.setattr(shop, "orders", watched)

    run()

    assert max(ahead) == 10
