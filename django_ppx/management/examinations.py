"""What `ppx_doctor` looks at. Each examination tries one thing for real and leaves nothing behind."""

from __future__ import annotations

import secrets
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from django.conf import settings
from django.core.cache import cache
from django.core.checks import ERROR, CheckMessage, run_checks
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.templatetags.static import static
from django.utils import timezone

from django_ppx.checks import DATABASE_CHECKS
from django_ppx.conf import DEFAULT_CLIENT_ADDRESS, ppx_settings
from django_ppx.core.recording import check_order
from django_ppx.offers.models import Offer, Theme
from django_ppx.offers.snapshot import current_snapshot, current_stamp
from django_ppx.rewards.addresses import is_private_prefix
from django_ppx.rewards.attempts import last_alarm
from django_ppx.rewards.models import FailedAttempt
from django_ppx.rewards.stocking import stock_levels
from django_ppx.shop.adapter import get_shop
from django_ppx.shop.types import Order

MANY_QUERIES: Final = 10
"""An adapter that needs more for one order probably asks once per line."""


class Level(StrEnum):
    """How bad a finding is. Only a problem makes the command fail."""

    WELL = "well"
    NOTE = "note"
    PROBLEM = "problem"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that was looked at, in words. No personal detail of any order stands in it."""

    subject: str
    level: Level
    text: str
    hint: str = ""


def examine() -> Iterator[Finding]:
    """Yield what every examination finds. One that fails by itself is a problem, and the others go on."""
    for subject, look in EXAMINATIONS.items():
        try:
            yield from look()
        except (
            Exception
        ) as error:  # whatever a host's storage, cache or adapter raises is a finding
            yield Finding(
                subject=subject,
                level=Level.PROBLEM,
                text=f"{type(error).__name__}: {error}",
                hint=_HINTS.get(subject, ""),
            )


def _settings() -> Iterator[Finding]:
    messages = [*run_checks(tags=["django_ppx"]), *_of_the_database()]
    for message in messages:
        if not message.is_silenced():
            yield Finding(
                subject="settings",
                level=Level.PROBLEM if message.level >= ERROR else Level.NOTE,
                text=f"{message.msg} ({message.id})",
                hint=message.hint or "",
            )
    if not messages:
        yield Finding(subject="settings", level=Level.WELL, text="All checks pass.")


def _of_the_database() -> list[CheckMessage]:
    found = (check(databases=[DEFAULT_DB_ALIAS]) for check in DATABASE_CHECKS)
    return [message for messages in found for message in messages]


def _database() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes("django_ppx"))
    if plan:
        yield Finding(
            subject="database",
            level=Level.PROBLEM,
            text=f"Migrations that are not applied: {len(plan)}.",
            hint="Run: manage.py migrate",
        )
        return
    current_stamp()
    yield Finding(
        subject="database",
        level=Level.WELL,
        text=f"{connection.display_name}, migrated; changes of offers are noticed.",
    )


def _shop() -> Iterator[Finding]:
    shop = get_shop()
    name = f"{type(shop).__module__}.{type(shop).__qualname__}"
    newest = shop.newest_order()
    if newest is None:
        yield Finding(
            subject="shop",
            level=Level.NOTE,
            text=f"{name} names no newest order, so reading one was not tried.",
            hint="Place an order; and give the adapter newest_order(), or PPX_ORDER_FIELDS a 'model'.",
        )
        return
    queries = _QueryCount()
    with connections[DEFAULT_DB_ALIAS].execute_wrapper(queries):
        order = shop.order(newest)
    check_order(order)
    order_ref = shop.order_ref(newest)
    if order_ref != order.number:
        yield Finding(
            subject="shop",
            level=Level.PROBLEM,
            text=f"order_ref() says {order_ref!r} where order() says {order.number!r}.",
            hint="Both must give the same number, or an order is not found again.",
        )
    yield Finding(subject="shop", level=Level.WELL, text=f"{name} reads order {_summary(order)}.")
    yield from _gaps(order)
    if queries.count > MANY_QUERIES:
        yield Finding(
            subject="shop",
            level=Level.NOTE,
            text=f"Reading that order took {queries.count} queries.",
            hint="Let the adapter fetch lines with their products in one (select_related).",
        )
    if shop.find_order(order.number) is None:
        yield Finding(
            subject="shop",
            level=Level.NOTE,
            text="Staff can try only orders that were seen already: find_order() does not find it.",
            hint="Give the adapter find_order().",
        )


def _summary(order: Order) -> str:
    who = "an account" if order.customer.account_id else "a guest"
    return f"{order.number}: {order.total} {order.currency}, lines: {len(order.lines)}, by {who}"


def _gaps(order: Order) -> Iterator[Finding]:
    customer = order.customer
    gaps = []
    if not (customer.account_id or customer.email or customer.phone):
        gaps.append("whose it is (account, e-mail, phone)")
    if not order.lines:
        gaps.append("its lines")
    elif not all(line.title for line in order.lines):
        gaps.append("the title of each line")
    elif not any(line.sku for line in order.lines):
        gaps.append("the SKU of any line")
    if not customer.country:
        gaps.append("the customer's country")
    for gap in gaps:
        yield Finding(
            subject="shop",
            level=Level.NOTE,
            text=f"That order does not say {gap}.",
            hint="Rules and texts of offers that need it will not apply. See docs/adapter.md.",
        )


def _storage() -> Iterator[Finding]:
    written = secrets.token_bytes(16)
    name = default_storage.save("ppx/doctor.txt", ContentFile(written))
    try:
        with default_storage.open(name) as file:
            is_same = file.read() == written
    finally:
        default_storage.delete(name)
    yield Finding(
        subject="storage",
        level=Level.WELL if is_same else Level.PROBLEM,
        text="A file was written, read and deleted." if is_same else "A file came back changed.",
    )


def _cache() -> Iterator[Finding]:
    token = secrets.token_hex(8)
    cache.set("ppx-doctor", token, timeout=60)
    kept = cache.get("ppx-doctor")
    cache.delete("ppx-doctor")
    if kept == token:
        yield Finding(subject="cache", level=Level.WELL, text="It keeps what it is given.")
    else:
        yield Finding(
            subject="cache",
            level=Level.NOTE,
            text="It keeps nothing. That is fine: nothing of ours needs it.",
        )


def _mail() -> Iterator[Finding]:
    backend = _mail_backend()
    sender = ppx_settings.PPX_MAIL_FROM or settings.DEFAULT_FROM_EMAIL
    if backend:
        yield Finding(subject="mail", level=Level.WELL, text=f"Mail goes through {backend}.")
    else:
        yield Finding(
            subject="mail",
            level=Level.NOTE,
            text="Django has no way to send mail.",
            hint="Give MAILERS a 'default' with a BACKEND.",
        )
    if sender.rstrip(">").endswith("@localhost"):
        yield Finding(
            subject="mail",
            level=Level.NOTE,
            text="Mail to customers would come from localhost.",
            hint="Set PPX_MAIL_FROM, or DEFAULT_FROM_EMAIL.",
        )


def _mail_backend() -> str:
    """Return the backend that mail goes through: of MAILERS, where Django has that setting."""
    mailers: Any = getattr(settings, "MAILERS", None)
    if mailers is not None:
        return str(mailers.get("default", {}).get("BACKEND", ""))
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # Django 6.1 warns of the older setting, wherever it is read
        return settings.EMAIL_BACKEND


def _static_files() -> Iterator[Finding]:
    url = static("django_ppx/ppx.css")
    yield Finding(subject="static files", level=Level.WELL, text=f"The stylesheet is at {url}.")


def _offers() -> Iterator[Finding]:
    active = Offer.objects.active(now=timezone.now())
    kinds = Counter(active.values_list("kind", flat=True))
    shown = current_snapshot().by_id
    for offer in active:
        compiled = shown.get(offer.pk)
        if compiled is None or not compiled.variants:
            yield Finding(
                subject="offers",
                level=Level.PROBLEM,
                text=f"The offer {offer.slug!r} is active, and nobody can see it.",
                hint="Its kind is not in PPX_OFFER_KINDS, or it has no variant.",
            )
    if kinds:
        counts = ", ".join(f"{count} × {kind}" for kind, count in sorted(kinds.items()))
        yield Finding(subject="offers", level=Level.WELL, text=f"Active now: {counts}.")
    else:
        yield Finding(
            subject="offers",
            level=Level.NOTE,
            text="No offer is active now, so pages show nothing.",
            hint="Create one in admin, under “Offers: all”, and activate it.",
        )


def _guessing() -> Iterator[Finding]:
    now = timezone.now()
    alarm = last_alarm(now=now)
    if alarm is not None:
        yield Finding(
            subject="guessing",
            level=Level.NOTE,
            text=f"Codes are being guessed: {alarm.attempts} attempts failed in the hour from "
            f"{alarm.window_starts_at.isoformat()} on.",
            hint="Look at the failed attempts in admin.",
        )
    newest = FailedAttempt.objects.exclude(address_prefix="").order_by("-at").first()
    shown = "" if newest is None else newest.address_prefix
    if ppx_settings.PPX_CLIENT_ADDRESS == DEFAULT_CLIENT_ADDRESS and is_private_prefix(shown):
        yield Finding(
            subject="guessing",
            level=Level.NOTE,
            text=f"The last failed attempt came from {shown}, an address of a local network.",
            hint="Behind a proxy all shoppers share one limit: set PPX_CLIENT_ADDRESS.",
        )
    if alarm is None:
        day = FailedAttempt.objects.filter(at__gt=now - timedelta(hours=24)).count()
        yield Finding(
            subject="guessing",
            level=Level.WELL,
            text=f"No alarm in 24 hours; attempts at codes that failed: {day}.",
        )


def _theme() -> Iterator[Finding]:
    theme = Theme.objects.filter(is_active=True).first()
    text = (
        f"“{theme.name}” is active." if theme else "None is active: offers wear the default look."
    )
    yield Finding(subject="theme", level=Level.WELL, text=text)


def _imported_codes() -> Iterator[Finding]:
    levels = stock_levels(now=timezone.now())
    for level in levels:
        if level.is_low:
            wanted = f" of {level.low_stock_at} or more" if level.low_stock_at else ""
            yield Finding(
                subject="imported codes",
                level=Level.NOTE,
                text=f"Benefit {level.benefit_id} has {level.left}{wanted} left.",
                hint="Import more: manage.py ppx_import_codes, or Batches of codes in admin.",
            )
    if not any(level.is_low for level in levels):
        text = f"Benefits with imported codes: {len(levels)}; none runs low."
        yield Finding(subject="imported codes", level=Level.WELL, text=text)


class _QueryCount:
    """Counts the statements that pass through it."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Callable[..., Any], *args: Any) -> Any:
        self.count += 1
        return execute(*args)


EXAMINATIONS: Final[dict[str, Callable[[], Iterator[Finding]]]] = {
    "settings": _settings,
    "database": _database,
    "shop": _shop,
    "storage": _storage,
    "cache": _cache,
    "mail": _mail,
    "static files": _static_files,
    "offers": _offers,
    "guessing": _guessing,
    "theme": _theme,
    "imported codes": _imported_codes,
}

_HINTS: Final = {
    "database": "See DATABASES in the settings.",
    "shop": "Mend the adapter, or PPX_ORDER_FIELDS. See docs/adapter.md.",
    "storage": "Pictures of offers are stored there. See STORAGES in the settings.",
    "cache": "See CACHES in the settings.",
    "static files": "Run: manage.py collectstatic",
}
