"""The documentation is compared with the code: what exists is documented, what is documented exists."""

from __future__ import annotations

import inspect
import re
import textwrap
from pathlib import Path

import pytest

from django_ppx import checks
from django_ppx.conf import Settings
from django_ppx.shop.adapter import ShopAdapter
from django_ppx.shop.mapped import KEYS
from django_ppx.shop.mapping import mapping_problems, required_missing

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
SETTINGS = {name for name in dir(Settings) if name.startswith("PPX_")}


def read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def python_blocks(text: str) -> list[str]:
    return re.findall(r"^ *```python\n(.*?)^ *```", text, flags=re.DOTALL | re.MULTILINE)


def test_every_setting_has_a_heading_and_none_is_invented() -> None:
    headings = re.findall(r"^### `(PPX_\w+)`$", read("settings.md"), flags=re.MULTILINE)

    assert sorted(headings) == sorted(SETTINGS)


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.name)
def test_no_page_names_a_setting_that_does_not_exist(page: Path) -> None:
    named = set(re.findall(r"PPX_[A-Z_]*[A-Z]", page.read_text(encoding="utf-8")))

    # The variable of the test suite and of the example shop, not settings of a host.
    assert named - SETTINGS - {"PPX_DATABASE_URL"} == set()


def test_every_check_is_in_the_table_once() -> None:
    source = Path(checks.__file__).read_text(encoding="utf-8")
    ids = set(re.findall(r"django_ppx\.[EW]\d{3}", source))
    ids |= {f"django_ppx.E{number:03}" for number in (7, 8, 9)}  # numbered in a loop

    rows = re.findall(r"^\| `(django_ppx\.[EW]\d{3})`", read("checks.md"), flags=re.MULTILINE)

    assert sorted(rows) == sorted(ids)


def test_every_name_of_the_mapping_is_in_the_table() -> None:
    table = read("adapter.md").partition("### The names")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.*?`) \|", table, flags=re.MULTILINE)

    assert sorted(re.findall(r"`(.*?)`", ", ".join(rows))) == sorted(KEYS)


def test_every_method_of_the_adapter_is_in_the_table() -> None:
    methods = {
        name
        for name, value in vars(ShopAdapter).items()
        if inspect.isfunction(value) and not name.startswith("_")
    }

    rows = re.findall(r"^\| `(\w+)\(", read("adapter.md"), flags=re.MULTILINE)

    assert sorted(rows) == sorted(methods)


def test_the_mapping_of_the_example_is_right() -> None:
    namespace: dict[str, object] = {}

    exec(python_blocks(read("adapter.md"))[0], namespace)

    fields = namespace["PPX_ORDER_FIELDS"]
    assert isinstance(fields, dict)
    assert mapping_problems({**fields, "model": "auth.User"}) == []
    assert required_missing(fields, has_currency=False) == []


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.name)
def test_every_python_example_is_python(page: Path) -> None:
    for block in python_blocks(page.read_text(encoding="utf-8")):
        compile(textwrap.dedent(block), str(page), "exec")


@pytest.mark.parametrize(
    "page", [*sorted(DOCS.rglob("*.md")), *ROOT.glob("README.md")], ids=lambda page: page.name
)
def test_no_link_between_pages_is_broken(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#[\w-]*)?\)", page.read_text()):
        assert (page.parent / target).exists(), target
