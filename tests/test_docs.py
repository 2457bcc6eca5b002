"""The documentation is compared with the code: what exists is documented, what is documented exists."""

from __future__ import annotations

import configparser
import inspect
import re
import sys
import textwrap
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.apps import apps
from django.core.management import find_commands, get_commands, load_command_class
from django.core.management.base import BaseCommand
from django.dispatch import Signal
from django.utils.module_loading import import_string
from PIL import Image

import django_ppx
from django_ppx import checks, codes, signals
from django_ppx.conf import Settings
from django_ppx.offers.kinds import load_kinds
from django_ppx.offers.models import Placement
from django_ppx.offers.moments import LineFacts
from django_ppx.offers.traits import BUILT_IN, load_traits
from django_ppx.shop.adapter import ShopAdapter
from django_ppx.shop.mapped import KEYS
from django_ppx.shop.mapping import mapping_problems, required_missing
from django_ppx.templatetags import ppx as tags
from tests.offers.builders import make_moment

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PACKAGE = Path(django_ppx.__file__).parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
CHECK_ID = re.compile(r"django_ppx\.[EW]\d{3}")
EACH_PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
SETTINGS = {name for name in dir(Settings) if name.startswith("PPX_")}


def read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def python_blocks(text: str) -> list[str]:
    return re.findall(r"^ *```python\n(.*?)^ *```", text, flags=re.DOTALL | re.MULTILINE)


def test_every_setting_has_a_heading_and_none_is_invented() -> None:
    headings = re.findall(r"^### `(PPX_\w+)`$", read("settings.md"), flags=re.MULTILINE)

    assert sorted(headings) == sorted(SETTINGS)


@EACH_PAGE
def test_no_page_names_a_setting_that_does_not_exist(page: Path) -> None:
    named = set(re.findall(r"PPX_[A-Z_]*[A-Z]", page.read_text(encoding="utf-8")))

    # The variable of the test suite and of the example shop, not settings of a host.
    assert named - SETTINGS - {"PPX_DATABASE_URL"} == set()


def test_every_check_is_in_the_table_once() -> None:
    modules = [Path(checks.__file__), *PACKAGE.glob("*/checks.py")]
    ids = set(CHECK_ID.findall("".join(path.read_text(encoding="utf-8") for path in modules)))
    numbered_in_a_loop = (7, 8, 9, *range(17, 23), 25, 26, *range(28, 34), 38, 39, 41, 43)
    ids |= {f"django_ppx.E{number:03}" for number in numbered_in_a_loop}

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


@EACH_PAGE
def test_every_python_example_is_python(page: Path) -> None:
    for block in python_blocks(page.read_text(encoding="utf-8")):
        compile(textwrap.dedent(block), str(page), "exec")


@EACH_PAGE
def test_no_link_between_pages_is_broken(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#[\w-]*)?\)", page.read_text()):
        assert (page.parent / target).exists(), target


def example(page: str, name: str) -> str:
    """Return the block that stands on the page under the file's name."""
    return re.split(rf"^\*\*`{re.escape(name)}`\*\*\n+```\w*\n", read(page), flags=re.MULTILINE)[
        1
    ].partition("```")[0]


def test_every_signal_is_in_the_table_with_its_arguments() -> None:
    sent = {name for name, value in vars(signals).items() if isinstance(value, Signal)}
    source = Path(signals.__file__).read_text(encoding="utf-8")
    arguments = {
        name: re.findall(r"(?:^# |; )(\w+):", comment, flags=re.MULTILINE)
        for comment, name in re.findall(r"((?:^#.*\n)+)(\w+) = Signal", source, flags=re.MULTILINE)
    }

    rows = dict(
        re.findall(r"^\| `(\w+)` \| [^|]+ \| (.+) \|$", read("signals.md"), flags=re.MULTILINE)
    )

    assert sorted(rows) == sorted(sent) == sorted(arguments)
    assert {name: re.findall(r"`([a-z_]+)`", row) for name, row in rows.items()} == arguments


def test_every_signal_is_sent_somewhere() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))

    for name, value in vars(signals).items():
        if isinstance(value, Signal):
            assert f"{name}.send_robust" in code, name


def test_every_command_has_a_heading_and_its_options() -> None:
    page = read("commands.md")
    commands = find_commands(str(PACKAGE / "management"))

    assert sorted(re.findall(r"^### `(\w+)`$", page, flags=re.MULTILINE)) == sorted(commands)
    for name in commands:
        section = page.partition(f"### `{name}`")[2].partition("\n##")[0]
        parser = load_command_class("django_ppx", name).create_parser("manage.py", name)
        general = set(BaseCommand().create_parser("manage.py", name)._option_string_actions)
        for option in set(parser._option_string_actions) - general:
            assert option in section, f"{name} {option}"


def test_every_tag_has_a_heading_and_its_arguments() -> None:
    page = read("tags.md")
    headings = re.findall(r"^## `\{% (\w+)", page, flags=re.MULTILINE)

    assert sorted(headings) == sorted(tags.register.tags)
    for name in tags.register.tags:
        section = re.split(rf"^## `{{% {name}\b", page, flags=re.MULTILINE)[1].partition("\n## ")[0]
        for argument in list(inspect.signature(getattr(tags, name)).parameters)[1:]:
            assert re.search(rf"\b{argument}\b", section), f"{name} {argument}"


def test_every_kind_is_in_the_table_and_has_a_section() -> None:
    page = read("kinds.md")
    rows = re.findall(r"^\| ([\w -]+) \| `(\w+)` \|", page, flags=re.MULTILINE)

    assert rows == [(str(kind.label), kind.name) for kind in load_kinds().values()]
    for label, _name in rows:
        assert f"\n## {label}\n" in page


def test_every_reason_for_a_refusal_is_in_the_table() -> None:
    table = read("codes.md").partition("## When a code is refused")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`.+?`) \|", table, flags=re.MULTILINE)

    documented = [name for cell in cells for name in re.findall(r"`(\w+)`", cell)]

    assert sorted(documented) == sorted(codes.RedemptionRefused.Reason.values)


def test_every_front_door_is_described() -> None:
    for page, module, names in [
        ("codes.md", "codes", ["quote", "redeem", "release", "remember", "remembered", "forget"]),
        ("adapter.md", "purchases", ["completed", "cancelled", "refunded"]),
        ("ledger.md", "purchases", ["charged_back", "adjusted", "complained"]),
    ]:
        for name in names:
            assert f"{module}.{name}(" in read(page), name


def test_every_placement_is_in_the_docs() -> None:
    for placement in Placement.values:
        assert f"`{placement}`" in read("tags.md"), placement


def own_permissions() -> list[str]:
    models = apps.get_app_config("django_ppx").get_models()
    return [name for model in models for name, _label in model._meta.permissions]


def test_every_permission_is_in_the_table() -> None:
    rows = re.findall(r"^\| `django_ppx\.(\w+)`", read("admin.md"), flags=re.MULTILINE)

    assert sorted(rows) == sorted(own_permissions())


def test_every_page_is_linked_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    for page in DOCS.glob("*.md"):
        assert f"(docs/{page.name})" in readme, page.name


def test_every_trait_and_type_is_in_the_tables() -> None:
    page = read("traits.md")
    traits, types = (page.partition(f"## {title}")[2] for title in ("The built-in", "The types"))
    names = re.findall(r"^\| (`.+`) \| ([\w ]+) \|", traits.partition("\n## ")[0], re.MULTILINE)
    comparisons = dict(
        re.findall(r"^\| (\w+) \| ([^|]+) \|", types.partition("\n## ")[0], re.MULTILINE)
    )

    documented = {name: kind for cell, kind in names for name in re.findall(r"`(\w+)`", cell)}

    assert documented == {
        trait.name: "yes or no" if trait.type.name == "boolean" else trait.type.name
        for trait in BUILT_IN
    }
    for type_ in {trait.type.name: trait.type for trait in BUILT_IN}.values():
        assert comparisons[type_.name].split(", ") == [
            str(operator.label) for operator in type_.operators.values()
        ]


def test_the_trait_of_the_example_can_be_asked_about(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = ModuleType("shop_of_the_page")
    exec(example("traits.md", "shop/traits.py"), vars(module))
    monkeypatch.setitem(sys.modules, "shop_of_the_page", module)
    settings.PPX_TRAITS = [f"{module.__name__}.VOUCHER"]

    trait = load_traits()["bought_a_voucher"]

    moment = make_moment()
    lines = (LineFacts(title="Cup", sku="CUP"), LineFacts(title="Voucher", sku="VOUCHER-20"))
    assert trait.read(moment) is False
    assert trait.read(replace(moment, purchase=replace(moment.purchase, lines=lines))) is True
    assert trait.read(replace(moment, purchase=None)) is None


def test_the_targets_of_make_that_pages_name_exist() -> None:
    targets = set(
        re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )

    for page in PAGES:
        for target in re.findall(r"(?:`|^)make ([a-z-]+)", page.read_text(), flags=re.MULTILINE):
            assert target in targets, f"{page.name}: make {target}"
    named = re.findall(r"^\| `make ([a-z-]+)`", read("commands.md"), flags=re.MULTILINE)
    assert sorted(named) == sorted(targets - {"help"})


def test_the_commands_that_pages_name_exist() -> None:
    known = set(get_commands())

    for page in PAGES:
        for command in re.findall(r"manage\.py ([a-z_]+)", page.read_text(encoding="utf-8")):
            assert command in known, f"{page.name}: manage.py {command}"


def test_the_modules_and_names_that_pages_import_exist() -> None:
    permissions = {f"django_ppx.{name}" for name in own_permissions()}
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for module, names in re.findall(
            r"^ *from (django_ppx[\w.]*) import ([\w, ]+)", text, flags=re.MULTILINE
        ):
            if module.startswith("django_ppx.contrib.oscar"):
                continue  # needs Oscar: tests/oscar/test_setup.py
            for name in names.split(","):
                assert hasattr(import_module(module), name.strip()), f"{page.name}: {module}.{name}"
        for path in re.findall(r"`(django_ppx(?:\.\w+)+)`", text):
            assert CHECK_ID.fullmatch(path) or path in permissions or exists(path), path
        for name in re.findall(r"`((?:django_ppx|example_project|tests)/[\w./]+)`", text):
            templates = PACKAGE / "templates" / name
            assert (ROOT / name).exists() or templates.exists(), f"{page.name}: {name}"


def exists(path: str) -> bool:
    """Return whether a dotted path leads to a module or something in one."""
    try:
        import_module(path)
    except ImportError:
        try:
            import_string(path)
        except ImportError:
            return False
    return True


def test_the_adapter_of_the_example_shop_is_short() -> None:
    adapter = ROOT / "example_project" / "shop" / "ppx.py"

    assert len(adapter.read_text(encoding="utf-8").splitlines()) <= 40


def test_the_readme_says_what_setup_cfg_says() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Works with")[2]
    classifiers = setup["metadata"]["classifiers"]
    versions = re.findall(r"(?:Python|Django) :: (\d+\.\d+)$", classifiers, flags=re.MULTILINE)

    for version in versions:
        assert re.search(rf"\b{re.escape(version)}\b", section), version
    assert set(re.findall(r"\b\d\.\d+\b", section.partition("\n## ")[0])) == set(versions)


def test_the_picture_of_the_readme_is_small_enough_to_load() -> None:
    picture = ROOT / "docs" / "images" / "thank-you.png"

    with Image.open(picture) as image:
        assert image.format == "PNG"
        assert image.width == 1280
    assert picture.stat().st_size < 300_000
