"""What an installer is told, and which files travel with the package."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest

import django_ppx

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGE = REPOSITORY / "django_ppx"


@pytest.fixture
def setup_cfg() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(REPOSITORY / "setup.cfg", encoding="utf-8")
    return parser


def lines(value: str) -> list[str]:
    return [line for line in value.splitlines() if line]


def test_five_packages_are_required_and_no_more(setup_cfg: configparser.ConfigParser) -> None:
    assert lines(setup_cfg["options"]["install_requires"]) == [
        "Django>=5.2,<6.2",
        "djangorestframework>=3.16",
        "Pillow>=11.2",
        "Babel",
        "segno>=1.5",
    ]
    assert setup_cfg["options"]["python_requires"] == ">=3.11"


def test_extras_are_the_documented_ones(setup_cfg: configparser.ConfigParser) -> None:
    extras = setup_cfg["options.extras_require"]

    assert set(extras) == {"test", "example", "oscar", "phone", "openapi", "redis", "video"}
    assert lines(extras["oscar"]) == ["django-oscar>=4.2", "django-phonenumber-field<9"]
    assert lines(extras["phone"]) == ["phonenumberslite"]
    assert lines(extras["openapi"]) == ["drf-spectacular>=0.28"]
    assert lines(extras["redis"]) == ["redis>=5"]


def test_version_is_read_from_the_package(setup_cfg: configparser.ConfigParser) -> None:
    assert setup_cfg["metadata"]["version"] == "attr: django_ppx.__version__"
    assert re.fullmatch(r"\d+\.\d+(\.\d+)?((a|b|rc)\d+|\.dev\d+)?", django_ppx.__version__)


def test_every_file_beside_the_code_is_package_data(setup_cfg: configparser.ConfigParser) -> None:
    patterns = lines(setup_cfg["options.package_data"]["*"])
    packages = {path.parent for path in PACKAGE.rglob("__init__.py")}
    shipped = {
        path
        for package in packages
        for pattern in patterns
        for path in package.glob(pattern)
        if path.is_file()
    }

    left_behind = {
        path.relative_to(REPOSITORY).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file()
        and path.suffix not in {".py", ".pyc", ".po", ".pot"}
        and path not in shipped
    }

    assert left_behind == set()


def test_package_is_marked_as_typed() -> None:
    assert (PACKAGE / "py.typed").read_text() == ""


def test_every_folder_with_code_is_a_package() -> None:
    folders = {path.parent for path in PACKAGE.rglob("*.py")}

    without_init = {folder for folder in folders if not (folder / "__init__.py").exists()}

    assert without_init == set()
