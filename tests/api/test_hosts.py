"""Hosts of several kinds, each in a process of its own: none bends an answer, none needs what it does not use."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
STATUSES = {
    "get": 200,
    "html": 406,
    "indent": 200,
    "version": 200,
    "post": 200,
    "instant": 200,
    "no object": 400,
    "wrong": 400,
    "form": 415,
    "options": 405,
    "delete": 405,
    "stranger": 401,
    "nobody": 401,
    "nowhere": 404,
    "described": 200,
}


def host(kind: str) -> Any:
    run = subprocess.run(
        [sys.executable, "-m", "tests.api.host_worker", kind],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.fixture(scope="module")
def strict() -> Any:
    return host("strict")


def test_the_hosts_settings_of_django_rest_framework_change_no_byte(strict: Any) -> None:
    hostile = host("hostile")

    assert {name: answer[0] for name, answer in strict.items()} == STATUSES
    for name, answer in strict.items():
        assert hostile[name] == answer, name


def test_without_the_extra_the_api_is_the_same_but_for_its_description(strict: Any) -> None:
    bare = host("bare")

    assert bare.pop("described")[0] == 404
    assert bare == {name: answer for name, answer in strict.items() if name != "described"}


def test_a_host_without_the_api_loads_nothing_of_it() -> None:
    assert host("plain") == {"loaded": []}
