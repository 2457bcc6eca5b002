"""docs/headless.md is run: each command as it stands there, each answer as it is shown."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils.module_loading import import_string

from django_ppx.shop.headless import HeadlessShop
from django_ppx.testing import make_api_key, make_benefit, make_offer

PAGE = Path(__file__).resolve().parents[2] / "docs" / "headless.md"
STEP = re.compile(r"^```sh\n(curl .*?)^```\n+```json\n(.*?)^```", re.DOTALL | re.MULTILINE)


def test_every_command_of_the_page_is_run() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert len(STEP.findall(page)) == len(re.findall(r"\bcurl -", page)) == 13


def test_the_settings_of_the_page_name_what_there_is() -> None:
    namespace: dict[str, Any] = {}
    page = PAGE.read_text(encoding="utf-8")

    exec(re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)[0], namespace)

    assert import_string(namespace["PPX_SHOP"]) is HeadlessShop


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
@pytest.mark.django_db(transaction=True)
def test_the_purchase_of_the_page_goes_as_it_says(live_server, settings) -> None:
    settings.PPX_SHOP = "django_ppx.shop.headless.HeadlessShop"
    benefit = make_benefit(name="Ten percent", code_prefix="THANKS")
    words = {"headline": "Thank you", "text": "Come back soon.", "button": "Copy code"}
    make_offer(
        "next_purchase_discount", slug="thanks", name="Thanks", benefit=benefit, texts={"en": words}
    )
    known = {
        "PPX": f"{live_server.url}/ppx/api/v1",
        "SHOP_KEY": make_api_key().text,
        "BENEFIT": str(benefit.pk),
    }

    for command, shown in STEP.findall(PAGE.read_text(encoding="utf-8")):
        real = run(command, known)
        for name, found in named_values(real):
            known.setdefault(name, found)

        assert list(differences(json.loads(shown), real, "")) == [], textwrap.indent(
            json.dumps(real, indent=2, ensure_ascii=False), "  "
        )


def run(command: str, known: dict[str, str]) -> Any:
    """Return what a command of the page answers."""
    environment = {"PATH": os.environ["PATH"], "NO_PROXY": "*", **known}
    done = subprocess.run(
        ["bash", "-euc", command], env=environment, capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def named_values(answer: Any) -> Iterator[tuple[str, str]]:
    """Yield what the page calls $ORDER_TOKEN, $CARD and $CODE, as far as it is in the answer."""
    for result in answer.get("results", []):
        if "order_token" in result:
            yield "ORDER_TOKEN", result["order_token"]
    for offer in answer.get("offers", []):
        if "card" in offer:
            yield "CARD", offer["card"]
            yield "CODE", offer["code"]["value"]


def differences(shown: Any, real: Any, place: str) -> Iterator[str]:
    """Yield where an answer is not as shown. “…” in a text stands for anything, and so does the number of an id."""
    if isinstance(shown, dict) and isinstance(real, dict):
        for name in sorted({*shown, *real}):
            if name not in shown or name not in real:
                yield f"{place}/{name}: {'not there' if name in shown else 'not shown'}"
            elif not (name == "id" and isinstance(real[name], int)):
                yield from differences(shown[name], real[name], f"{place}/{name}")
    elif isinstance(shown, list) and isinstance(real, list) and len(shown) == len(real):
        for index, (left, right) in enumerate(zip(shown, real, strict=True)):
            yield from differences(left, right, f"{place}/{index}")
    elif isinstance(shown, str) and isinstance(real, str) and "…" in shown:
        if not re.fullmatch(".+".join(map(re.escape, shown.split("…"))), real, re.DOTALL):
            yield f"{place}: {real!r}"
    elif shown != real:
        yield f"{place}: {real!r}"
