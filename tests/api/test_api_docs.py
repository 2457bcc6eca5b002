"""The guide and the reference say what the code says."""

from __future__ import annotations

import re
from pathlib import Path

from django_ppx.access.answering import AnswerRefused
from django_ppx.access.scopes import PERMISSIONS
from django_ppx.api import cors
from django_ppx.api.parsing import DEEPEST, MOST_DIGITS
from django_ppx.api.problems import Problem, Reason
from django_ppx.api.throttling import RATES
from django_ppx.conf import ppx_settings
from tests.api import reference

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDE = (DOCS / "api.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return GUIDE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_every_generic_reason_is_in_the_table_with_its_status() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \|", section("Errors"), flags=re.MULTILINE)

    statuses = {"idempotency_key_invalid": "400", "in_flight": "409"}
    assert rows == [
        *((each.value, str(Problem(each).status_code)) for each in Reason),
        *((each.value, statuses.get(each.value, "422")) for each in AnswerRefused.Reason),
    ]


def test_every_rate_is_in_the_table() -> None:
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| (\S+) \|", section("How often"), flags=re.MULTILINE)

    assert dict(rows) == RATES


def test_every_scope_is_in_the_table_with_its_permissions() -> None:
    rows = re.findall(r"^\| `(\w+:\w+)` \| (.+) \|", section("Who calls"), flags=re.MULTILINE)

    found = {
        scope: tuple(f"django_ppx.{name}" for name in re.findall(r"`([^`]+)`", cell))
        for scope, cell in rows
    }
    assert found == {scope.value: names for scope, names in PERMISSIONS.items()}


def test_the_limits_are_those_of_the_code() -> None:
    text = " ".join(GUIDE.split())

    assert f"`PPX_API_MAX_BODY_KILOBYTES` ({ppx_settings.PPX_API_MAX_BODY_KILOBYTES})" in text
    assert f"{DEEPEST} levels deep" in text
    assert f"more than {MOST_DIGITS} digits" in text
    assert f"`PPX_IDEMPOTENCY_HOURS` ({ppx_settings.PPX_IDEMPOTENCY_HOURS})" in text


def test_no_origin_may_ever_send_cookies() -> None:
    assert "Credentials" not in Path(cors.__file__).read_text(encoding="utf-8")


def test_the_reference_is_current() -> None:
    page = (DOCS / "api_reference.md").read_text(encoding="utf-8")

    assert page == reference.main(), "python -m tests.api.reference > docs/api_reference.md"
