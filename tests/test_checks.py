"""One test per wrong setting, and one that each check is bound."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import CheckMessage, Error, run_checks
from django.core.checks.registry import registry
from django.db import connection
from django.utils import timezone

from django_ppx import checks
from django_ppx.offers.kinds import OfferKind
from django_ppx.offers.traits import BUILT_IN
from django_ppx.rewards.alphabet import draw_codes
from django_ppx.rewards.models import DiscountCode
from django_ppx.rewards.storing import insert_codes
from django_ppx.shop.mapped import MappedShop
from django_ppx.shop.types import Order
from django_ppx.testing import make_benefit, make_order
from tests import settings as base

GOOD_FIELDS = {"number": "username", "total": "=1", "currency": "=EUR"}


class NoOrder(MappedShop):
    fields = {}  # type: ignore[assignment]


class OwnOrder(MappedShop):
    def order(self, order: Any, request: Any = None) -> Order:
        return make_order()


class ComplainingKind(OfferKind):
    name = "complaining"
    label = "Complaining"
    model = None  # type: ignore[assignment]

    def check(self) -> list[CheckMessage]:
        return [Error("The kind complains.", id="host.E001")]


class BrokenKind(ComplainingKind):
    name = "broken"

    def check(self) -> list[CheckMessage]:
        raise RuntimeError("the check broke")


class NamelessKind(OfferKind):
    pass


NOT_A_TRAIT = "orders_so_far"
TAKEN_TRAIT = BUILT_IN[0]


def found(messages: list[CheckMessage]) -> list[tuple[str, str]]:
    """Return (id, message), and hold each message to having a hint."""
    assert all(message.hint for message in messages)
    return [(str(message.id).removeprefix("django_ppx."), message.msg) for message in messages]


def ids(messages: list[CheckMessage]) -> list[str]:
    return [check_id for check_id, _message in found(messages)]


def test_the_settings_of_the_tests_are_right_but_for_the_shop() -> None:
    assert ids(run_checks(tags=["django_ppx"])) == ["W002"]


def test_a_connected_shop_has_nothing_to_report(settings) -> None:
    settings.PPX_ORDER_FIELDS = GOOD_FIELDS

    assert run_checks(tags=["django_ppx"]) == []


@pytest.mark.parametrize("check", [*checks.ALL_CHECKS, *checks.DATABASE_CHECKS])
def test_every_check_is_bound(check: Any) -> None:
    assert check in registry.get_checks()


def test_no_check_function_was_forgotten() -> None:
    functions = {value for name, value in vars(checks).items() if name.startswith("check_")}

    assert functions == {*checks.ALL_CHECKS, *checks.DATABASE_CHECKS}


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("PPX_PAGE_LIMT", "Did you mean PPX_PAGE_LIMIT?"),
        ("PPX_ORDER_FIELD", "Did you mean PPX_ORDER_FIELDS?"),
        ("PPX_COLOUR_OF_MONEY", "docs/settings.md lists all settings."),
    ],
)
def test_an_unknown_setting_is_named(settings, name: str, hint: str) -> None:
    setattr(settings, name, 1)

    (message,) = checks.check_setting_names()

    assert found([message]) == [("W001", f"{name} is not a setting of django-ppx.")]
    assert message.hint == hint


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("no.such.Shop", "can't be imported"),
        ("django_ppx.testing.make_order", "not a subclass of ShopAdapter"),
        ("django_ppx.shop.adapter.ShopAdapter", "does not define order()"),
        (None, "can't be imported"),
    ],
)
def test_a_wrong_shop(settings, path: Any, part: str) -> None:
    settings.PPX_SHOP = path

    ((check_id, message),) = found(checks.check_shop())

    assert check_id == "E001"
    assert part in message


@pytest.mark.parametrize(
    ("fields", "part"),
    [
        ("number", "it is a str, not a mapping"),
        ([], "it is a list, not a mapping"),
        ({"numbr": "number"}, "unknown name 'numbr'. Did you mean 'number'?"),
        ({3: "number"}, "unknown name 3."),
        ({"number": ""}, "'number' is '', which is no path"),
        ({"number": "a..b"}, "'number' is 'a..b', which is no path"),
        ({"number": 7}, "'number' is 7, which is no path"),
        ({"number": []}, "'number' is [], which is no path"),
        ({"number": ["user.email", None]}, "which is no path"),
        ({"model": "Order"}, "there is no model 'Order'"),
        ({"model": "auth.Order"}, "there is no model 'auth.Order'"),
        ({"model": 7}, "there is no model 7"),
        ({"statuses": "cancelled"}, "'statuses' is not a mapping"),
        ({"statuses": {"weg": "gone"}}, "'statuses' maps 'weg' to 'gone'"),
        ({"statuses": {3: "cancelled"}}, "'statuses' has the key 3"),
    ],
    ids=str,
)
def test_a_wrong_mapping(settings, fields: Any, part: str) -> None:
    settings.PPX_ORDER_FIELDS = fields

    ((check_id, message),) = found(checks.check_shop())

    assert check_id == "E002"
    assert part in message


@pytest.mark.parametrize("missing", ["number", "total", "currency"])
def test_a_mapping_that_lacks_what_every_order_needs(settings, missing: str) -> None:
    settings.PPX_ORDER_FIELDS = {key: value for key, value in GOOD_FIELDS.items() if key != missing}

    assert found(checks.check_shop()) == [("E003", f"PPX_ORDER_FIELDS has no {missing!r}.")]


def test_the_currency_may_come_from_its_setting(settings) -> None:
    settings.PPX_ORDER_FIELDS = {"number": "username", "total": "=1"}
    settings.PPX_CURRENCY = "EUR"

    assert checks.check_shop() == []


def test_a_path_that_the_model_does_not_have(settings) -> None:
    settings.PPX_ORDER_FIELDS = {
        **GOOD_FIELDS,
        "model": "auth.User",
        "placed_at": "date_joined",
        "customer.email": ["email", "guest_email"],
        "customer.first_name": "get_short_name",
        "lines": "groups.all",
        "line.title": "nothing_to_look_up",
    }

    assert found(checks.check_shop()) == [
        ("W003", "PPX_ORDER_FIELDS: 'guest_email' is not found on auth.User.")
    ]


def test_a_shop_that_is_not_connected_yet() -> None:
    assert found(checks.check_shop()) == [("W002", "django-ppx can't read the shop's orders yet.")]


def test_an_adapter_that_reads_the_order_itself_needs_no_mapping(settings) -> None:
    settings.PPX_SHOP = f"{__name__}.OwnOrder"

    assert checks.check_shop() == []


def test_a_subclass_of_the_mapped_shop_is_checked_like_it(settings) -> None:
    settings.PPX_SHOP = f"{__name__}.NoOrder"

    assert ids(checks.check_shop()) == ["E003", "E003", "E003"]


@pytest.mark.parametrize(
    ("kinds", "part"),
    [
        ("django_ppx.messages.kind.MessageKind", "is not a list"),
        (None, "is not a list"),
        (["no.such.Kind"], "can't be imported"),
        ([7], ""),
        (["django_ppx.testing.make_order"], "is not a subclass"),
        ([f"{__name__}.NamelessKind"], "lacks: name, label, model"),
        (["django_ppx.messages.kind.MessageKind"] * 2, "Two offer kinds are called 'message'"),
        ([f"{__name__}.BrokenKind"], "The check of the kind 'broken' failed: the check broke"),
    ],
    ids=str,
)
def test_a_wrong_kind(settings, kinds: Any, part: str) -> None:
    settings.PPX_OFFER_KINDS = kinds

    ((check_id, message),) = found(checks.check_kinds())

    assert check_id == "E004"
    assert part in message


def test_a_kind_says_itself_what_it_lacks(settings) -> None:
    settings.PPX_OFFER_KINDS = [f"{__name__}.ComplainingKind"]

    assert [message.id for message in checks.check_kinds()] == ["host.E001"]


@pytest.mark.parametrize(
    ("traits", "part"),
    [
        ("shop.traits.vip", "is not a list"),
        (["no.such.trait"], "can't be imported"),
        ([f"{__name__}.NOT_A_TRAIT"], "is not a"),
        ([f"{__name__}.TAKEN_TRAIT"], "Two traits are called 'order_total'"),
    ],
    ids=str,
)
def test_a_wrong_trait(settings, traits: Any, part: str) -> None:
    settings.PPX_TRAITS = traits

    ((check_id, message),) = found(checks.check_traits())

    assert check_id == "E005"
    assert part in message


@pytest.mark.parametrize("currency", ["eur", "EURO", "QQQ", "€", None, 978, ["EUR"]])
def test_a_wrong_currency(settings, currency: Any) -> None:
    settings.PPX_CURRENCY = currency

    assert ids(checks.check_currency()) == ["E006"]


@pytest.mark.parametrize("currency", ["eur", "EURO", "QQQ", "€", None, 978, ["EUR"]])
def test_a_wrong_base_currency(settings, currency: Any) -> None:
    settings.PPX_BASE_CURRENCY = currency

    assert ids(checks.check_currency()) == ["E036"]


@pytest.mark.parametrize("includes", ["tax", None, 1, ["Tax"], ["vat"], [["tax"]], {"tax": True}])
def test_revenue_that_includes_something_else(settings, includes: Any) -> None:
    settings.PPX_REVENUE_INCLUDES = includes

    assert ids(checks.check_revenue()) == ["E037"]


@pytest.mark.parametrize("includes", [(), [], ["tax"], ("shipping",), ["tax", "shipping"]])
def test_revenue_may_include_tax_and_shipping(settings, includes: Any) -> None:
    settings.PPX_REVENUE_INCLUDES = includes

    assert checks.check_revenue() == []


@pytest.mark.parametrize(
    ("name", "check_id", "lowest", "highest"),
    [
        ("PPX_PAGE_LIMIT", "E007", 1, 50),
        ("PPX_LINK_MAX_AGE_DAYS", "E008", 1, 3650),
        ("PPX_CODE_LENGTH", "E009", 8, 32),
        ("PPX_APPLY_LINK_DAYS", "E017", 1, 3650),
        ("PPX_GUESSES_PER_ADDRESS", "E018", 1, 1_000_000),
        ("PPX_GUESSES_PER_SESSION", "E019", 1, 1_000_000),
        ("PPX_GUESS_WINDOW_MINUTES", "E020", 1, 1440),
        ("PPX_GUESS_ALARM_PER_HOUR", "E021", 1, 1_000_000),
        ("PPX_FAILED_ATTEMPT_DAYS", "E022", 1, 3650),
        ("PPX_RESERVATION_MINUTES", "E025", 1, 10_080),
        ("PPX_OUTBOX_DAYS", "E026", 1, 3650),
        ("PPX_UGC_FILES_PER_HOUR", "E028", 1, 100_000),
        ("PPX_UGC_MEGABYTES_PER_CUSTOMER", "E029", 1, 1_000_000),
        ("PPX_UGC_DRAFT_DAYS", "E030", 1, 365),
        ("PPX_UGC_REJECTED_DAYS", "E031", 1, 3650),
        ("PPX_UGC_REMINDER_DAYS", "E032", 0, 365),
        ("PPX_UGC_LINK_DAYS", "E033", 1, 3650),
        ("PPX_HOLDOUT_PERCENT", "E038", 0, 50),
        ("PPX_ORDER_TOKEN_DAYS", "E039", 1, 3650),
        ("PPX_API_MAX_BODY_KILOBYTES", "E041", 1, 100_000),
        ("PPX_IDEMPOTENCY_HOURS", "E043", 1, 8760),
    ],
)
def test_numbers_have_a_range(
    settings, name: str, check_id: str, lowest: int, highest: int
) -> None:
    answers = {}
    for value in (lowest - 1, lowest, highest, highest + 1, str(lowest), True, None, 9.5):
        setattr(settings, name, value)
        answers[repr(value)] = ids(checks.check_numbers())

    wrong = {value for value, messages in answers.items() if messages == [check_id]}
    right = {value for value, messages in answers.items() if messages == []}
    assert right == {repr(lowest), repr(highest)}
    assert wrong == set(answers) - right


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("no.such.address", "can't be imported"),
        ("django_ppx.conf.DEFAULT_CLIENT_ADDRESS", "is no function"),
        ("", "can't be imported"),
        (None, "can't be imported"),
    ],
)
def test_a_wrong_reader_of_addresses(settings, path: Any, part: str) -> None:
    settings.PPX_CLIENT_ADDRESS = path

    ((check_id, message),) = found(checks.check_client_address())

    assert check_id == "E023"
    assert part in message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECURE_PROXY_SSL_HEADER", ("HTTP_X_FORWARDED_PROTO", "https")),
        ("USE_X_FORWARDED_HOST", True),
    ],
)
def test_behind_a_proxy_the_address_must_be_told(settings, name: str, value: Any) -> None:
    setattr(settings, name, value)

    assert ids(checks.check_client_address()) == ["W008"]
    settings.PPX_CLIENT_ADDRESS = "tests.test_checks.found"
    assert checks.check_client_address() == []


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        ("", []),
        ("hello@example.com", []),
        ("The Book Barn <hello@bücher.example>", []),
        ("The Book Barn", ["E027"]),
        ("hello@example.com\nBcc: eve@example.com", ["E027"]),
        (None, ["E027"]),
        (7, ["E027"]),
    ],
)
def test_a_sender_that_mail_can_not_come_from(settings, sender: Any, expected: list[str]) -> None:
    settings.PPX_MAIL_FROM = sender

    assert ids(checks.check_mail_from()) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", []),
        ("/basket/", []),
        ("admin:index", []),
        ("https://shop.example.com/basket/", []),
        ("no_such_name", ["E024"]),
        ("admin:no_such_name", ["E024"]),
        (7, ["E024"]),
        (None, ["E024"]),
    ],
)
def test_a_wrong_way_to_the_basket(settings, url: Any, expected: list[str]) -> None:
    settings.PPX_BASKET_URL = url

    assert ids(checks.check_basket_url()) == expected


@pytest.mark.parametrize("zone", ["Europe/Berlino", "", None, 1, "../etc/passwd", "Europe"])
def test_a_wrong_time_zone(settings, zone: Any) -> None:
    settings.PPX_TIME_ZONE = zone

    assert ids(checks.check_time_zone()) == ["E010"]


@pytest.mark.parametrize("name", [None, 7, ["Shop"]])
def test_a_name_of_the_shop_that_is_no_text(settings, name: Any) -> None:
    settings.PPX_SHOP_NAME = name

    assert ids(checks.check_texts()) == ["E011"]


@pytest.mark.parametrize("secret", ["", None, b"bytes"])
def test_a_secret_that_is_none(settings, secret: Any) -> None:
    settings.PPX_IDENTITY_SECRET = secret

    assert ids(checks.check_texts()) == ["E012"]


def test_a_rotated_secret_key_forgets_guests(settings) -> None:
    settings.SECRET_KEY_FALLBACKS = ["the old one"]

    assert ids(checks.check_texts()) == ["W004"]

    settings.PPX_IDENTITY_SECRET = "the old one"
    assert checks.check_texts() == []


def test_the_middleware_is_missing(settings) -> None:
    settings.MIDDLEWARE = [path for path in base.MIDDLEWARE if "django_ppx" not in path]

    assert ids(checks.check_middleware()) == ["E013"]


@pytest.mark.parametrize(("cache_first", "expected"), [(True, []), (False, ["E014"])])
def test_the_middleware_stands_inside_the_page_cache(
    settings, cache_first: bool, expected: list[str]
) -> None:
    cache = ["django.middleware.cache.UpdateCacheMiddleware"]
    settings.MIDDLEWARE = cache + base.MIDDLEWARE if cache_first else base.MIDDLEWARE + cache

    assert ids(checks.check_middleware()) == expected


def test_sessions_are_missing(settings) -> None:
    settings.MIDDLEWARE = [path for path in base.MIDDLEWARE if "Session" not in path]

    assert ids(checks.check_middleware()) == ["W005"]


def test_a_middleware_that_cannot_be_imported_is_not_ours_to_report(settings) -> None:
    settings.MIDDLEWARE = ["no.such.Middleware", *base.MIDDLEWARE]

    assert checks.check_middleware() == []


@pytest.mark.parametrize("wrong", ["no processor", "no engine"])
def test_templates_do_not_get_the_request(settings, wrong: str) -> None:
    templates = copy.deepcopy(base.TEMPLATES)
    templates[0]["OPTIONS"]["context_processors"] = []  # type: ignore[index]
    settings.TEMPLATES = templates if wrong == "no processor" else []

    assert ids(checks.check_templates()) == ["E015"]


def test_the_urls_are_not_included(settings) -> None:
    settings.ROOT_URLCONF = "django.contrib.auth.urls"

    assert ids(checks.check_urls()) == ["W006"]


@pytest.mark.parametrize("urlconf", ["no.such.urls", None])
def test_a_broken_url_configuration_is_not_ours_to_report(settings, urlconf: Any) -> None:
    settings.ROOT_URLCONF = urlconf

    assert checks.check_urls() == []


@pytest.mark.parametrize(
    ("engine", "options", "expected"),
    [
        ("django.db.backends.sqlite3", {"transaction_mode": "IMMEDIATE", "timeout": 20}, []),
        ("django.db.backends.sqlite3", {"transaction_mode": "immediate", "timeout": 60}, []),
        ("django.db.backends.sqlite3", {"transaction_mode": "IMMEDIATE", "timeout": 19}, ["W007"]),
        ("django.db.backends.sqlite3", {"transaction_mode": "IMMEDIATE"}, ["W007"]),
        ("django.db.backends.sqlite3", {"transaction_mode": "DEFERRED", "timeout": 20}, ["W007"]),
        ("django.db.backends.sqlite3", {"timeout": 20}, ["W007"]),
        ("django.db.backends.sqlite3", {}, ["W007"]),
        ("django.contrib.gis.db.backends.spatialite", {}, ["W007"]),
        ("django.db.backends.postgresql", {}, []),
    ],
)
def test_sqlite_is_set_up_for_two_writers(
    monkeypatch, engine: str, options: dict[str, Any], expected: list[str]
) -> None:
    config = {"default": {"ENGINE": engine, "OPTIONS": options}}
    monkeypatch.setattr(checks.settings, "DATABASES", config)

    assert ids(checks.check_sqlite()) == expected


@pytest.mark.django_db
@pytest.mark.parametrize(("live", "expected"), [(85, []), (86, ["E016"])])
def test_live_codes_must_not_be_guessable(live: int, expected: list[str]) -> None:
    benefit = make_benefit(code_pattern="XY-####-####")
    codes = draw_codes(live, shape="XY########")
    insert_codes(codes, like=DiscountCode(benefit=benefit, terms={}, issued_at=timezone.now()))

    messages = checks.check_code_space(databases=["default"])

    assert ids(messages) == expected
    for message in messages:
        assert message.msg == (
            "86 live codes of the form XY######## are too many for 8 random characters: "
            "they could be guessed."
        )
        assert str(message.hint).startswith("9 are needed: raise PPX_CODE_LENGTH")


def test_codes_are_counted_only_where_the_database_is_asked_for() -> None:
    assert checks.check_code_space() == []
    assert checks.check_code_space(databases=["other"]) == []


@pytest.mark.django_db
def test_before_the_first_migration_there_is_nothing_to_count(monkeypatch) -> None:
    monkeypatch.setattr("django_ppx.rewards.models.DiscountCode._meta.db_table", "not_there")

    assert checks.check_code_space(databases=["default"]) == []
    assert connection.is_usable()


def test_ids_are_numbered_without_gaps() -> None:
    source = Path(checks.__file__).read_text()

    numbered_in_a_loop = {7, 8, 9, *range(17, 23), 25, 26}
    used = {int(number) for number in re.findall(r"django_ppx\.E(\d{3})", source)}
    warned = {int(number) for number in re.findall(r"django_ppx\.W(\d{3})", source)}

    assert used | numbered_in_a_loop == {*range(1, 28), 36, 37}
    assert warned == set(range(1, 9))
