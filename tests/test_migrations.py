"""The migrations say what the models say, in one line of descent."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader


@pytest.mark.django_db
def test_models_and_migrations_agree() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=1)


def test_there_is_one_latest_migration() -> None:
    loader = MigrationLoader(None)

    leaves = loader.graph.leaf_nodes("django_ppx")

    assert len(leaves) == 1
    assert loader.detect_conflicts() == {}
