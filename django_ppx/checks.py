"""System checks: a wrong setting is reported at start-up, with an id and a hint.

`docs/checks.md` lists them. `manage.py ppx_doctor` runs them too, and tries what they can only read about.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from email.utils import parseaddr
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.core import get_global
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email
from django.db import DEFAULT_DB_ALIAS, DatabaseError, transaction
from django.shortcuts import resolve_url
from django.template import engines
from django.template.backends.django import DjangoTemplates
from django.urls import get_resolver
from django.utils import timezone
from django.utils.module_loading import import_string

from django_ppx.access.checks import (
    check_api_rates,
    check_cors_origins,
    check_webhook_addresses,
)
from django_ppx.conf import DEFAULT_CLIENT_ADDRESS, Settings, ppx_settings
from django_ppx.events.checks import check_event_sink
from django_ppx.exceptions import Misconfigured
from django_ppx.offers.kinds import OfferKind, load_kind
from django_ppx.offers.traits import BUILT_IN, load_trait
from django_ppx.rewards.crowding import Crowd, crowded_shapes
from django_ppx.rewards.space import random_characters
from django_ppx.shop.adapter import get_shop
from django_ppx.shop.mapped import MappedShop
from django_ppx.shop.mapping import mapping_problems, names_missing_on_model, required_missing
from django_ppx.ugc.checks import check_site_url, check_ugc_offers, check_ugc_storage

PERSONAL_PAGES: Final = "django_ppx.middleware.PersonalPageMiddleware"
SESSIONS: Final = "django.contrib.sessions.middleware.SessionMiddleware"
PAGE_CACHE: Final = "django.middleware.cache.UpdateCacheMiddleware"
REQUEST_PROCESSOR: Final = "django.template.context_processors.request"
SETTING_NAMES: Final = frozenset(name for name in dir(Settings) if name.startswith("PPX_"))

REVENUE_PARTS: Final = ("tax", "shipping")

SHORTEST_SQLITE_TIMEOUT_SECONDS: Final = 20


def check_setting_names(**kwargs: Any) -> list[CheckMessage]:
    """Return a warning for each `PPX_` name that is no setting of ours."""
    unknown = {name for name in dir(settings) if name.startswith("PPX_")} - SETTING_NAMES
    return [
        Warning(
            f"{name} is not a setting of django-ppx.",
            hint=_did_you_mean(name),
            id="django_ppx.W001",
        )
        for name in sorted(unknown)
    ]


def check_shop(**kwargs: Any) -> list[CheckMessage]:
    """Return what is wrong with `PPX_SHOP`, or with the mapping if that is the shop."""
    try:
        shop = get_shop()
    except Misconfigured as error:
        hint = "PPX_SHOP is the dotted path of a ShopAdapter subclass that defines order(). See docs/adapter.md."
        return [Error(str(error), hint=hint, id="django_ppx.E001")]
    return list(_mapping_messages(shop)) if isinstance(shop, MappedShop) else []


def _mapping_messages(shop: MappedShop) -> Iterator[CheckMessage]:
    fields = shop.fields
    if problems := mapping_problems(fields):
        for problem in problems:
            hint = "docs/adapter.md lists the keys; a path is text such as 'user.email', or several in a list."
            yield Error(f"PPX_ORDER_FIELDS: {problem}", hint=hint, id="django_ppx.E002")
    elif not fields and type(shop) is MappedShop:
        hint = "Set PPX_ORDER_FIELDS, or write an adapter and name it in PPX_SHOP. See docs/adapter.md."
        yield Warning(
            "django-ppx can't read the shop's orders yet.", hint=hint, id="django_ppx.W002"
        )
    elif type(shop).order is MappedShop.order:
        for key in required_missing(fields, has_currency=bool(ppx_settings.PPX_CURRENCY)):
            hint = f"Say which attribute of the order holds it: {{'{key}': '…'}}."
            if key == "currency":
                hint += " Or set PPX_CURRENCY."
            yield Error(f"PPX_ORDER_FIELDS has no {key!r}.", hint=hint, id="django_ppx.E003")
        for path in names_missing_on_model(fields):
            hint = "Each path begins with a field, a property or a method of the order's model."
            yield Warning(
                f"PPX_ORDER_FIELDS: {path!r} is not found on {fields['model']}.",
                hint=hint,
                id="django_ppx.W003",
            )


def check_kinds(**kwargs: Any) -> list[CheckMessage]:
    """Return what is wrong with `PPX_OFFER_KINDS`, with what each kind says of itself."""
    kinds, messages = _load_each("PPX_OFFER_KINDS", load_kind, "django_ppx.E004")
    names = Counter(kind.name for kind in kinds)
    for name in sorted(name for name, times in names.items() if times > 1):
        hint = "A kind's name is stored with its offers: every kind needs one of its own."
        messages.append(
            Error(f"Two offer kinds are called {name!r}.", hint=hint, id="django_ppx.E004")
        )
    for kind in kinds:
        messages += _messages_of_kind(kind)
    return messages


def _messages_of_kind(kind: OfferKind) -> list[CheckMessage]:
    try:
        return list(kind.check())
    except Exception as error:  # a kind of the host must not stop the other checks
        hint = f"Mend {type(kind).__qualname__}.check()."
        return [
            Error(
                f"The check of the kind {kind.name!r} failed: {error}",
                hint=hint,
                id="django_ppx.E004",
            )
        ]


def check_traits(**kwargs: Any) -> list[CheckMessage]:
    """Return what is wrong with `PPX_TRAITS`."""
    traits, messages = _load_each("PPX_TRAITS", load_trait, "django_ppx.E005")
    names = Counter(trait.name for trait in (*BUILT_IN, *traits))
    for name in sorted(name for name, times in names.items() if times > 1):
        hint = "Rules name their trait: every trait needs a name of its own, the built-in ones have theirs."
        messages.append(Error(f"Two traits are called {name!r}.", hint=hint, id="django_ppx.E005"))
    return messages


def _load_each(
    name: str, load: Callable[[str], Any], check_id: str
) -> tuple[list[Any], list[CheckMessage]]:
    paths: Any = getattr(ppx_settings, name)
    if isinstance(paths, str) or not isinstance(paths, Sequence):
        hint = (
            f"Write {name} = [{paths!r}]." if isinstance(paths, str) else f"Write {name} = [ … ]."
        )
        return [], [Error(f"{name} is not a list of dotted paths.", hint=hint, id=check_id)]
    loaded: list[Any] = []
    messages: list[CheckMessage] = []
    for path in paths:
        try:
            loaded.append(load(path))
        except Exception as error:  # a module of the host may raise anything while it is imported
            hint = f"Correct the path in {name}, or take it out."
            messages.append(Error(str(error), hint=hint, id=check_id))
    return loaded, messages


def check_currency(**kwargs: Any) -> list[CheckMessage]:
    """Return an error for each of `PPX_CURRENCY` and `PPX_BASE_CURRENCY` that is neither empty nor a currency."""
    currency: Any = ppx_settings.PPX_CURRENCY
    base: Any = ppx_settings.PPX_BASE_CURRENCY
    hint = "Three capital letters, such as 'EUR'."
    messages: list[CheckMessage] = []
    if not _is_currency(currency):
        message = f"PPX_CURRENCY {currency!r} is no ISO 4217 currency."
        messages.append(Error(message, hint=hint, id="django_ppx.E006"))
    if not _is_currency(base):
        message = f"PPX_BASE_CURRENCY {base!r} is no ISO 4217 currency."
        messages.append(Error(message, hint=hint, id="django_ppx.E036"))
    return messages


def _is_currency(value: Any) -> bool:
    return value == "" or (isinstance(value, str) and value in get_global("all_currencies"))


def check_revenue(**kwargs: Any) -> list[CheckMessage]:
    """Return an error unless `PPX_REVENUE_INCLUDES` lists nothing but "tax" and "shipping"."""
    includes: Any = ppx_settings.PPX_REVENUE_INCLUDES
    is_list = isinstance(includes, (list, tuple, set, frozenset))
    if is_list and all(name in REVENUE_PARTS for name in includes):
        return []
    hint = "A list of none, one or both of 'tax' and 'shipping'; what it names counts as revenue."
    message = f"PPX_REVENUE_INCLUDES can't be {includes!r}."
    return [Error(message, hint=hint, id="django_ppx.E037")]


def check_numbers(**kwargs: Any) -> list[CheckMessage]:
    """Return an error for each number that is out of its range."""
    messages: list[CheckMessage] = []
    for name, lowest, highest, number in (
        ("PPX_PAGE_LIMIT", 1, 50, 7),
        ("PPX_LINK_MAX_AGE_DAYS", 1, 3650, 8),
        ("PPX_CODE_LENGTH", 8, 32, 9),
        ("PPX_APPLY_LINK_DAYS", 1, 3650, 17),
        ("PPX_GUESSES_PER_ADDRESS", 1, 1_000_000, 18),
        ("PPX_GUESSES_PER_SESSION", 1, 1_000_000, 19),
        ("PPX_GUESS_WINDOW_MINUTES", 1, 1440, 20),
        ("PPX_GUESS_ALARM_PER_HOUR", 1, 1_000_000, 21),
        ("PPX_FAILED_ATTEMPT_DAYS", 1, 3650, 22),
        ("PPX_RESERVATION_MINUTES", 1, 10_080, 25),
        ("PPX_OUTBOX_DAYS", 1, 3650, 26),
        ("PPX_UGC_FILES_PER_HOUR", 1, 100_000, 28),
        ("PPX_UGC_MEGABYTES_PER_CUSTOMER", 1, 1_000_000, 29),
        ("PPX_UGC_DRAFT_DAYS", 1, 365, 30),
        ("PPX_UGC_REJECTED_DAYS", 1, 3650, 31),
        ("PPX_UGC_REMINDER_DAYS", 0, 365, 32),
        ("PPX_UGC_LINK_DAYS", 1, 3650, 33),
        ("PPX_HOLDOUT_PERCENT", 0, 50, 38),
        ("PPX_ORDER_TOKEN_DAYS", 1, 3650, 39),
        ("PPX_API_MAX_BODY_KILOBYTES", 1, 100_000, 41),
        ("PPX_IDEMPOTENCY_HOURS", 1, 8760, 43),
    ):
        value = getattr(ppx_settings, name)
        if type(value) is not int or not lowest <= value <= highest:
            hint = f"A whole number from {lowest} to {highest}."
            messages.append(
                Error(f"{name} can't be {value!r}.", hint=hint, id=f"django_ppx.E{number:03}")
            )
    return messages


def check_time_zone(**kwargs: Any) -> list[CheckMessage]:
    """Return an error unless `PPX_TIME_ZONE` is the name of a time zone."""
    name = ppx_settings.PPX_TIME_ZONE
    try:
        ZoneInfo(name)
    except Exception:  # by value and by machine: ValueError, KeyError, OSError, TypeError
        hint = "A name of the IANA database, such as 'Europe/Berlin'."
        return [Error(f"PPX_TIME_ZONE {name!r} is unknown.", hint=hint, id="django_ppx.E010")]
    return []


def check_texts(**kwargs: Any) -> list[CheckMessage]:
    """Return what is wrong with the shop's name and the secret of identities."""
    messages: list[CheckMessage] = []
    name: Any = ppx_settings.PPX_SHOP_NAME
    secret: Any = ppx_settings.PPX_IDENTITY_SECRET
    if not isinstance(name, str):
        hint = "A plain string, as customers know the shop."
        messages.append(Error("PPX_SHOP_NAME is not text.", hint=hint, id="django_ppx.E011"))
    if not isinstance(secret, str) or not secret:
        hint = "A long random string. Leave it out to use SECRET_KEY."
        messages.append(
            Error("PPX_IDENTITY_SECRET is not a secret.", hint=hint, id="django_ppx.E012")
        )
    elif settings.SECRET_KEY_FALLBACKS and not hasattr(settings, "PPX_IDENTITY_SECRET"):
        hint = "Set PPX_IDENTITY_SECRET to the SECRET_KEY that the first orders were recorded with."
        messages.append(
            Warning(
                "SECRET_KEY was rotated, and guests are looked up by it: known ones count as new.",
                hint=hint,
                id="django_ppx.W004",
            )
        )
    return messages


def check_middleware(**kwargs: Any) -> list[CheckMessage]:
    """Return what would let a personal page into a cache, or leave the code form without a memory."""
    personal, sessions, cache = (
        _middleware_position(path) for path in (PERSONAL_PAGES, SESSIONS, PAGE_CACHE)
    )
    messages: list[CheckMessage] = []
    if personal is None:
        hint = f"Add '{PERSONAL_PAGES}' at the end of MIDDLEWARE."
        message = "Pages with offers can be cached: PersonalPageMiddleware is missing."
        messages.append(Error(message, hint=hint, id="django_ppx.E013"))
    elif cache is not None and personal < cache:
        hint = f"Move '{PERSONAL_PAGES}' below '{PAGE_CACHE}' in MIDDLEWARE."
        message = "The page cache stores a response before PersonalPageMiddleware has marked it."
        messages.append(Error(message, hint=hint, id="django_ppx.E014"))
    if sessions is None:
        hint = f"Add '{SESSIONS}' to MIDDLEWARE, or do not use {{% ppx_code_form %}}."
        message = "There are no sessions: a code that a shopper typed is forgotten at once."
        messages.append(Warning(message, hint=hint, id="django_ppx.W005"))
    return messages


def check_templates(**kwargs: Any) -> list[CheckMessage]:
    """Return an error unless a template engine hands the request to our tags."""
    for engine in engines.all():
        if (
            isinstance(engine, DjangoTemplates)
            and REQUEST_PROCESSOR in engine.engine.context_processors
        ):
            return []
    hint = (
        f"Add '{REQUEST_PROCESSOR}' to OPTIONS['context_processors'] of a DjangoTemplates engine."
    )
    message = "Our tags don't get the request, so pages with offers are not marked as private."
    return [Error(message, hint=hint, id="django_ppx.E015")]


def check_urls(**kwargs: Any) -> list[CheckMessage]:
    """Return a warning unless the URLs are included."""
    if not getattr(settings, "ROOT_URLCONF", None):
        return []
    try:
        if "ppx" in get_resolver().namespace_dict:
            return []
    except (ImproperlyConfigured, ImportError):  # Django's own checks report it
        return []
    hint = 'Add path("ppx/", include("django_ppx.urls")) to the root URLconf, outside any other namespace.'
    message = "The URLs are not included: links, buttons and statistics of offers don't work."
    return [Warning(message, hint=hint, id="django_ppx.W006")]


def check_mail_from(**kwargs: Any) -> list[CheckMessage]:
    """Return an error unless `PPX_MAIL_FROM` is a sender that mail can come from."""
    sender: Any = ppx_settings.PPX_MAIL_FROM
    if sender == "":
        return []
    try:
        is_line = isinstance(sender, str) and "\n" not in sender and "\r" not in sender
        validate_email(parseaddr(sender)[1] if is_line else None)
    except ValidationError:
        hint = "An address, or a name and an address: 'The Book Barn <hello@example.com>'."
        message = f"PPX_MAIL_FROM {sender!r} is no sender."
        return [Error(message, hint=hint, id="django_ppx.E027")]
    return []


def check_client_address(**kwargs: Any) -> list[CheckMessage]:
    """Return what is wrong with `PPX_CLIENT_ADDRESS`, or a warning where it is missing behind a proxy."""
    path: Any = ppx_settings.PPX_CLIENT_ADDRESS
    try:
        found = import_string(path)
    except Exception as error:  # a module of the host may raise anything while it is imported
        problem = f"PPX_CLIENT_ADDRESS can't be imported: {error}"
    else:
        problem = "" if callable(found) else f"PPX_CLIENT_ADDRESS {path!r} is no function."
    if problem:
        hint = "The dotted path of a function that takes the request and returns an IP address."
        return [Error(problem, hint=hint, id="django_ppx.E023")]
    is_proxied = settings.SECURE_PROXY_SSL_HEADER or settings.USE_X_FORWARDED_HOST
    if path == DEFAULT_CLIENT_ADDRESS and is_proxied:
        hint = "Name a function in PPX_CLIENT_ADDRESS that reads the address your proxy hands on."
        message = "The shop is behind a proxy, so all shoppers share one limit of failed codes."
        return [Warning(message, hint=hint, id="django_ppx.W008")]
    return []


def check_basket_url(**kwargs: Any) -> list[CheckMessage]:
    """Return an error unless `PPX_BASKET_URL` is empty or leads somewhere."""
    url: Any = ppx_settings.PPX_BASKET_URL
    if url == "" or not getattr(settings, "ROOT_URLCONF", None):
        return []
    try:
        resolve_url(url)
    except (ImproperlyConfigured, ImportError):  # Django's own checks report it
        return []
    except Exception:  # whatever a value that is no text makes of it
        hint = "A path such as '/basket/', or the name of one of your URLs."
        return [Error(f"PPX_BASKET_URL {url!r} leads nowhere.", hint=hint, id="django_ppx.E024")]
    return []


def check_sqlite(**kwargs: Any) -> list[CheckMessage]:
    """Return a warning where two writers at once would meet "database is locked"."""
    config = settings.DATABASES.get(DEFAULT_DB_ALIAS, {})
    if not str(config.get("ENGINE", "")).endswith(("sqlite3", "spatialite")):
        return []
    options: Mapping[str, Any] = config.get("OPTIONS", {})
    is_immediate = str(options.get("transaction_mode", "")).upper() == "IMMEDIATE"
    if is_immediate and options.get("timeout", 5) >= SHORTEST_SQLITE_TIMEOUT_SECONDS:
        return []
    hint = "Set OPTIONS to {'transaction_mode': 'IMMEDIATE', 'timeout': 20} for SQLite, or use PostgreSQL."
    message = 'SQLite is set up so that two customers at once can meet "database is locked".'
    return [Warning(message, hint=hint, id="django_ppx.W007")]


def check_code_space(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Return an error for each form of codes of which so many are live that guessing one is worth trying."""
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    try:
        with transaction.atomic():
            crowds = crowded_shapes(now=timezone.now())
    except DatabaseError:  # not migrated yet
        return []
    return [_crowding(crowd) for crowd in crowds]


def _crowding(crowd: Crowd) -> CheckMessage:
    random = random_characters(crowd.shape)
    hint = (
        f"{crowd.needed} are needed: raise PPX_CODE_LENGTH, or give the pattern of the benefit more #. "
        "Codes that are out stay valid; revoke those that nobody needs."
    )
    message = (
        f"{crowd.live} live codes of the form {crowd.shape} are too many for {random} random "
        "characters: they could be guessed."
    )
    return Error(message, hint=hint, id="django_ppx.E016")


ALL_CHECKS: Final = (
    check_setting_names,
    check_shop,
    check_kinds,
    check_traits,
    check_currency,
    check_revenue,
    check_numbers,
    check_time_zone,
    check_texts,
    check_middleware,
    check_templates,
    check_urls,
    check_basket_url,
    check_mail_from,
    check_client_address,
    check_sqlite,
    check_site_url,
    check_ugc_storage,
    check_cors_origins,
    check_api_rates,
    check_event_sink,
    check_webhook_addresses,
)
DATABASE_CHECKS: Final = (check_code_space, check_ugc_offers)

for _check in ALL_CHECKS:
    register(_check, "django_ppx")
for _check in DATABASE_CHECKS:
    register(_check, Tags.database)


def _did_you_mean(name: str) -> str:
    close = get_close_matches(name, sorted(SETTING_NAMES), n=1)
    return f"Did you mean {close[0]}?" if close else "docs/settings.md lists all settings."


def _middleware_position(path: str) -> int | None:
    """Return where in `MIDDLEWARE` the middleware, or a subclass of it, stands."""
    wanted = import_string(path)
    for position, listed in enumerate(settings.MIDDLEWARE):
        try:
            found = import_string(listed)
        except ImportError:  # the server says so at its first request
            continue
        if found is wanted or (isinstance(found, type) and issubclass(found, wanted)):
            return position
    return None
