from __future__ import annotations

import logging

import pytest
from django.contrib.auth.models import Group
from django.db import DatabaseError, IntegrityError, connection, transaction

from django_ppx.core.containment import contain, run_contained


def fail() -> None:
    raise LookupError("no such thing")


def write_and_raise(error: BaseException) -> None:
    Group.objects.create(name="ours")
    raise error


def break_the_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM there_is_no_such_table")


@pytest.mark.django_db
def test_a_block_without_a_fault_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    with contain("the test") as containment:
        Group.objects.create(name="kept")

    assert not containment.failed
    assert Group.objects.filter(name="kept").exists()
    assert caplog.records == []


@pytest.mark.django_db
def test_a_fault_stays_inside_and_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    with contain("the test") as containment:
        fail()

    assert containment.failed
    (record,) = caplog.records
    assert record.name == "django_ppx"
    assert record.levelno == logging.ERROR
    assert record.getMessage() == "the test failed; the page goes on without it."
    assert record.exc_info is not None
    assert record.exc_info[0] is LookupError


@pytest.mark.django_db(transaction=True)
def test_the_hosts_transaction_goes_on_after_a_database_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with transaction.atomic():
        Group.objects.create(name="before")
        with contain("the test") as containment:
            Group.objects.create(name="ours")
            break_the_database()
        Group.objects.create(name="after")

    assert containment.failed
    assert sorted(Group.objects.values_list("name", flat=True)) == ["after", "before"]
    assert len(caplog.records) == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_wall_a_database_error_would_poison_the_host() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL refuses a transaction after an error in it")

    with transaction.atomic():
        with pytest.raises(DatabaseError):
            break_the_database()
        with pytest.raises(DatabaseError):
            Group.objects.create(name="after")


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_opened(django_assert_num_queries) -> None:
    with django_assert_num_queries(1), contain("the test"):
        Group.objects.count()

    assert not connection.in_atomic_block


@pytest.mark.django_db(transaction=True)
def test_a_marked_rollback_inside_does_not_reach_the_host() -> None:
    with transaction.atomic():
        Group.objects.create(name="before")
        with contain("the test"):
            Group.objects.create(name="ours")
            transaction.set_rollback(True)
        Group.objects.create(name="after")

    assert sorted(Group.objects.values_list("name", flat=True)) == ["after", "before"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("statement", ["SAVEPOINT", "RELEASE SAVEPOINT"])
def test_a_savepoint_that_fails_is_contained_too(
    statement: str, caplog: pytest.LogCaptureFixture
) -> None:
    faults = 1

    def refuse(execute, sql, params, many, context):
        nonlocal faults
        if sql.startswith(statement) and faults:
            faults -= 1
            raise DatabaseError("injected")
        return execute(sql, params, many, context)

    with transaction.atomic():
        Group.objects.create(name="before")
        with connection.execute_wrapper(refuse), contain("the test") as containment:
            Group.objects.create(name="ours")
        Group.objects.create(name="after")

    assert containment.failed
    assert sorted(Group.objects.values_list("name", flat=True)) == ["after", "before"]
    assert len(caplog.records) == 1


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_the_host_broke_gets_no_statement_of_ours(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with transaction.atomic():
        transaction.set_rollback(True)
        with contain("the test") as containment:
            Group.objects.create(name="ours")

    assert containment.failed
    assert len(caplog.records) == 1
    assert not Group.objects.exists()


@pytest.mark.django_db
def test_a_nested_wall_logs_once(caplog: pytest.LogCaptureFixture) -> None:
    with contain("outer") as outer, contain("inner") as inner:
        fail()

    assert inner.failed
    assert not outer.failed
    assert [record.args for record in caplog.records] == [("inner",)]


@pytest.mark.django_db
def test_loud_raises_and_rolls_back(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(LookupError), contain("the test", loud=True):
        write_and_raise(LookupError())

    assert not Group.objects.exists()
    assert caplog.records == []


@pytest.mark.django_db
def test_what_is_no_fault_goes_through() -> None:
    with pytest.raises(KeyboardInterrupt), contain("the test"):
        write_and_raise(KeyboardInterrupt())

    assert not Group.objects.exists()


@pytest.mark.django_db
def test_an_integrity_error_leaves_a_usable_transaction() -> None:
    Group.objects.create(name="taken")

    with contain("the test") as containment:
        Group.objects.create(name="taken")

    assert containment.failed
    assert Group.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Group.objects.create(name="taken")


@pytest.mark.django_db
def test_what_was_made_in_the_savepoint_is_returned() -> None:
    group = run_contained("the test", lambda: Group.objects.create(name="ours"), otherwise=None)

    assert Group.objects.get() == group


@pytest.mark.django_db
def test_a_fault_returns_the_other_answer(caplog: pytest.LogCaptureFixture) -> None:
    assert run_contained("the test", fail, otherwise="") == ""
    assert len(caplog.records) == 1


@pytest.mark.django_db(transaction=True)
def test_what_was_undone_is_not_returned() -> None:
    faults = 1

    def refuse(execute, sql, params, many, context):
        nonlocal faults
        if sql.startswith("RELEASE SAVEPOINT") and faults:
            faults -= 1
            raise DatabaseError("injected")
        return execute(sql, params, many, context)

    with transaction.atomic(), connection.execute_wrapper(refuse):
        answer = run_contained(
            "the test", lambda: Group.objects.bulk_create([Group(name="ours")]), otherwise=None
        )

    assert answer is None
    assert not Group.objects.exists()
