"""“Change limits” of a code, the uses on its page, and the budget of a benefit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from django_ppx.rewards.models import Benefit, BenefitBudget, CodeRedemption, DiscountCode
from django_ppx.rewards.redeeming import redeem_code
from django_ppx.rewards.releasing import release_code
from django_ppx.testing import make_benefit, make_code, make_order, make_reward
from tests.admin_pages import error_texts, form_data
from tests.rewards.staff import staff_with

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def zone(settings) -> None:
    settings.PPX_TIME_ZONE = "Europe/Berlin"


def limits_of(code: DiscountCode) -> str:
    return reverse("admin:django_ppx_discountcode_limits", args=[code.pk])


def page_of(code: DiscountCode) -> str:
    return reverse("admin:django_ppx_discountcode_change", args=[code.pk])


def test_more_uses_and_a_later_last_day(admin_client, admin_user) -> None:
    reward = make_reward(now=timezone.now())
    last_day = (timezone.now() + timedelta(days=200)).date()
    data = {"max_uses": 3, "last_day": last_day.isoformat(), "reason": "Was ill"}

    response = admin_client.post(limits_of(reward.code), data, follow=True)

    code = DiscountCode.objects.get()
    assert code.max_uses == 3
    assert code.expires_at.astimezone(UTC).hour in (22, 23)  # local midnight after that day
    assert (code.expires_at - timedelta(hours=3)).date() == last_day
    entry = reward.entries.get()
    assert (entry.kind, entry.by, entry.why) == ("extended", admin_user, "Was ill")
    assert "Limits changed: Was ill" in LogEntry.objects.get().change_message
    assert "The limits are changed." in response.text


def test_the_same_day_is_the_same_instant(admin_client) -> None:
    odd = timezone.now().replace(microsecond=7) + timedelta(days=9)
    code = make_code(now=timezone.now(), expires_at=odd)
    form = admin_client.get(limits_of(code)).context["form"]
    data = {"max_uses": 2, "last_day": form["last_day"].value().isoformat(), "reason": "x"}

    admin_client.post(limits_of(code), data)

    code.refresh_from_db()
    assert (code.max_uses, code.expires_at) == (2, odd)


def test_no_last_day_is_no_expiry(admin_client) -> None:
    code = make_code(now=timezone.now())

    admin_client.post(limits_of(code), {"max_uses": 1, "last_day": "", "reason": "Forever"})

    code.refresh_from_db()
    assert code.expires_at is None


def test_nothing_changed_writes_nothing(admin_client) -> None:
    reward = make_reward(now=timezone.now())
    form = admin_client.get(limits_of(reward.code)).context["form"]
    data = {"max_uses": 1, "last_day": form["last_day"].value().isoformat(), "reason": "x"}

    response = admin_client.post(limits_of(reward.code), data, follow=True)

    assert "The limits stay as they were." in response.text
    assert (reward.entries.count(), LogEntry.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("typed", "field", "error"),
    [
        ({"max_uses": 1}, "max_uses", "used more often than that"),
        ({"max_uses": 0}, "max_uses", "greater than or equal to 1"),
        ({"last_day": "2026-01-01"}, "last_day", "lies in the past"),
        ({"last_day": "soon"}, "last_day", "Enter a valid date."),
        ({"reason": ""}, "reason", "This field is required."),
    ],
)
def test_limits_that_can_not_be_are_refused(admin_client, typed, field, error) -> None:
    code = make_code(make_benefit(max_uses=3), now=timezone.now())
    for _use in range(2):
        redeem_code(code=code.code, order=make_order(), now=timezone.now())
    code.refresh_from_db()
    before = (code.max_uses, code.expires_at)
    form = admin_client.get(limits_of(code)).context["form"]
    data = {"max_uses": 3, "last_day": form["last_day"].value().isoformat(), "reason": "x"}

    response = admin_client.post(limits_of(code), {**data, **typed})

    assert error in " ".join(response.context["form"].errors[field])
    code.refresh_from_db()
    assert (code.max_uses, code.expires_at) == before


def test_changing_limits_needs_its_own_permission(client) -> None:
    code = make_code(now=timezone.now())
    client.force_login(staff_with("view_discountcode", "revoke_discountcode"))
    assert client.get(limits_of(code)).status_code == 403
    assert limits_of(code) not in client.get(page_of(code)).text

    client.force_login(staff_with("view_discountcode", "change_discountcode"))
    assert client.get(limits_of(code)).status_code == 200
    assert limits_of(code) in client.get(page_of(code)).text
    assert 'name="max_uses"' not in client.get(page_of(code)).text


def test_a_code_that_is_not_there_has_no_limits(admin_client) -> None:
    url = reverse("admin:django_ppx_discountcode_limits", args=[987])

    assert admin_client.get(url).status_code == 404


def test_the_page_of_a_code_tells_each_use(admin_client) -> None:
    now = datetime(2026, 3, 10, 12, tzinfo=UTC)
    code = make_code(make_benefit(max_uses=3), now=now)
    back = make_order()
    redeem_code(code=code.code, order=make_order(), now=now)
    redeem_code(code=code.code, order=back, now=now)
    release_code(code=code.code, order_ref=back.number, now=now)
    CodeRedemption.objects.create(
        code=code,
        order_ref="paying",
        status="reserved",
        currency="EUR",
        discount_minor=500,
        reserved_at=now,
        reserved_until=now + timedelta(minutes=15),
    )

    page = admin_client.get(page_of(code)).text

    assert ">Redeemed</span>" in page
    assert ">Given back</span>" in page
    assert "by the shop" in page
    assert ">Reserved</span>" in page
    assert "while the customer pays" in page


def test_the_page_of_a_code_leads_to_its_reward(admin_client) -> None:
    reward = make_reward(make_benefit(vesting_days=14), now=datetime(2026, 3, 10, tzinfo=UTC))

    page = admin_client.get(page_of(reward.code)).text

    assert reverse("admin:django_ppx_reward_change", args=[reward.pk]) in page
    assert "03/25/2026" in page


def save_benefit(client, benefit: Benefit, **typed):
    url = reverse("admin:django_ppx_benefit_change", args=[benefit.pk])
    return client.post(url, form_data(client.get(url), **typed))


def test_a_budget_is_set_changed_and_lifted(admin_client) -> None:
    benefit = make_benefit()
    save_benefit(
        admin_client,
        benefit,
        budgets__TOTAL_FORMS="1",
        budgets__0__currency="eur",
        budgets__0__limit="400",
    )
    budget = BenefitBudget.objects.get()
    assert (budget.currency, budget.limit_minor, budget.spent_minor) == ("EUR", 40_000, 0)

    BenefitBudget.objects.update(spent_minor=39_990, exhausted_at=timezone.now())
    save_benefit(admin_client, benefit, budgets__0__limit="500.50")
    budget.refresh_from_db()
    assert (budget.limit_minor, budget.spent_minor, budget.exhausted_at) == (50_050, 39_990, None)

    save_benefit(admin_client, benefit, budgets__0__DELETE="on")
    assert BenefitBudget.objects.count() == 0


def test_a_new_benefit_comes_with_its_budget(admin_client) -> None:
    url = reverse("admin:django_ppx_benefit_add")
    data = form_data(
        admin_client.get(url),
        name="Ten",
        percent="10",
        budgets__TOTAL_FORMS="1",
        budgets__0__currency="JPY",
        budgets__0__limit="40000",
    )

    admin_client.post(url, data)

    budget = BenefitBudget.objects.get()
    assert (budget.benefit.name, budget.currency, budget.limit_minor) == ("Ten", "JPY", 40_000)


def test_saving_a_benefit_leaves_its_budget_as_it_was(admin_client) -> None:
    benefit = make_benefit()
    at = timezone.now()
    BenefitBudget.objects.create(
        benefit=benefit, currency="EUR", limit_minor=100, spent_minor=99, exhausted_at=at
    )

    response = save_benefit(admin_client, benefit, name="Another name")

    assert response.status_code == 302
    budget = BenefitBudget.objects.get()
    assert (budget.limit_minor, budget.spent_minor, budget.exhausted_at) == (100, 99, at)


@pytest.mark.parametrize(
    ("currency", "limit", "error"),
    [
        ("QQQ", "5", "There is no such currency."),
        ("EUR", "5.005", "EUR has 2 decimals."),
        ("EUR", "-1", "greater than or equal to 0"),
        ("EUR", "", "This field is required."),
    ],
)
def test_a_budget_that_is_no_money_is_not_saved(admin_client, currency, limit, error) -> None:
    response = save_benefit(
        admin_client,
        make_benefit(),
        budgets__TOTAL_FORMS="1",
        budgets__0__currency=currency,
        budgets__0__limit=limit,
    )

    assert error in str(error_texts(response))
    assert BenefitBudget.objects.count() == 0


def test_one_currency_has_one_budget(admin_client) -> None:
    typed = {"budgets__TOTAL_FORMS": "2"}
    for number in (0, 1):
        typed |= {f"budgets__{number}__currency": "EUR", f"budgets__{number}__limit": "5"}

    response = save_benefit(admin_client, make_benefit(), **typed)

    assert response.status_code == 200
    assert BenefitBudget.objects.count() == 0


def test_a_budget_that_is_used_up_is_said_in_list_and_form(admin_client) -> None:
    benefit = make_benefit()
    BenefitBudget.objects.create(
        benefit=benefit,
        currency="EUR",
        limit_minor=10_000,
        spent_minor=9_950,
        exhausted_at=timezone.now(),
    )

    listed = admin_client.get(reverse("admin:django_ppx_benefit_changelist")).text
    form = admin_client.get(reverse("admin:django_ppx_benefit_change", args=[benefit.pk])).text

    assert "Budget used up: EUR" in listed
    assert "€99.50 of €100.00" in form
    assert "Used up" in form


@pytest.mark.parametrize(
    ("typed", "field", "error"),
    [
        ({"code_source": "pool", "vesting_days": "14"}, "__all__", "a code from elsewhere"),
        ({"reward_after_partial_refund": "proportional"}, "__all__", "Only amounts and points"),
        ({"code_pattern": "NO-RANDOM"}, "code_pattern", "# for each random character"),
        ({"max_uses_per_customer": "0"}, "max_uses_per_customer", "greater than or equal to 1"),
    ],
)
def test_new_terms_that_make_no_sense_are_said_in_words(admin_client, typed, field, error) -> None:
    response = save_benefit(admin_client, make_benefit(), **typed)

    assert error in " ".join(error_texts(response)[field])


def test_the_new_terms_are_read_back(admin_client) -> None:
    benefit = make_benefit()

    save_benefit(
        admin_client,
        benefit,
        vesting_days="14",
        max_uses_per_customer="1",
        code_after_cancellation="keep",
    )

    page = admin_client.get(reverse("admin:django_ppx_benefit_change", args=[benefit.pk])).text
    for text in (
        "At most 1 use per customer.",
        "Usable 14 days after it is given.",
        "Stays used, also when",
        "From then on valid for 30 days.",
    ):
        assert text in page
