from __future__ import annotations

import re
from pathlib import Path

import pytest

import django_ppx

SCRIPT = (Path(django_ppx.__file__).parent / "static" / "django_ppx" / "ppx.js").read_text()


def test_the_script_is_smaller_than_seven_kilobytes() -> None:
    assert len(SCRIPT.encode()) < 7_000


@pytest.mark.parametrize(
    "word",
    [
        "innerHTML",
        "eval(",
        "document.cookie",
        "localStorage",
        "sessionStorage",
        "import ",
        "import(",
    ],
)
def test_the_script_keeps_nothing_writes_no_html_and_loads_nothing(word: str) -> None:
    assert word not in SCRIPT


def test_the_script_avoids_syntax_that_older_browsers_stop_at() -> None:
    assert not re.search(r"\?\.|\?\?|catch \{|\.\.\.", SCRIPT)
