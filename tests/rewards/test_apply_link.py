"""A link remembers its code in the visitor's own session, and changes nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.template import Context, Template
from django.test import Client
from django.utils import timezone, translation

from django_ppx import codes
from django_ppx.core.customers import resolve_customer
from django_ppx.core.tokens import make_token
from django_ppx.offers.pages import is_personal
from django_ppx.rewards.links import PURPOSE, apply_path, apply_url
from django_ppx.rewards.models import DiscountCode, FailedAttempt
from django_ppx.rewards.visitors import ASKED_KEY, LINK_KEY, SESSION_KEY
from django_ppx.shop.types import Basket, Customer
from django_ppx.testing import make_benefit, make_code

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
FIFTY = Basket(currency="EUR", total=Decimal(50))


@pytest.fixture(autouse=True)
def host(settings) -> None:
    settings.ROOT_URLCONF = "tests.rewards.guessing_host"


def code_now(**overrides) -> DiscountCode:
    return make_code(now=timezone.now(), **overrides)


def path_of(code: DiscountCode, **options) -> str:
    return apply_path(code, now=timezone.now(), **options)


def stored() -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table but the sessions'."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values_list())
        for model in apps.get_models()
        if model._meta.label != "sessions.Session"
    }


def owned(customer_id: str = "77", **overrides) -> DiscountCode:
    now = timezone.now()
    customer = Customer(account_id=customer_id, email="ada@example.com", first_name="Ada")
    owner = resolve_customer(customer=customer, placed_at=now, now=now).customer
    return code_now(customer=owner, **overrides)


def test_the_link_remembers_the_code_and_the_basket_takes_it_when_it_qualifies(client) -> None:
    benefit = make_benefit(amounts={"EUR": {"minimum_total": 30}}, code_prefix="THX")
    code = code_now(benefit=benefit)

    response = client.get(path_of(code))

    assert response.status_code == 200
    assert client.session[SESSION_KEY].replace("-", "") == code.code
    too_small = client.get("/basket/?total=20").content.decode()
    assert too_small.count("This code is for orders of €30.00 or more.") == 2  # field and notice
    assert "10% off is waiting for your basket." in too_small
    large_enough = client.get("/basket/?total=30").content.decode()
    assert "10% off is in your basket." in large_enough
    assert "ppx-code-form__message--applied" in large_enough


def test_the_page_says_what_the_code_gives_and_when(client) -> None:
    benefit = make_benefit(amounts={"EUR": {"minimum_total": 30}})
    with time_machine.travel(NOON, tick=False):
        page = client.get(path_of(make_code(benefit, now=NOON))).content.decode()

    assert "<h1" in page
    assert "10% off" in page
    assert "<li>For orders of €30.00 or more</li>" in page
    assert "<li>Valid until the end of April 9, 2026</li>" in page
    assert "comes off in your basket as soon as the basket qualifies" in page


def test_the_page_speaks_the_shoppers_language(client) -> None:
    with time_machine.travel(NOON, tick=False):
        path = path_of(make_code(now=NOON))
        page = client.get(path, headers={"accept-language": "de"}).content.decode()

    assert '<html lang="de"' in page
    assert "9. April 2026" in page


def test_opening_the_link_changes_the_visitors_session_alone(client) -> None:
    code = code_now()
    path = path_of(code)
    before = stored()

    assert client.get(path).status_code == 200

    assert stored() == before
    assert set(client.session.keys()) == {SESSION_KEY, LINK_KEY}


def test_a_scanner_that_asks_for_the_head_changes_nothing_at_all(client) -> None:
    path = path_of(code_now())
    before = stored()

    response = client.head(path)

    assert (response.status_code, response.content) == (200, b"")
    assert "sessionid" not in response.cookies
    assert Session.objects.count() == 0
    assert stored() == before


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_link_is_only_read(client, method) -> None:
    assert getattr(client, method)(path_of(code_now())).status_code == 405


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize(
    ("setting", "destination", "leads_to"),
    [
        ("/basket/", "", "/basket/"),
        ("admin:login", "", "/admin/login/"),
        ("https://shop.example.com/basket/", "", "https://shop.example.com/basket/"),
        ("/basket/", "/cups/?from=mail", "/cups/?from=mail"),
        ("", "/cups/", "/cups/"),
    ],
)
def test_the_link_leads_where_it_was_signed_for_or_to_the_basket(
    client, settings, method, setting, destination, leads_to
) -> None:
    settings.PPX_BASKET_URL = setting

    response = getattr(client, method)(path_of(code_now(), destination=destination))

    assert (response.status_code, response["Location"]) == (302, leads_to)


@pytest.mark.parametrize(
    "destination",
    ["https://evil.test/", "//evil.test/", "/\\evil.test", "basket/", "javascript:1", "/" * 501],
)
def test_a_link_leads_to_this_shop_only(client, destination) -> None:
    code = code_now()
    with pytest.raises(ValueError, match="a path of the shop"):
        path_of(code, destination=destination)

    token = make_token(purpose=PURPOSE, payload=f"{code.pk}:{destination}", now=timezone.now())

    assert client.get(f"/ppx/code/apply/{token}/").status_code == 404


def test_the_whole_link_has_the_host_of_the_request(rf) -> None:
    url = apply_url(code_now(), request=rf.get("/"), now=NOON, destination="/basket/")

    assert url.startswith("http://testserver/ppx/code/apply/")


def test_neither_code_nor_customer_stand_in_the_link() -> None:
    code = owned()
    longer, other = path_of(code), apply_path(code, now=NOON)

    for path in (longer, other):
        assert code.code not in path
        assert "ada" not in path.lower()


def seen(client: Client, path: str) -> tuple[object, ...]:
    response = client.get(path)
    return (
        response.status_code,
        response.content,
        dict(response.headers),
        "sessionid" in response.cookies,
    )


def test_unknown_wrong_and_expired_links_look_the_same() -> None:
    now = timezone.now()
    code = code_now()
    good = path_of(code)
    token = good.split("/")[-2]
    links = {
        "unknown": make_token(purpose=PURPOSE, payload="999999:", now=now),
        "no number": make_token(purpose=PURPOSE, payload="x:", now=now),
        "changed": token[:-1] + ("A" if token[-1] != "A" else "B"),
        "noise": "x",
        "another purpose": make_token(purpose="card", payload=f"{code.pk}:", now=now),
        "too old": make_token(purpose=PURPOSE, payload=f"{code.pk}:", now=now - timedelta(366)),
        "used up": path_of(code_now(times_used=1)).split("/")[-2],
        "expired": path_of(code_now(expires_at=now)).split("/")[-2],
        "marked expired": path_of(code_now(status="expired")).split("/")[-2],
        "revoked": path_of(code_now(status="revoked", revoked_at=now)).split("/")[-2],
        "in the pool": path_of(code_now(status="pooled")).split("/")[-2],
        "somebody else's": path_of(owned(times_used=1)).split("/")[-2],
        "unreadable": path_of(code_now(terms={"type": "percent"})).split("/")[-2],
    }

    answers = {name: seen(Client(), f"/ppx/code/apply/{token}/") for name, token in links.items()}

    assert answers["unknown"][0] == 404
    assert answers["unknown"][3] is False
    for name, answer in answers.items():
        assert answer == answers["unknown"], name
    assert FailedAttempt.objects.count() == 0  # a signature can't be guessed


def test_a_link_works_as_long_as_the_setting_says(client, settings) -> None:
    settings.PPX_APPLY_LINK_DAYS = 2
    code = make_code(make_benefit(valid_days=None), now=NOON)
    path = apply_path(code, now=NOON)

    with time_machine.travel(NOON + timedelta(days=2, seconds=-1), tick=False):
        assert client.get(path).status_code == 200
    with time_machine.travel(NOON + timedelta(days=2), tick=False):
        assert client.get(path).status_code == 404


def test_the_owner_reads_why_the_code_is_spent(client, django_user_model) -> None:
    user = django_user_model.objects.create_user("ada", pk=77)
    client.force_login(user)

    page = client.get(path_of(owned(times_used=1)))

    assert page.status_code == 200
    assert "This code has already been used." in page.content.decode()


def test_a_stranger_with_the_link_may_use_it_and_learns_nothing_of_the_owner(client) -> None:
    code = owned()

    page = client.get(path_of(code)).content.decode()

    assert "10% off" in page
    assert "ada" not in page.lower()
    assert code.code not in page.replace("-", "")
    assert "10% off is in your basket." in client.get("/basket/").content.decode()


def test_who_has_the_link_reads_from_when_on_the_code_is_good(client) -> None:
    code = code_now(starts_at=timezone.now() + timedelta(days=3))

    page = client.get(path_of(code)).content.decode()
    basket = client.get("/basket/").content.decode()
    Client().post("/ppx/code/", {"code": code.code})

    assert "This code can be used from" in page
    assert basket.count("This code can be used from") == 2  # field and notice
    assert FailedAttempt.objects.count() == 1  # the stranger who only typed it


def test_a_link_is_no_guess_and_is_not_refused_after_too_many(client, settings) -> None:
    settings.PPX_GUESSES_PER_ADDRESS = 1
    for number in range(2, 5):
        client.post("/ppx/code/", {"code": f"NOSUCHCODE{number}"})

    client.get(path_of(code_now()))

    assert "10% off is in your basket." in client.get("/basket/").content.decode()


@pytest.mark.parametrize("setting", ["", "/basket/"])
def test_the_answer_is_private(client, settings, setting) -> None:
    settings.PPX_BASKET_URL = setting

    response = client.get(path_of(code_now()))

    assert response["Cache-Control"] == "private, no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert "Cookie" in response["Vary"]


def test_another_code_takes_the_place_of_the_links(client) -> None:
    client.get(path_of(code_now()))
    client.post("/ppx/code/", {"code": ""})

    assert not {SESSION_KEY, ASKED_KEY, LINK_KEY} & set(client.session.keys())


def test_without_sessions_the_page_is_shown_all_the_same(client, settings) -> None:
    settings.MIDDLEWARE = [
        path for path in settings.MIDDLEWARE if "sessions" not in path and "auth" not in path
    ]
    settings.MIDDLEWARE = [path for path in settings.MIDDLEWARE if "messages" not in path]

    assert client.get(path_of(code_now())).status_code == 200


@pytest.fixture
def visit(rf):
    request = rf.get("/")
    request.session = SessionStore()
    request.user = AnonymousUser()
    return request


def notice(request, basket: Basket | None = None) -> str:
    page = Template("{% load ppx %}{% ppx_code_notice basket %}")
    return page.render(Context({"request": request, "basket": basket}))


def test_without_a_remembered_code_there_is_no_notice(visit, django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        assert notice(visit, FIFTY) == ""

    assert not is_personal(visit)
    assert notice(None, FIFTY) == ""


def test_the_notice_says_what_is_in_the_basket(visit) -> None:
    codes.remember(visit, code_now().code)

    html = notice(visit, FIFTY)

    assert "10% off is in your basket." in html
    assert 'role="status"' in html
    assert is_personal(visit)


@pytest.mark.parametrize("basket", [None, Basket(currency="EUR", total=Decimal(0))])
def test_before_there_is_a_basket_the_notice_says_the_conditions(visit, basket) -> None:
    benefit = make_benefit(amounts={"EUR": {"minimum_total": 30}}, is_combinable=True)
    codes.remember(visit, code_now(benefit=benefit).code)

    html = notice(visit, basket)

    assert "10% off is waiting for your basket." in html
    assert "For orders of €30.00 or more" in html


@pytest.mark.parametrize(
    "overrides", [{"times_used": 1}, {"status": "pooled"}, {"code": "OTHERCODE"}]
)
def test_a_code_that_is_none_needs_no_banner(visit, overrides) -> None:
    codes.remember(visit, "NOSUCHCODE2" if "code" in overrides else code_now(**overrides).code)

    assert notice(visit, FIFTY).strip() == ""


def test_the_owner_at_the_basket_needs_no_banner_for_a_spent_code(visit) -> None:
    codes.remember(visit, owned(times_used=1).code)
    known = Basket(currency="EUR", total=Decimal(50), customer=Customer(email="ada@example.com"))

    assert notice(visit, known).strip() == ""


def test_the_notice_escapes_a_gift(visit) -> None:
    benefit = make_benefit(scopes=[("category", "<b>Cups")])
    codes.remember(visit, code_now(benefit=benefit).code)

    with translation.override("en"):
        html = notice(visit)

    assert "On &lt;b&gt;Cups" in html
