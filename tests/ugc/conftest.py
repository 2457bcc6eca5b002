"""What every test of submissions starts from: a shop with an address, and a storage that is empty."""

from __future__ import annotations

import pytest
from django.core.files.storage import storages


@pytest.fixture(autouse=True)
def fresh_shop(settings) -> None:
    settings.PPX_SITE_URL = "https://shop.example.com"
    # Storages are made once for each setting; in-memory files would last through the whole run.
    settings.STORAGES = {**settings.STORAGES}
    assert "ppx_ugc" in storages.backends
