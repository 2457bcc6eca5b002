"""The commands for many codes: what they print, what they leave behind, how they end."""

from __future__ import annotations

import csv
import io
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import OutputWrapper

from django_ppx.management.batches import Progress
from django_ppx.management.commands import ppx_generate_codes
from django_ppx.rewards.models import CodeBatch, DiscountCode
from django_ppx.testing import make_benefit, make_code

pytestmark = pytest.mark.django_db


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def run(name: str, *args: Any, out: io.StringIO | None = None, **options: Any) -> str:
    printed = out or io.StringIO()
    call_command(name, *map(str, args), no_color=True, stdout=printed, **options)
    return printed.getvalue()


def refusal(name: str, *args: Any) -> str:
    with pytest.raises(CommandError) as caught:
        run(name, *args)
    return str(caught.value)


@pytest.fixture(autouse=True)
def steps_of_ten(monkeypatch) -> None:
    monkeypatch.setattr(ppx_generate_codes, "STEP", 10)


@pytest.mark.parametrize("by", ["id", "name"])
def test_codes_are_made_for_a_benefit_named_by_id_or_name(by) -> None:
    benefit = make_benefit(name="Ten percent")

    printed = run(
        "ppx_generate_codes",
        benefit.pk if by == "id" else "Ten percent",
        "--count=35",
        "--name=Leaflet",
        "--expires=2099-06-30",
    )

    batch = CodeBatch.objects.get()
    assert (batch.name, batch.status, batch.codes.count()) == ("Leaflet", "done", 35)
    assert batch.expires_at == datetime(2099, 6, 30, 22, tzinfo=UTC)
    lines = printed.splitlines()
    assert [line.split(",")[0] for line in lines[:-1]] == [
        " 28%  10 of 35",
        " 57%  20 of 35",
        " 85%  30 of 35",
        "100%  35 of 35",
    ]
    assert lines[-1] == f"Batch {batch.pk} has 35 codes."


def test_a_terminal_shows_a_bar_that_moves() -> None:
    printed = run("ppx_generate_codes", make_benefit().pk, "--count=20", out=Terminal())

    assert "\r[###############...............]  50%  10 of 20" in printed
    assert "\r[##############################] 100%  20 of 20" in printed
    assert printed.count("\n") == 2


def test_the_codes_are_written_as_csv(tmp_path) -> None:
    file = tmp_path / "codes.csv"

    printed = run("ppx_generate_codes", make_benefit().pk, "--count=3", f"--output={file}")

    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert {row["code"].replace("-", "") for row in rows} == set(
        DiscountCode.objects.values_list("code", flat=True)
    )
    assert f"They are in {file}." in printed


def test_a_file_that_exists_is_not_written_over(tmp_path) -> None:
    file = tmp_path / "codes.csv"
    file.write_text("mine")

    assert "exists. Name another file." in refusal(
        "ppx_generate_codes", make_benefit().pk, "--count=3", f"--output={file}"
    )
    assert (file.read_text(), CodeBatch.objects.count()) == ("mine", 0)


def test_a_file_that_can_not_be_written_says_how_to_get_the_codes(tmp_path) -> None:
    error = refusal(
        "ppx_generate_codes", make_benefit().pk, "--count=3", f"--output={tmp_path}/no/codes.csv"
    )

    batch = CodeBatch.objects.get()
    assert f"manage.py ppx_generate_codes --batch {batch.pk} --output FILE" in error
    assert batch.status == "done"
    run("ppx_generate_codes", f"--batch={batch.pk}", f"--output={tmp_path}/codes.csv")
    assert len((tmp_path / "codes.csv").read_text().splitlines()) == 4


def test_interrupted_it_says_how_to_go_on_and_does(monkeypatch) -> None:
    make = ppx_generate_codes.continue_batch

    def interrupted(**said: Any) -> CodeBatch:
        if CodeBatch.objects.get().made == 20:
            raise KeyboardInterrupt
        return make(**said)

    monkeypatch.setattr(ppx_generate_codes, "continue_batch", interrupted)
    with pytest.raises(CommandError) as caught:
        run("ppx_generate_codes", make_benefit().pk, "--count=30")
    batch = CodeBatch.objects.get()
    assert caught.value.returncode == 130
    assert f"ppx_generate_codes --batch {batch.pk}" in str(caught.value)
    assert (batch.made, batch.status) == (20, "running")

    monkeypatch.setattr(ppx_generate_codes, "continue_batch", make)
    run("ppx_generate_codes", f"--batch={batch.pk}")

    assert batch.codes.count() == 30


@pytest.mark.parametrize(
    ("args", "error"),
    [
        (["Nobody", "--count=1"], "There is no benefit with the id or the name 'Nobody'."),
        (["Twice", "--count=1"], "Several benefits are called 'Twice'. Name one by its id: "),
        (["Once", "--count=0"], "From 1 to 1,000,000 codes at once."),
        (["Once"], "Name a benefit and a --count, or a --batch to go on with."),
        (["--count=1"], "Name a benefit and a --count, or a --batch to go on with."),
        (["Once", "--count=1", "--expires=31.12.2026"], "'31.12.2026' is no day."),
        (["Once", "--count=1", "--expires=2020-01-01"], "The last day of these codes has passed."),
        (["Once", "--batch=1"], "A batch has its benefit already: leave it out with --batch."),
        (["--batch=404"], "There is no batch 404 of codes made here."),
    ],
)
def test_what_can_not_be_made_says_why(args, error) -> None:
    for name in ("Once", "Twice", "Twice"):
        make_benefit(name=name)

    assert error in refusal("ppx_generate_codes", *args)
    assert CodeBatch.objects.count() == 0


def test_a_total_that_is_reached_in_one_step_is_one_line() -> None:
    out = io.StringIO()

    Progress(OutputWrapper(out), total=1, done=0).show(1)

    assert out.getvalue().startswith("100%  1 of 1, ")


def test_a_file_of_codes_is_imported(tmp_path) -> None:
    benefit = make_benefit(name="Cinema", code_source="pool")
    make_code(code="THEIRS22")
    file = tmp_path / "cinema.csv"
    file.write_text("Nr;Number\n1;AAAA\n2;aa-aa\n3;theirs22\n4;Ä\n", encoding="utf-8-sig")

    printed = run(
        "ppx_import_codes", file, "--benefit=Cinema", "--column=number", "--expires=2099-06-30"
    )

    batch = CodeBatch.objects.get()
    assert printed.splitlines() == [
        "line 3: twice in this file: aa-aa",
        "line 4: there already, of another benefit: theirs22",
        "line 5: not only letters A to Z and digits: Ä",
        f"Batch {batch.pk}: 1 imported, 2 duplicates, 1 that are no code.",
    ]
    assert (batch.name, batch.benefit) == ("cinema.csv", benefit)
    assert batch.codes.get().expires_at == datetime(2099, 6, 30, 22, tzinfo=UTC)


def test_codes_are_piped_in(monkeypatch) -> None:
    benefit = make_benefit(code_source="pool")
    piped = io.TextIOWrapper(io.BytesIO(b"Number\nAAAA\nBBBB\n"))
    monkeypatch.setattr(sys, "stdin", piped)

    run("ppx_import_codes", "-", f"--benefit={benefit.pk}", "--name=Agency", "--heading")

    batch = CodeBatch.objects.get()
    assert (batch.name, batch.made) == ("Agency", 2)


def test_of_many_problems_the_first_are_printed(tmp_path) -> None:
    benefit = make_benefit(code_source="pool")
    file = tmp_path / "codes.txt"
    file.write_text("?\n" * 25)

    lines = run("ppx_import_codes", file, f"--benefit={benefit.pk}").splitlines()

    assert len(lines) == 22
    assert lines[20].startswith("… and 5 more.")


@pytest.mark.parametrize(
    ("content", "args", "error"),
    [
        (b"", [], "The file is empty."),
        ("A".encode("utf-16"), [], "The file is UTF-16. Save it as UTF-8."),
        (b"no;price\n", ["--column=code"], "The headings are: no, price."),
        (b"AAAA", ["--expires=2020-01-01"], "The last day of these codes has passed."),
        (None, [], "can't be read: No such file or directory."),
    ],
)
def test_a_file_that_can_not_be_imported_says_why(tmp_path: Path, content, args, error) -> None:
    benefit = make_benefit(code_source="pool")
    file = tmp_path / "codes.csv"
    if content is not None:
        file.write_bytes(content)

    assert error in refusal("ppx_import_codes", file, f"--benefit={benefit.pk}", *args)
    assert DiscountCode.objects.count() == 0


def test_a_benefit_whose_codes_are_drawn_takes_none(tmp_path) -> None:
    file = tmp_path / "codes.csv"
    file.write_text("AAAA")

    assert "drawn at random" in refusal("ppx_import_codes", file, f"--benefit={make_benefit().pk}")
