"""The report of `make bench`: what it prints, and when it fails."""

from __future__ import annotations

import sys

import pytest

from tests.benchmarks import __main__ as runner
from tests.benchmarks.cases import Row


@pytest.fixture
def bench(monkeypatch, capsys):
    """Run the benchmarks with figures of our own; return the exit status and what was printed."""

    def run(*arguments: str, rows: list[Row], answering: tuple[str, ...] = ("sqlite",)):
        asked: list[str] = []

        def run_case(case: str, database: str) -> list[Row]:
            asked.append(f"{case}-{database}")
            return rows

        monkeypatch.setattr(
            runner, "CASES", {"page": ("sqlite", "postgresql"), "race": ("sqlite",)}
        )
        monkeypatch.setattr(runner, "has_answer", lambda name: name in answering)
        monkeypatch.setattr(runner, "run_case", run_case)
        monkeypatch.setattr(sys, "argv", ["bench", *arguments])
        status = runner.main()
        return status, asked, capsys.readouterr()

    return run


GOOD = Row("case", "1", "2", is_ok=True)
SHORT = Row("case", "3", "2", is_ok=False)


def test_every_case_on_every_database_that_answers(bench) -> None:
    status, asked, printed = bench(rows=[GOOD])

    assert status == 0
    assert asked == ["page-sqlite", "race-sqlite"]
    assert "page-postgresql" in printed.out
    assert "does not answer" in printed.out


def test_one_short_row_fails_the_run(bench) -> None:
    status, _asked, printed = bench(rows=[GOOD, SHORT])

    assert status == 1
    assert printed.out.count(" short") == 2


@pytest.mark.parametrize(
    ("only", "asked"),
    [
        ("race", ["race-sqlite"]),
        ("page-p", ["page-postgresql"]),
        ("p", ["page-sqlite", "page-postgresql"]),
    ],
)
def test_cases_are_chosen_by_the_beginning_of_their_name(bench, only, asked) -> None:
    answering = ("sqlite", "postgresql")

    assert bench(only, rows=[GOOD], answering=answering)[1] == asked


def test_an_unknown_case_is_said_to_be_unknown(bench) -> None:
    status, asked, printed = bench("speed", rows=[GOOD])

    assert (status, asked) == (2, [])
    assert "page-sqlite, page-postgresql, race-sqlite" in printed.err
