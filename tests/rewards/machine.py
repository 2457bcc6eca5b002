"""The ledger as a state machine: whatever is done to it in whatever order, the rules of `invariants` hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from django_ppx.core.following import cancel_purchase, refund_purchase
from django_ppx.core.models import Purchase
from django_ppx.rewards.amending import Amendment, AmendRefused, amend_code
from django_ppx.rewards.delivering import hand_over, resolve_flags
from django_ppx.rewards.due import run_due
from django_ppx.rewards.expiring import expire_reward
from django_ppx.rewards.granting import RewardRequest, code_of, grant_rewards
from django_ppx.rewards.limiting import set_budget
from django_ppx.rewards.models import Benefit, CodeRedemption, DiscountCode, Reward
from django_ppx.rewards.redeeming import as_basket, redeem_code, reserve_code
from django_ppx.rewards.refusals import RedemptionRefused
from django_ppx.rewards.releasing import release_code
from django_ppx.rewards.revoking import revoke_codes
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.rewards.undoing import settle_order
from django_ppx.shop.types import Order
from django_ppx.testing import make_code, make_order, make_purchase
from tests.rewards.invariants import violations
from tests.rewards.machine_model import Model, ModelCode
from tests.rewards.machine_shop import PEOPLE, CreditingShop, make_benefits

START = datetime(2026, 3, 10, 12, tzinfo=UTC)
_numbers = count(1)
SOME = st.integers(0, 11)
AMOUNTS = st.sampled_from(["0.00", "7.00", "20.00", "60.10", "999.99"])


class LedgerMachine(RuleBasedStateMachine):
    """Grants, uses, undoes and withdraws, with a clock that also steps back."""

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.now = START
        self.model = Model()
        self.orders: list[Order] = []
        self.dead: set[int] = set()
        self.lowered: set[tuple[int, str]] = set()
        CreditingShop.credited = []

    @initialize()
    def open_the_shop(self) -> None:
        self.benefits = make_benefits()
        for _code in range(2):
            make_code(self.benefits[4], status="pooled", expires_at=None)
        for number, total in enumerate(("60.10", "20.00", "7.00", "60.10", "0.00", "999.99")):
            self.place_order(number, total, "EUR")
        for which in range(5):
            self.grant(which, which, "offer")

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    # --- what happens ---------------------------------------------------------------------------

    @rule(who=SOME, total=AMOUNTS, currency=st.sampled_from(["EUR", "EUR", "USD"]))
    def place_order(self, who: int, total: str, currency: str) -> None:
        order = make_order(
            number=f"M-{next(_numbers)}",
            customer=PEOPLE[who % len(PEOPLE)],
            total=Decimal(total),
            shipping=Decimal(0),
            currency=currency,
            lines=(),
            placed_at=self.now,
        )
        make_purchase(order, now=self.now)
        self.orders.append(order)

    @rule(which=SOME, number=SOME, reason=st.sampled_from(["offer", "offer", "staff"]))
    def grant(self, which: int, number: int, reason: str) -> None:
        benefit, order = self._benefit(which), self._order(number)
        purchase = Purchase.objects.get(order_ref=order.number)
        if reason == "offer" and purchase.status != Purchase.Status.PLACED:
            return
        request = RewardRequest(
            reason_key=f"offer:{benefit.pk}:{purchase.pk}"
            if reason == "offer"
            else f"{benefit.pk}",
            reason_type=reason,
            benefit_id=benefit.pk,
            terms=FrozenTerms.of(benefit),
            customer_id=purchase.customer_id,
            purchase_id=purchase.pk,
        )
        for reward in grant_rewards(requests=[request, request], now=self.now):
            code = code_of(reward)
            if code is not None and code.pk not in self.model.codes:
                self.model.codes[code.pk] = ModelCode(
                    pk=code.pk,
                    text=code.code,
                    benefit_id=benefit.pk,
                    terms=FrozenTerms.from_json(code.terms),
                    status="issued",
                    max_uses=code.max_uses,
                    starts_at=code.starts_at,
                    expires_at=code.expires_at,
                )

    @precondition(lambda self: self.model.codes)
    @rule(which=SOME, number=SOME)
    def redeem(self, which: int, number: int) -> None:
        self.redeem_twice(which, number, twice=False)

    @precondition(lambda self: self.model.codes)
    @rule(which=SOME, number=SOME, twice=st.booleans())
    def redeem_twice(self, which: int, number: int, twice: bool) -> None:
        code, order = self._code(which), self._order(number)
        for _time in range(1 + twice):
            expected = self.model.use(code, order.number, as_basket(order), None, self.now)
            before = CodeRedemption.objects.filter(code=code.pk, order_ref=order.number).first()
            try:
                got = redeem_code(code=code.text, order=order, now=self.now)
            except RedemptionRefused as refused:
                _expect(expected, str(refused.reason))
            else:
                assert expected in {"ok", "same"}
                assert before is None or got.pk == before.pk
                assert got.status == "redeemed"
                assert got.discount_minor == code.uses[order.number].discount

    @precondition(lambda self: self.model.codes)
    @rule(which=SOME, number=SOME, minutes=st.sampled_from([5, 60]), elsewhere=st.booleans())
    def reserve(self, which: int, number: int, minutes: int, elsewhere: bool) -> None:
        code, order = self._code(which), self._order(number)
        basket = as_basket(order)
        if elsewhere:  # the basket is in another currency than the order will be
            basket = replace(basket, currency="USD" if basket.currency == "EUR" else "EUR")
        until = self.now + timedelta(minutes=minutes)
        expected = self.model.use(code, order.number, basket, until, self.now)
        try:
            got = reserve_code(
                code=code.text,
                order_ref=order.number,
                basket=basket,
                now=self.now,
                ttl_seconds=minutes * 60,
            )
        except RedemptionRefused as refused:
            _expect(expected, str(refused.reason))
        else:
            assert expected in {"ok", "same"}
            assert got.reserved_until == code.uses[order.number].until or got.status == "redeemed"

    @precondition(lambda self: self.model.codes)
    @rule(which=SOME, number=SOME)
    def release(self, which: int, number: int) -> None:
        code, order = self._code(which), self._order(number)
        had_it = code.uses.pop(order.number, None)

        got = release_code(code=code.text, order_ref=order.number, now=self.now)

        assert had_it is None or (got is not None and got.status == "released")

    @rule(passed=st.sampled_from(["6 min", "6 min", "5 h", "1 d", "3 d", "-1 s", "-2 h", "-2 d"]))
    def let_time_pass_or_set_the_clock_back(self, passed: str) -> None:
        amount, unit = passed.split()
        seconds = {"s": 1, "min": 60, "h": 3600, "d": 86_400}[unit]
        self.now += timedelta(seconds=int(amount) * seconds)

    @rule(times=st.sampled_from([1, 2]))
    def run_what_is_due(self, times: int) -> None:
        self.model.release_lapsed(self.now)
        for _time in range(times):
            assert run_due(now=self.now).failed == 0

    @rule(number=SOME, share=st.sampled_from(["0.1", "0.3", "0.5", "0.999", "1", "cancel"]))
    def cancel_or_refund(self, number: int, share: str) -> None:
        order = self._order(number)
        purchase = Purchase.objects.get(order_ref=order.number)
        if share == "cancel":
            cancel_purchase(purchase=purchase, now=self.now)
            self._settle(purchase)
            self._settle(purchase)
            return
        amount = (order.total * Decimal(share)).quantize(Decimal("0.01"))
        refund_purchase(purchase=purchase, now=self.now, amount=amount)
        self._settle(purchase)

    @precondition(lambda self: self.model.codes)
    @rule(which=SOME)
    def expire(self, which: int) -> None:
        reward_id = DiscountCode.objects.get(pk=self._code(which).pk).reward_id
        if expire_reward(reward_id=reward_id, now=self.now):
            assert not self._code(which).uses

    @precondition(lambda self: self.model.codes)
    @rule(which=SOME, really=st.integers(0, 3))
    def revoke(self, which: int, really: int) -> None:
        if really:  # seldom: nothing comes after it
            return
        code = self._code(which)
        revoke_codes(code_ids=[code.pk], by=None, reason="Leaked", now=self.now)
        assert DiscountCode.objects.get(pk=code.pk).status == "revoked"

    @precondition(lambda self: self.model.codes)
    @rule(which=SOME, uses=st.integers(0, 3), days=st.sampled_from([None, None, -1, 2, 30]))
    def amend(self, which: int, uses: int, days: int | None) -> None:
        code = self._code(which)
        ends = code.expires_at if days is None else self.now + timedelta(days=days)
        amendment = Amendment(max_uses=uses, expires_at=ends, by_id=None, why="A regular")
        try:
            amend_code(code_id=code.pk, amendment=amendment, now=self.now)
        except AmendRefused:
            is_over = ends is not None and ends <= self.now
            is_over |= code.status == "expired" and ends == code.expires_at
            assert code.status == "revoked" or uses < max(len(code.uses), 1) or is_over
        else:
            assert max(len(code.uses), 1) <= uses
            assert ends is None or ends > self.now
            if days is not None:
                self.dead.discard(code.pk)

    @rule(
        which=SOME,
        limit=st.sampled_from([None, 0, 700, 3000]),
        currency=st.sampled_from(["EUR", "USD"]),
    )
    def set_a_budget(self, which: int, limit: int | None, currency: str) -> None:
        key = (self._benefit(which).pk, currency)
        set_budget(benefit_id=key[0], currency=currency, limit_minor=limit)
        if limit is None:
            self.model.budgets.pop(key, None)
            for code in self.model.codes.values():
                for use in code.uses.values():
                    if (code.benefit_id, use.currency) == key:
                        use.counted = 0
            return
        self.model.budgets[key] = limit
        if self.model.spent(*key) > limit:
            self.lowered.add(key)
        else:
            self.lowered.discard(key)

    @rule()
    def look_at_flags_and_hand_over(self) -> None:
        flagged = list(Reward.objects.flagged().values_list("pk", flat=True))
        resolve_flags(reward_ids=flagged, by_id=None, note="Seen", now=self.now)
        gifts = list(Reward.objects.filter(benefit__type="gift").values_list("pk", flat=True))
        hand_over(reward_ids=gifts, by_id=None, note="Sent", now=self.now)

    # --- what is true after each step -----------------------------------------------------------

    @invariant()
    def the_rules_hold(self) -> None:
        totals = {order.number: int(order.total * 100) for order in self.orders}
        assert violations(totals=totals, lowered_budgets=self.lowered) == []
        assert len(CreditingShop.credited) == len(set(CreditingShop.credited))

    @invariant()
    def the_tables_say_what_the_model_says(self) -> None:
        stored = DiscountCode.objects.in_bulk(list(self.model.codes))
        standing: dict[int, dict[str, Any]] = {pk: {} for pk in stored}
        for row in CodeRedemption.objects.standing():
            standing[row.code_id][row.order_ref] = row
        for code in self.model.codes.values():
            rows = standing[code.pk]
            assert rows.keys() == code.uses.keys(), f"code {code.pk}"
            for ref, use in code.uses.items():
                assert rows[ref].budget_minor == use.counted
                assert (rows[ref].status == "redeemed") == (use.until is None)
            code.take_over(stored[code.pk])
            assert code.pk not in self.dead or code.status in {"expired", "revoked"}
            if code.status in {"expired", "revoked"}:
                self.dead.add(code.pk)

    # --- reaching for things --------------------------------------------------------------------

    def _benefit(self, which: int) -> Benefit:
        return self.benefits[which % len(self.benefits)]

    def _order(self, number: int) -> Order:
        return self.orders[number % len(self.orders)]

    def _code(self, which: int) -> ModelCode:
        return list(self.model.codes.values())[which % len(self.model.codes)]

    def _settle(self, purchase: Purchase) -> None:
        """Settle the order, and give back in the model what the policies of its codes give back."""
        purchase.refresh_from_db()
        settle_order(purchase=purchase, now=self.now)
        for code in self.model.codes.values():
            use = code.uses.get(purchase.order_ref)
            if use is not None and _gives_back(code.terms, use.until is not None, purchase):
                del code.uses[purchase.order_ref]


def _expect(expected: str, answered: str) -> None:
    assert answered == expected


def _gives_back(terms: FrozenTerms, is_reserved: bool, purchase: Purchase) -> bool:
    if purchase.status == Purchase.Status.CANCELLED:
        return is_reserved or terms.code_after_cancellation == "release"
    if purchase.status == Purchase.Status.REFUNDED:
        return is_reserved or terms.code_after_refund == "release"
    is_partly = purchase.refunded_minor > 0 and not is_reserved
    return is_partly and terms.code_after_partial_refund == "release"
