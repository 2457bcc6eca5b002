"""The page docs/oscar.md, the class loader and the system checks: what stands between a shop and its codes."""

from __future__ import annotations

import re
import shlex
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.checks import run_checks
from django.core.management import call_command
from oscar.core.loading import default_class_loader, get_class

from django_ppx.contrib.oscar import adapter, checks, loading, mirrors
from django_ppx.contrib.oscar.redeeming import RedeemsCodes
from tests.oscar.page import PAGE, snippets
from tests.oscar.shopper import Shopper

TEXT = PAGE.read_text(encoding="utf-8")


def test_the_page_shows_each_file_that_the_shop_of_these_tests_is_made_of() -> None:
    assert "INSTALLED_APPS" in snippets("settings.py")
    assert "urlpatterns" in snippets("urls.py")


@pytest.mark.django_db(transaction=True)
def test_the_pages_commands_run_and_the_doctor_is_content(guest: Shopper) -> None:
    guest.buy()
    said = {}
    for line in re.findall(r"^python manage\.py (.+)$", TEXT, re.MULTILINE):
        out = StringIO()
        call_command(*shlex.split(line), stdout=out, verbosity=0)
        said[line] = out.getvalue()

    assert list(said) == ["migrate", "ppx_doctor"]
    assert "FAIL" not in said["ppx_doctor"]


def test_the_page_lists_the_checks_and_the_words_of_the_statuses() -> None:
    source = Path(checks.__file__).read_text(encoding="utf-8")

    assert set(re.findall(r"`(django_ppx_oscar\.W\d+)`", TEXT)) == set(
        re.findall(r"django_ppx_oscar\.W\d+", source)
    )
    for word in adapter.STATUSES:
        assert f"`{word}`" in TEXT


def test_the_names_that_the_page_imports_exist() -> None:
    imported = re.findall(r"^from (django_ppx[\w.]*) import (\w+)$", TEXT, re.MULTILINE)

    assert imported
    for module, name in imported:
        assert hasattr(import_module(module), name), (module, name)
    assert hasattr(mirrors, "ensure_mirror")


@pytest.mark.django_db
def test_the_shop_of_the_page_passes_every_check() -> None:
    assert [message for message in run_checks(tags=["django_ppx"]) if message.is_serious()] == []
    assert [message.id for message in run_checks() if message.id.startswith("django_ppx_")] == []


def test_a_shop_without_the_class_loader_is_warned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        checks, "get_class", lambda *args: default_class_loader(args[0], [args[1]], "oscar.apps")[0]
    )

    assert [message.id for message in checks.check_class_loader()] == ["django_ppx_oscar.W001"]


def test_a_shop_whose_thank_you_page_is_oscars_is_warned(settings: Any) -> None:
    apps = django_settings.INSTALLED_APPS
    settings.INSTALLED_APPS = [*apps[1:-1], apps[0], apps[-1]]

    assert [message.id for message in checks.check_thank_you_page()] == ["django_ppx_oscar.W002"]


def test_a_shop_with_another_adapter_is_warned(settings: Any) -> None:
    settings.PPX_SHOP = "django_ppx.shop.mapped.MappedShop"

    assert [message.id for message in checks.check_adapter()] == ["django_ppx_oscar.W003"]


def test_every_class_we_extend_exists_and_is_extended_once() -> None:
    for (module, name), path in loading.MIXINS.items():
        (plain,) = default_class_loader(module, [name], "oscar.apps")
        extended = get_class(module, name)

        assert extended is get_class(module, name)
        assert issubclass(extended, plain)
        assert path.rpartition(".")[2] in [base.__name__ for base in extended.__mro__]


def test_a_fork_keeps_what_it_changed() -> None:
    (plain,) = default_class_loader("order.utils", ["OrderCreator"], "oscar.apps")
    fork = type("OrderCreator", (plain,), {"is_fork": True})

    (extended,) = loading.extend_classes("order.utils", ["OrderCreator"], [fork])
    (again,) = loading.extend_classes("order.utils", ["OrderCreator"], [extended])

    assert issubclass(extended, RedeemsCodes)
    assert extended.is_fork
    assert again is extended
