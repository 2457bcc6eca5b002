"""The field for a code, and what the page says about the code in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import reverse

from django_ppx.rewards.alphabet import LONGEST_CODE
from django_ppx.rewards.guessing import ask_guarded
from django_ppx.rewards.quoting import quote_code
from django_ppx.rewards.refusals import RedemptionRefused
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.rewards.visitors import customer_of, remembered
from django_ppx.rewards.weighing import check_usable, find_code
from django_ppx.rewards.wording import summarize
from django_ppx.shop.types import Basket, Customer


class CodeForm(forms.Form):
    """What `{% ppx_code_form %}` posts. An empty code takes the code away."""

    code = forms.CharField(max_length=LONGEST_CODE, required=False)
    next = forms.CharField(max_length=2000, required=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeState:
    """What is said about the code in the field."""

    is_applied: bool
    message: str


def code_state(
    *, code: str, request: HttpRequest | None, basket: Basket | None, now: datetime
) -> CodeState:
    """Return whether the code is taken, with what it gives, or the sentence of the refusal.

    Without a basket only the code itself is looked at: an order may still be too small for it. Where the basket names
    no customer, the account logged in at `request` is taken.
    """
    if not code:
        return CodeState(is_applied=False, message="")
    ask = partial(_summary, code, basket=basket, customer=customer_of(request), now=now)
    try:
        given = ask_guarded(code, request=request, ask=ask, now=now)
    except RedemptionRefused as refused:
        return CodeState(is_applied=False, message=str(refused))
    return CodeState(is_applied=True, message=given)


def _summary(code: str, *, basket: Basket | None, customer: Customer, now: datetime) -> str:
    if basket is not None:
        known = replace(basket, customer=customer) if basket.customer == Customer() else basket
        return quote_code(code=code, basket=known, now=now).summary
    row = find_code(code)
    check_usable(row, customer=customer, now=now)
    return summarize(FrozenTerms.from_json(row.terms))


def code_form_context(
    request: HttpRequest | None, *, basket: Basket | None, said: CodeState | None, now: datetime
) -> dict[str, Any]:
    """Return the variables of `django_ppx/code_form.html`. `said` spares the question where it was asked already."""
    code = remembered(request)
    state = said or code_state(code=code, request=request, basket=basket, now=now)
    return {
        "action_url": reverse("ppx:code_apply"),
        "code": code,
        "message": state.message,
        "is_applied": state.is_applied,
        "next_url": "" if request is None else request.get_full_path(),
    }
