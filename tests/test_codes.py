"""The front door for codes as a host uses it, and the form in which a shopper types one."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError, OperationalError, connection, transaction
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from django_ppx import codes
from django_ppx.core.customers import resolve_customer
from django_ppx.offers.pages import is_personal
from django_ppx.rewards.models import CodeRedemption, DiscountCode
from django_ppx.rewards.visitors import SESSION_KEY
from django_ppx.shop.types import Basket, BasketLine, Customer
from django_ppx.testing import FakeShop, make_benefit, make_code, make_order

pytestmark = pytest.mark.django_db

ADA = Customer(email="ada@example.com")
FIFTY = Basket(
    currency="EUR",
    total=Decimal(50),
    shipping=Decimal("4.90"),
    lines=(BasketLine(total=Decimal(20)), BasketLine(total=Decimal(30))),
)


@pytest.fixture(autouse=True)
def fake_shop(settings) -> Iterator[None]:
    settings.PPX_SHOP = "django_ppx.testing.FakeShop"
    FakeShop.clear()
    yield
    FakeShop.clear()


@pytest.fixture
def visit(rf: RequestFactory):
    request = rf.get("/basket/?page=2")
    request.session = SessionStore()
    request.user = AnonymousUser()
    return request


def current_code(**benefit) -> DiscountCode:
    return make_code(make_benefit(**benefit), now=timezone.now())


def test_a_quote_says_what_the_code_comes_to_and_uses_nothing_up() -> None:
    code = current_code(code_prefix="THX")

    quote = codes.quote(f"thx {code.code[3:].lower()}", basket=FIFTY)

    assert quote.value == code.code
    assert quote.code == f"THX-{code.code[3:7]}-{code.code[7:11]}-{code.code[11:]}"
    assert quote.summary == "10% off"
    assert (quote.discount.amount, quote.shipping_discount.amount) == (Decimal(5), Decimal(0))
    assert quote.total_discount.amount == Decimal(5)
    assert [share.amount for share in quote.line_discounts] == [Decimal(2), Decimal(3)]
    assert DiscountCode.objects.get().times_used == 0


def test_free_shipping_is_quoted_apart_from_the_goods() -> None:
    quote = codes.quote(current_code(type="free_shipping").code, basket=FIFTY)

    assert (quote.discount.amount, quote.shipping_discount.amount) == (Decimal(0), Decimal("4.90"))
    assert quote.total_discount.amount == Decimal("4.90")


def test_a_code_that_would_take_nothing_off_is_refused_before_it_is_wasted() -> None:
    basket = Basket(currency="EUR", total=Decimal(80))

    with pytest.raises(codes.RedemptionRefused) as caught:
        codes.quote(current_code(type="free_shipping").code, basket=basket)

    assert caught.value.reason == "nothing_to_discount"


def test_an_order_delivered_free_of_charge_books_its_free_shipping() -> None:
    order = make_order(shipping=Decimal(0), total=Decimal("45.10"))

    redemption = codes.redeem(
        current_code(type="free_shipping").code, order=order, discount=Decimal("4.90")
    )

    assert redemption.discount_minor == 490


def test_what_was_quoted_is_what_is_booked() -> None:
    code = current_code(amounts={"EUR": {"minimum_total": 50}})
    quoted = codes.quote(code.code, basket=FIFTY).total_discount.amount
    order = make_order(
        total=Decimal("54.90") - quoted,
        discount_total=quoted,
        discount_codes=(code.code,),
        lines=(),
    )

    redemption = codes.redeem(code.code, order=order)

    assert redemption.discount_minor == 500


@pytest.mark.parametrize("text", ["", "nope", "SAVÉ", "NOSUCHCODE22"])
def test_an_unknown_code_is_refused(text) -> None:
    with pytest.raises(codes.RedemptionRefused) as caught:
        codes.quote(text, basket=FIFTY)

    assert caught.value.reason == "unknown"
    assert str(caught.value) == "This code is not valid."


def test_the_account_at_the_request_is_the_owner(visit, django_user_model) -> None:
    user = django_user_model.objects.create_user("ada", email="ada@example.com")
    now = timezone.now()
    owner = resolve_customer(
        customer=Customer(account_id=str(user.pk)), placed_at=now, now=now
    ).customer
    code = make_code(customer=owner, now=now, times_used=1)

    with pytest.raises(codes.RedemptionRefused) as stranger:
        codes.quote(code.code, basket=FIFTY, request=visit)
    visit.user = user
    with pytest.raises(codes.RedemptionRefused) as known:
        codes.quote(code.code, basket=FIFTY, request=visit)

    assert str(stranger.value) == "This code is not valid."
    assert str(known.value) == "This code has already been used."


def test_an_order_is_released_by_itself_or_by_its_number() -> None:
    code = current_code()
    for release_as in (lambda order: order, lambda order: order.number):
        order = make_order()
        codes.redeem(code.code, order=order)

        released = codes.release(code.code.lower(), order=release_as(order))

        assert released is not None
        assert DiscountCode.objects.get().times_used == 0


def test_a_host_that_gives_its_order_up_gives_the_use_back() -> None:
    code = current_code()

    @transaction.atomic
    def place_order() -> None:
        codes.redeem(code.code, order=make_order())
        raise ValueError("The card was declined.")

    with pytest.raises(ValueError, match="card"):
        place_order()

    assert DiscountCode.objects.get().times_used == 0
    assert CodeRedemption.objects.count() == 0


def test_a_refusal_leaves_the_hosts_transaction_usable() -> None:
    code = current_code()
    codes.redeem(code.code, order=make_order())

    with transaction.atomic():
        Group.objects.create(name="before")
        with pytest.raises(codes.RedemptionRefused):
            codes.redeem(code.code, order=make_order())
        Group.objects.create(name="after")

    assert Group.objects.count() == 2


@pytest.mark.parametrize("door", ["quote", "redeem", "release"])
def test_a_fault_of_ours_is_a_refusal_and_one_log_record(door, monkeypatch, caplog) -> None:
    def fail(*args, **kwargs):
        raise DatabaseError("a fault of ours")

    monkeypatch.setattr(codes, "quote_code", fail)
    monkeypatch.setattr(codes, "redeem_code", fail)
    monkeypatch.setattr(codes, "release_code", fail)
    calls = {
        "quote": lambda: codes.quote("A", basket=FIFTY),
        "redeem": lambda: codes.redeem("A", order=make_order()),
        "release": lambda: codes.release("A", order="1"),
    }

    with (
        caplog.at_level(logging.ERROR, logger="django_ppx"),
        pytest.raises(codes.RedemptionRefused) as caught,
    ):
        calls[door]()

    assert caught.value.reason == "unavailable"
    assert len(caplog.records) == 1


def test_under_debug_a_fault_of_ours_is_loud(monkeypatch, settings) -> None:
    settings.DEBUG = True
    FakeShop.fault = ZeroDivisionError("an adapter")

    with pytest.raises(ZeroDivisionError):
        codes.redeem(current_code().code, order=make_order())


def test_terms_changed_by_hand_are_a_fault_and_not_a_discount(caplog) -> None:
    code = make_code(terms={"type": "percent", "percent": "100"}, now=timezone.now())

    with pytest.raises(codes.RedemptionRefused) as caught:
        codes.quote(code.code, basket=FIFTY)

    assert caught.value.reason == "unavailable"


def test_inside_a_transaction_of_the_host_a_conflict_is_the_hosts_to_repeat() -> None:
    code, order = current_code(), make_order()

    def lock(execute, sql, params, many, context):
        if "UPDATE" in sql:
            raise OperationalError("database is locked")
        return execute(sql, params, many, context)

    with transaction.atomic():
        with pytest.raises(codes.Busy), connection.execute_wrapper(lock):
            codes.redeem(code.code, order=order)
        Group.objects.create(name="the host goes on")

    assert Group.objects.count() == 1
    assert DiscountCode.objects.get().times_used == 0


def test_the_typed_code_waits_in_the_session(visit) -> None:
    codes.remember(visit, "  thx abcd ")
    assert codes.remembered(visit) == "thx abcd"

    codes.remember(visit, "")
    assert codes.remembered(visit) == ""

    codes.remember(visit, "x" * 300)
    assert codes.remembered(visit) == "x" * 64

    codes.forget(visit)
    codes.forget(visit)
    assert codes.remembered(visit) == ""


def test_without_a_session_nothing_is_remembered(rf) -> None:
    request = rf.get("/")

    codes.forget(request)

    assert codes.remembered(request) == ""


def test_the_form_keeps_the_code_and_goes_back(client) -> None:
    response = client.post(
        reverse("ppx:code_apply"), {"code": " thx-abcd ", "next": "/basket/?page=2"}
    )

    assert (response.status_code, response["Location"]) == (302, "/basket/?page=2")
    assert client.session[SESSION_KEY] == "thx-abcd"


def test_an_empty_field_takes_the_code_away(client) -> None:
    client.post(reverse("ppx:code_apply"), {"code": "thx-abcd"})

    client.post(reverse("ppx:code_apply"), {"code": ""})

    assert SESSION_KEY not in client.session


@pytest.mark.parametrize("code", ["x" * 65, "a\x00b"])
def test_what_does_not_fit_the_field_is_not_kept(client, code) -> None:
    response = client.post(reverse("ppx:code_apply"), {"code": code, "next": "/basket/"})

    assert response.status_code == 302
    assert SESSION_KEY not in client.session


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.test/", "//evil.test/", "javascript:alert(1)", "https:///evil.test", ""],
)
def test_the_form_leads_to_this_host_only(client, wanted) -> None:
    response = client.post(reverse("ppx:code_apply"), {"code": "a", "next": wanted})

    assert response["Location"] == "/"


def test_without_an_address_the_form_goes_back_where_it_came_from(client) -> None:
    response = client.post(
        reverse("ppx:code_apply"), {"code": "a"}, headers={"referer": "http://testserver/basket/"}
    )

    assert response["Location"] == "http://testserver/basket/"


def test_looking_at_the_forms_address_changes_nothing(client) -> None:
    assert client.get(reverse("ppx:code_apply"), {"code": "a"}).status_code == 405


def test_the_form_is_protected_against_other_sites() -> None:
    client = Client(enforce_csrf_checks=True)

    assert client.post(reverse("ppx:code_apply"), {"code": "a"}).status_code == 403


def render(template: str, request, **context) -> str:
    loaded = Template("{% load ppx %}" + template)
    return loaded.render(Context({"request": request, **context}))


def test_the_tag_shows_an_empty_field(visit, django_assert_num_queries) -> None:
    with django_assert_num_queries(2):  # the savepoint alone
        html = render("{% ppx_code_form %}", visit)

    assert 'action="/ppx/code/"' in html
    assert 'name="next" value="/basket/?page=2"' in html
    assert 'role="status"' in html
    assert "aria-invalid" not in html


@pytest.mark.parametrize("typed", ["", "NOT-A-CODE"])
def test_a_page_with_the_field_is_personal(visit, typed) -> None:
    codes.remember(visit, typed)

    render("{% ppx_code_form %}", visit)

    assert is_personal(visit)


def test_the_tag_says_what_the_code_takes_off_the_basket(visit) -> None:
    codes.remember(visit, current_code().code.lower())

    html = render("{% ppx_code_form basket %}", visit, basket=FIFTY)

    assert "10% off" in html
    assert "ppx-code-form__message--applied" in html


def test_the_tag_says_why_the_code_is_not_taken(visit) -> None:
    codes.remember(visit, current_code(amounts={"EUR": {"minimum_total": 60}}).code)

    html = render("{% ppx_code_form basket %}", visit, basket=FIFTY)

    assert "This code is for orders of €60.00 or more." in html
    assert 'aria-invalid="true"' in html


def test_the_tag_escapes_what_was_typed(visit) -> None:
    codes.remember(visit, '"><script>alert(1)</script>')

    html = render("{% ppx_code_form basket %}", visit, basket=FIFTY)

    assert "<script>" not in html
    assert "This code is not valid." in html


def test_the_tag_repeats_what_the_page_found_out_already(visit, django_assert_num_queries) -> None:
    codes.remember(visit, "THX")

    with django_assert_num_queries(2):  # the savepoint alone
        html = render('{% ppx_code_form message="Not today." is_applied=False %}', visit)

    assert "Not today." in html


def test_without_a_basket_the_tag_looks_at_the_code_alone(visit) -> None:
    codes.remember(visit, current_code(amounts={"EUR": {"minimum_total": 60}}).code)

    assert "10% off" in render("{% ppx_code_form %}", visit)
