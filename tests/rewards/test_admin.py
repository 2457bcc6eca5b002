"""What staff can see and do with benefits and codes, and who may do it."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from django_ppx.rewards.alphabet import grouped
from django_ppx.rewards.models import Benefit, DiscountCode
from django_ppx.rewards.redeeming import redeem_code
from django_ppx.testing import make_benefit, make_code, make_customer, make_order, make_purchase
from tests.admin_pages import count_queries, error_texts, form_data

pytestmark = pytest.mark.django_db

CODES = "admin:django_ppx_discountcode_changelist"


def staff_with(django_user_model, *permissions: str):
    user = django_user_model.objects.create_user("staff", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def make_known_code(**overrides) -> DiscountCode:
    purchase = make_purchase()
    values = {"customer": purchase.customer, "purchase": purchase, "now": timezone.now()}
    return make_code(**{**values, **overrides})


def codes_listed(client, **query) -> set[int]:
    response = client.get(reverse(CODES), query)
    return {row.pk for row in response.context["cl"].result_list}


def test_staff_make_a_benefit_and_read_its_terms(admin_client) -> None:
    url = reverse("admin:django_ppx_benefit_add")
    data = form_data(
        admin_client.get(url),
        name="Five euros",
        type="amount",
        amounts__TOTAL_FORMS="1",
        amounts__0__currency="eur",
        amounts__0__amount="5.00",
        amounts__0__minimum_total="30",
        scopes__TOTAL_FORMS="1",
        scopes__0__type="category",
        scopes__0__value="Kitchen/Bowls",
    )

    response = admin_client.post(url, {**data, "_continue": "1"}, follow=True)

    benefit = Benefit.objects.get()
    assert benefit.amounts.get().currency == "EUR"
    assert (
        "€5.00 off. For orders of €30.00 or more. On Kitchen › Bowls. Can&#x27;t be combined with "
        "other codes. Valid for 30 days after it is given. Each code can be used once."
    ) in response.text


@pytest.mark.parametrize(
    ("typed", "field", "error"),
    [
        ({"type": "percent", "percent": ""}, "__all__", "Percent off needs a percentage"),
        ({"type": "percent", "percent": "101"}, "percent", "less than or equal to 100"),
        ({"type": "gift"}, "__all__", "Say what the gift is."),
        ({"type": "points"}, "__all__", "Say how many points."),
        ({"type": "amount"}, "amounts", "Say how much is taken off"),
        ({"code_prefix": "A-B"}, "code_prefix", "Letters and digits only."),
        ({"valid_days": "0"}, "valid_days", "greater than or equal to 1"),
        ({"max_uses": "0"}, "max_uses", "greater than or equal to 1"),
    ],
)
def test_a_benefit_that_makes_no_sense_is_not_saved(admin_client, typed, field, error) -> None:
    url = reverse("admin:django_ppx_benefit_add")
    data = form_data(admin_client.get(url), **{"name": "Ten", "percent": "10", **typed})

    response = admin_client.post(url, data)

    assert error in " ".join(error_texts(response)[field])
    assert Benefit.objects.count() == 0


@pytest.mark.parametrize(
    ("currency", "amount", "error"),
    [
        ("EURO", "5", "at most 3 characters"),
        ("QQQ", "5", "There is no such currency."),
        ("EUR", "5.005", "EUR has 2 decimals."),
        ("JPY", "5.5", "JPY has 0 decimals."),
    ],
)
def test_an_amount_that_is_no_money_is_not_saved(admin_client, currency, amount, error) -> None:
    url = reverse("admin:django_ppx_benefit_add")
    data = form_data(
        admin_client.get(url),
        name="Five",
        type="amount",
        amounts__TOTAL_FORMS="1",
        amounts__0__currency=currency,
        amounts__0__amount=amount,
    )

    response = admin_client.post(url, data)

    assert error in str(error_texts(response))
    assert Benefit.objects.count() == 0


def test_who_may_change_benefits_may_change_their_parts(client, django_user_model) -> None:
    client.force_login(staff_with(django_user_model, "view_benefit", "change_benefit"))
    benefit = make_benefit(amounts={"EUR": {"minimum_total": 10}})

    response = client.get(reverse("admin:django_ppx_benefit_change", args=[benefit.pk]))

    assert 'name="amounts-0-minimum_total"' in response.text


def test_the_list_of_benefits_counts_codes_and_redemptions(admin_client, now) -> None:
    benefit = make_benefit()
    make_code(benefit)
    redeem_code(code=make_code(benefit).code, order=make_order(), now=now)

    response = admin_client.get(reverse("admin:django_ppx_benefit_changelist"))

    [row] = response.context["cl"].result_list
    assert (row.ppx_issued, row.ppx_redeemed) == (2, 1)
    assert "10% off" in response.text


@pytest.mark.parametrize("page", ["benefit", "discountcode"])
def test_lists_take_as_many_queries_for_twenty_rows_as_for_one(admin_client, page) -> None:
    url = reverse(f"admin:django_ppx_{page}_changelist")

    def add() -> None:
        code = make_known_code(benefit=make_benefit(amounts={"EUR": {"minimum_total": 5}}))
        redeem_code(code=code.code, order=make_order(), now=timezone.now())

    add()
    one = count_queries(lambda: admin_client.get(url))
    for _row in range(19):
        add()

    assert count_queries(lambda: admin_client.get(url)) == one


def test_a_codes_page_takes_as_many_queries_for_ten_uses_as_for_one(admin_client) -> None:
    code = make_known_code(benefit=make_benefit(max_uses=10))
    url = reverse("admin:django_ppx_discountcode_change", args=[code.pk])
    redeem_code(code=code.code, order=make_order(), now=timezone.now())
    one = count_queries(lambda: admin_client.get(url))
    for _use in range(9):
        redeem_code(code=code.code, order=make_order(), now=timezone.now())

    assert count_queries(lambda: admin_client.get(url)) == one


def test_the_export_takes_as_many_queries_for_twenty_rows_as_for_one(admin_client) -> None:
    def export() -> None:
        chosen = list(DiscountCode.objects.values_list("pk", flat=True))
        admin_client.post(reverse(CODES), {"action": "export_csv", "_selected_action": chosen})

    make_known_code()
    one = count_queries(export)
    for _row in range(19):
        make_known_code()

    assert count_queries(export) == one


def test_a_code_is_found_however_it_is_typed(admin_client) -> None:
    code = make_known_code(benefit=make_benefit(code_prefix="THX"))
    make_known_code()
    shown = grouped(code.code, "THX")

    for typed in (
        shown,
        shown.lower(),
        shown.replace("-", " "),
        f" {code.code[:8]}",
        shown.replace("-", "–"),
    ):
        assert codes_listed(admin_client, q=typed) == {code.pk}


def test_codes_are_found_by_the_order_that_earned_or_used_them(admin_client) -> None:
    code, order = make_known_code(), make_order()
    make_known_code()
    redeem_code(code=code.code, order=order, now=timezone.now())

    assert codes_listed(admin_client, q=code.purchase.order_ref) == {code.pk}
    assert codes_listed(admin_client, q=order.number) == {code.pk}


@pytest.mark.parametrize(("may_see", "found"), [(True, 1), (False, 0)])
def test_only_who_may_see_addresses_finds_codes_by_them(
    client, django_user_model, may_see, found
) -> None:
    permissions = ["view_discountcode", *(["view_customer_addresses"] if may_see else [])]
    client.force_login(staff_with(django_user_model, *permissions))
    code = make_known_code()

    assert len(codes_listed(client, q=code.customer.email.upper())) == found


def test_the_filter_and_the_badge_agree_on_what_a_code_is(admin_client) -> None:
    now = timezone.now()
    rows = {
        "usable": make_known_code(),
        "used_up": make_known_code(times_used=1),
        "expired": make_known_code(expires_at=now - timedelta(days=1)),
        "revoked": make_known_code(status="revoked", revoked_at=now, times_used=1),
    }

    for standing, code in rows.items():
        response = admin_client.get(reverse(CODES), {"standing": standing})

        assert [row.pk for row in response.context["cl"].result_list] == [code.pk]
        label = {"usable": "Usable", "used_up": "Used", "expired": "Expired", "revoked": "Revoked"}
        assert f">{label[standing]}</span>" in response.text


def test_a_codes_page_tells_who_why_and_what_became_of_it(admin_client) -> None:
    code = make_known_code(reason="Thank-you discount")
    order = make_order()
    redeem_code(code=code.code, order=order, now=timezone.now(), discount=Decimal("4.51"))

    page = admin_client.get(reverse("admin:django_ppx_discountcode_change", args=[code.pk])).text

    for text in ("10% off.", "Thank-you discount", code.purchase.order_ref, order.number, "€4.51"):
        assert text in page
    assert 'name="code"' not in page


def test_nobody_adds_changes_or_deletes_codes(admin_client) -> None:
    code = make_known_code()

    for name, args in (("add", []), ("delete", [code.pk])):
        assert (
            admin_client.get(
                reverse(f"admin:django_ppx_discountcode_{name}", args=args)
            ).status_code
            == 403
        )
    url = reverse("admin:django_ppx_discountcode_change", args=[code.pk])
    assert admin_client.post(url, {"code": "AAAA"}).status_code == 403


def test_revoking_asks_why_first(admin_client) -> None:
    code = make_known_code()

    response = admin_client.post(
        reverse(CODES), {"action": "revoke", "_selected_action": [code.pk]}
    )

    code.refresh_from_db()
    assert code.status == "issued"
    assert grouped(code.code) in response.text
    assert 'name="reason"' in response.text


def test_revoking_says_who_when_and_why(admin_client, admin_user) -> None:
    codes = [make_known_code(), make_known_code()]
    chosen = [code.pk for code in codes]

    response = admin_client.post(
        reverse(CODES),
        {"action": "revoke", "_selected_action": chosen, "reason": "Posted in a forum"},
        follow=True,
    )

    assert "2 codes were revoked." in response.text
    for code in DiscountCode.objects.all():
        assert (code.status, code.revoke_reason, code.revoked_by) == (
            "revoked",
            "Posted in a forum",
            admin_user,
        )
    assert LogEntry.objects.count() == 2


def test_the_page_of_a_code_offers_to_revoke_it_until_it_is(admin_client) -> None:
    code = make_known_code()
    url = reverse("admin:django_ppx_discountcode_change", args=[code.pk])

    assert 'value="revoke"' in admin_client.get(url).text

    DiscountCode.objects.update(status="revoked", revoked_at=timezone.now())
    assert 'value="revoke"' not in admin_client.get(url).text


@pytest.mark.parametrize("action", ["revoke", "export_csv"])
def test_an_action_needs_its_own_permission(client, django_user_model, action) -> None:
    client.force_login(staff_with(django_user_model, "view_discountcode", "change_discountcode"))
    code = make_known_code()

    client.post(
        reverse(CODES), {"action": action, "_selected_action": [code.pk], "reason": "Because"}
    )

    code.refresh_from_db()
    assert code.status == "issued"
    assert f'value="{action}"' not in client.get(reverse(CODES)).text


def test_staff_with_the_permission_may_revoke(client, django_user_model) -> None:
    client.force_login(staff_with(django_user_model, "view_discountcode", "revoke_discountcode"))
    code = make_known_code()

    client.post(
        reverse(CODES), {"action": "revoke", "_selected_action": [code.pk], "reason": "Because"}
    )

    code.refresh_from_db()
    assert code.status == "revoked"


@pytest.mark.parametrize(("may_see", "shown"), [(True, "'=ada@example.com"), (False, "'=…@e….com")])
def test_the_export_guards_formulas_and_masks_addresses(
    client, django_user_model, may_see, shown
) -> None:
    permissions = ["view_discountcode", "export_discountcode"]
    permissions += ["view_customer_addresses"] if may_see else []
    client.force_login(staff_with(django_user_model, *permissions))
    code = make_code(
        make_benefit(name="@SUM(A1)"),
        customer=make_customer(email="=ada@example.com"),
        reason="=1+1",
        now=timezone.now(),
    )
    redeem_code(code=code.code, order=make_order(number="-7"), now=timezone.now())

    response = client.post(reverse(CODES), {"action": "export_csv", "_selected_action": [code.pk]})

    [row] = csv.DictReader(io.StringIO(response.text))
    assert "private, no-store" in response["Cache-Control"]
    assert (row["code"], row["status"]) == (grouped(code.code), "used_up")
    assert (row["benefit"], row["reason"], row["used_by_orders"]) == ("'@SUM(A1)", "'=1+1", "'-7")
    assert row["customer"] == shown
    assert row["discounts"] == "4.51 EUR"


def test_terms_changed_by_hand_do_not_break_the_pages(admin_client) -> None:
    code = make_known_code(terms={"code_prefix": ""})

    assert "Unreadable" in admin_client.get(reverse(CODES)).text
    url = reverse("admin:django_ppx_discountcode_change", args=[code.pk])
    assert "the code is refused" in admin_client.get(url).text


def test_the_page_of_a_code_has_the_link_that_applies_it(admin_client, client) -> None:
    code = make_known_code()
    page = admin_client.get(reverse("admin:django_ppx_discountcode_change", args=[code.pk]))

    url = page.context["apply_url"]

    assert url.startswith("http://testserver/ppx/code/apply/")
    assert code.code not in url
    assert page.text.count(url) == 1
    assert client.get(url).status_code == 200
    assert code.code in client.session["ppx_code"].replace("-", "")


def test_a_code_that_is_over_has_no_link(admin_client) -> None:
    code = make_known_code(expires_at=timezone.now())

    page = admin_client.get(reverse("admin:django_ppx_discountcode_change", args=[code.pk]))

    assert page.context["apply_url"] == ""
