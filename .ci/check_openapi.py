"""Fails unless the API's description is a valid OpenAPI document that is made without a single warning."""

from __future__ import annotations

import os
import sys

import django

sys.path.insert(0, ".")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from drf_spectacular.drainage import GENERATOR_STATS  # noqa: E402
from drf_spectacular.validation import validate_schema  # noqa: E402

from django_ppx.api.openapi import describe  # noqa: E402
from django_ppx.api.urls import V1  # noqa: E402

description = describe(V1, base="/ppx/api/v1")
if GENERATOR_STATS:
    GENERATOR_STATS.emit_summary()
    sys.exit("The description was made with warnings.")
validate_schema(description)
operations = sum(len(methods) for methods in description["paths"].values())
print(f"OpenAPI {description['openapi']}: {operations} operations, valid, no warnings.")
