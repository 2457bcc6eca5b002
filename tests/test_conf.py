from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as django_settings

from django_ppx.conf import DEFAULT_KINDS, Settings, ppx_settings

DEFAULTS = {
    "PPX_SHOP": "django_ppx.shop.mapped.MappedShop",
    "PPX_ORDER_FIELDS": {},
    "PPX_CURRENCY": "",
    "PPX_BASE_CURRENCY": "",
    "PPX_REVENUE_INCLUDES": (),
    "PPX_SHOP_NAME": "",
    "PPX_OFFER_KINDS": DEFAULT_KINDS,
    "PPX_TRAITS": (),
    "PPX_PAGE_LIMIT": 3,
    "PPX_HOLDOUT_PERCENT": 0,
    "PPX_LINK_MAX_AGE_DAYS": 90,
    "PPX_CODE_LENGTH": 12,
    "PPX_RESERVATION_MINUTES": 30,
    "PPX_BASKET_URL": "",
    "PPX_APPLY_LINK_DAYS": 365,
    "PPX_GUESSES_PER_ADDRESS": 60,
    "PPX_GUESSES_PER_SESSION": 10,
    "PPX_GUESS_WINDOW_MINUTES": 15,
    "PPX_GUESS_ALARM_PER_HOUR": 200,
    "PPX_FAILED_ATTEMPT_DAYS": 90,
    "PPX_MAIL_FROM": "",
    "PPX_OUTBOX_DAYS": 90,
    "PPX_SITE_URL": "",
    "PPX_UGC_STORAGE": "ppx_ugc",
    "PPX_UGC_FILES_PER_HOUR": 60,
    "PPX_UGC_MEGABYTES_PER_CUSTOMER": 2000,
    "PPX_UGC_DRAFT_DAYS": 7,
    "PPX_UGC_REJECTED_DAYS": 30,
    "PPX_UGC_REMINDER_DAYS": 7,
    "PPX_UGC_LINK_DAYS": 365,
    "PPX_ORDER_TOKEN_DAYS": 90,
    "PPX_API_CORS_ORIGINS": (),
    "PPX_API_MAX_BODY_KILOBYTES": 1000,
    "PPX_API_RATES": {},
    "PPX_IDEMPOTENCY_HOURS": 48,
    "PPX_EVENT_SINK": "django_ppx.events.sinks.DatabaseSink",
    "PPX_REDIS_URL": "",
    "PPX_WEBHOOKS_TO_PRIVATE_ADDRESSES": False,
    "PPX_CLIENT_ADDRESS": "django_ppx.rewards.addresses.remote_address",
    "PPX_TIME_ZONE": django_settings.TIME_ZONE,
    "PPX_IDENTITY_SECRET": django_settings.SECRET_KEY,
}


def test_every_setting_has_a_default_that_is_known_here() -> None:
    names = {name for name in dir(Settings) if not name.startswith("_")}

    assert names == set(DEFAULTS)


@pytest.mark.parametrize(("name", "default"), DEFAULTS.items())
def test_a_setting_that_is_left_out_has_its_default(name: str, default: Any) -> None:
    assert getattr(ppx_settings, name) == default


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_setting_is_read_anew_at_each_access(settings, name: str) -> None:
    before = getattr(ppx_settings, name)
    value = object()

    setattr(settings, name, value)

    assert getattr(ppx_settings, name) is value
    delattr(settings, name)
    assert getattr(ppx_settings, name) == before


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_setting_says_what_it_is_for(name: str) -> None:
    assert len(getattr(Settings, name).__doc__) > 30


def test_the_time_zone_follows_the_projects(settings) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"

    assert ppx_settings.PPX_TIME_ZONE == "Asia/Tokyo"
