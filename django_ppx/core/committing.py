"""What is done once the running transaction is committed, and never when it is rolled back."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction


def after_commit(work: Callable[[], object]) -> None:
    """Do `work` after the commit; at once where no transaction is open. What it raises is logged by Django.

    Django before 6.1 names what has failed by its `__qualname__`, which a partial does not have: given one as it is,
    the failure of the naming would reach the shop's page.
    """

    def run() -> None:
        work()

    transaction.on_commit(run, robust=True)
