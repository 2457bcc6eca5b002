"""The example of docs/adding_a_kind.md, taken from the page and run as a host would run it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "adding_a_kind.md"
FILE = re.compile(
    r"^\*\*`(?P<name>[^`]+)`\*\*\n+```\w*\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
COMMAND = re.compile(r"^python manage\.py (?P<arguments>.+)$", re.MULTILINE)

# What the host has already: the project that the page adds to.
HOST = """
from tests.settings import *

DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE / "shop.sqlite3"}}
"""
MANAGE = """
import os, sys
from django.core.management import execute_from_command_line

os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
execute_from_command_line(sys.argv)
"""
# What the page promises without showing it: the form, its preview and duplicating come along.
ADMIN_TESTS = """
from decimal import Decimal

import pytest
from django.urls import reverse
from django_ppx.offers.duplicating import duplicate_offer
from django_ppx.testing import make_api_key, make_offer
from giving.models import DonationThanks
from tests.admin_pages import error_texts, form_data

pytestmark = pytest.mark.django_db
ADD = reverse("admin:giving_donationthanks_add")
OFFERS = reverse("ppx_api:offers")


def test_staff_add_one(admin_client):
    page = admin_client.get(ADD)

    response = admin_client.post(
        ADD, form_data(page, name="Rivers", cause="Clean Rivers", percent="2.5", status="active")
    )

    assert response.status_code == 302, error_texts(response)
    offer = DonationThanks.objects.get()
    assert (offer.kind, offer.cause, offer.percent) == ("donation_thanks", "Clean Rivers", Decimal("2.50"))
    assert offer.variants.get().texts.get(language="de").headline == "Sie haben etwas Gutes getan"


def test_the_list_shows_it(admin_client):
    make_offer("donation_thanks", name="Rivers", cause="Clean Rivers", percent=Decimal(5))

    assert "Rivers" in admin_client.get(reverse("admin:giving_donationthanks_changelist")).content.decode()


def test_the_api_writes_it_without_code_of_its_own(client):
    headers = {"Authorization": f"Bearer {make_api_key().text}"}
    sent = {
        "kind": "donation_thanks",
        "name": "Rivers",
        "settings": {"cause": "Clean Rivers", "percent": "2.5"},
    }

    made = client.post(OFFERS, sent, content_type="application/json", headers=headers)
    sent["settings"]["percent"] = "200"
    refused = client.post(OFFERS, sent, content_type="application/json", headers=headers)

    assert made.json()["settings"] == {"cause": "Clean Rivers", "percent": "2.50", "url": ""}
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/settings/percent"]
    assert DonationThanks.objects.get().percent == Decimal("2.50")


def test_a_duplicate_has_the_columns_of_the_kind():
    offer = make_offer("donation_thanks", cause="Clean Rivers", percent=Decimal(5))

    copy = duplicate_offer(offer=offer)

    assert (copy.status, copy.cause, copy.percent) == ("draft", "Clean Rivers", Decimal(5))
"""


def files_of_the_page() -> dict[str, str]:
    return {
        found["name"]: found["text"] for found in FILE.finditer(PAGE.read_text(encoding="utf-8"))
    }


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the files of the page, its settings added to those of the test host."""
    folder = tmp_path_factory.mktemp("shop")
    for name, text in files_of_the_page().items():
        if name == "settings.py":
            text = f"from pathlib import Path\n\nBASE = Path({str(folder)!r})\n{HOST}\n{text}"
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "manage.py").write_text(MANAGE, encoding="utf-8")
    (folder / "giving" / "tests_admin.py").write_text(ADMIN_TESTS, encoding="utf-8")
    for arguments in COMMAND.findall(PAGE.read_text(encoding="utf-8")):
        run(folder, "manage.py", *arguments.split())
    return folder


def run(folder: Path, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PPX_DATABASE_URL"}
    environment |= {"PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_page_shows_every_file_of_the_folder() -> None:
    assert list(files_of_the_page()) == [
        "giving/__init__.py",
        "giving/models.py",
        "giving/kind.py",
        "giving/templates/giving/donation_thanks.html",
        "giving/admin.py",
        "settings.py",
        "giving/tests.py",
    ]


def test_the_commands_of_the_page_make_the_table(project: Path) -> None:
    assert [path.name for path in (project / "giving" / "migrations").glob("0*.py")] == [
        "0001_initial.py"
    ]
    assert (project / "shop.sqlite3").exists()


def test_what_the_page_promises_holds(project: Path) -> None:
    output = run(
        project,
        *("-m", "pytest", "giving/tests.py", "giving/tests_admin.py", "-q", "-c", os.devnull),
        *("-p", "no:cacheprovider", "--rootdir", str(project), "--ds", "settings", "--no-header"),
    )

    assert "7 passed" in output
