"""Work after the commit: done once, and never a fault that reaches the shop's page."""

from __future__ import annotations

from functools import partial

import django
import pytest
from django.db import transaction

from django_ppx.core.committing import after_commit

pytestmark = pytest.mark.django_db(transaction=True)


def fail(word: str) -> None:
    raise RuntimeError(word)


def test_it_is_done_after_the_commit_and_not_before() -> None:
    done: list[int] = []

    with transaction.atomic():
        after_commit(partial(done.append, 1))
        assert done == []

    assert done == [1]


def test_it_is_not_done_when_the_transaction_is_rolled_back() -> None:
    done: list[int] = []

    @transaction.atomic
    def work() -> None:
        after_commit(partial(done.append, 1))
        fail("rolled back")

    with pytest.raises(RuntimeError):
        work()
    assert done == []


def test_what_fails_is_logged_and_the_rest_is_done(caplog) -> None:
    done: list[int] = []

    with transaction.atomic():
        after_commit(partial(fail, "broken"))
        after_commit(partial(done.append, 1))

    assert done == [1]
    assert [record.exc_info[0] for record in caplog.records] == [RuntimeError]


@pytest.mark.skipif(django.VERSION >= (6, 1), reason="Django 6.1 can name a partial")
def test_control_a_bare_partial_that_fails_reaches_the_page() -> None:
    with pytest.raises(AttributeError, match="__qualname__"), transaction.atomic():
        transaction.on_commit(partial(fail, "broken"), robust=True)
