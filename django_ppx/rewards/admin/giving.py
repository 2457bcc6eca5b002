"""“Give a reward”: a goodwill gift or an apology, to one customer, with a reason."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import django
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_ppx.core.admin import may_see_addresses, says_when_busy
from django_ppx.rewards.giving import GiftOfStaff, GivingRefused, give_reward
from django_ppx.rewards.models import Benefit, Reward
from django_ppx.rewards.recipients import (
    Recipient,
    UnknownRecipient,
    recipient_at,
    recipient_of_order,
)
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.rewards.wording import summarize

if TYPE_CHECKING:
    _Base = admin.ModelAdmin[Reward]
    _BenefitFieldBase = forms.ModelChoiceField[Benefit]
else:
    _Base = object
    _BenefitFieldBase = forms.ModelChoiceField


class BenefitField(_BenefitFieldBase):
    """Benefits by name, with what they are worth and whether their money is used up."""

    def label_from_instance(self, obj: Benefit) -> str:
        label = gettext("%(name)s: %(worth)s") % {
            "name": obj.name,
            "worth": summarize(FrozenTerms.of(obj)),
        }
        if any(budget.is_used_up for budget in obj.budgets.all()):
            label = gettext("%(benefit)s (budget used up: the code may be refused)") % {
                "benefit": label
            }
        return label


class GiveForm(forms.Form):
    """Who gets what, and why. `key` makes a form that is sent twice give one reward."""

    order = forms.CharField(
        label=_("Order number"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
        help_text=_("The customer of this order. The reward will name the order."),
    )
    email = forms.CharField(
        label=_("or e-mail address"),
        max_length=320,
        required=False,
        widget=forms.EmailInput(attrs={"class": "vTextField", "autocomplete": "off"}),
        help_text=_("Of somebody who has ordered before."),
    )
    benefit = BenefitField(
        label=_("What they get"),
        queryset=Benefit.objects.prefetch_related("amounts", "scopes", "budgets"),
    )
    reason_type = forms.ChoiceField(
        label=_("Kind of reason"),
        choices=[
            (Reward.ReasonType.APOLOGY, _("An apology")),
            (Reward.ReasonType.STAFF, _("A gift of the house")),
        ],
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=200,
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
        help_text=_("For your colleagues; the customer does not read it."),
    )
    key = forms.RegexField(regex=r"^[\w-]{16,64}$", widget=forms.HiddenInput)

    def __init__(self, *args: Any, may_see_addresses: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.recipient: Recipient | None = None
        if not may_see_addresses:  # an address that is found would tell that this person buys here
            del self.fields["email"]
            self.fields["order"].required = True

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        order, email = cleaned.get("order", "").strip(), cleaned.get("email", "").strip()
        if order and email:
            self.add_error("email", gettext("Name the order or the address, not both."))
        elif order or email:
            self._find(order, email)
        elif "email" in self.fields and "order" not in self.errors:
            self.add_error("order", gettext("Say who gets it: an order number, or an address."))
        return cleaned

    def _find(self, order: str, email: str) -> None:
        try:
            self.recipient = recipient_of_order(order) if order else recipient_at(email)
        except UnknownRecipient as refused:
            self.add_error("order" if order else "email", str(refused))


class GivePage(_Base):
    """Adds the page `give/` to the list of rewards."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.give_view)
        return [path("give/", view, name="django_ppx_reward_give"), *super().get_urls()]

    def has_grant_permission(self, request: HttpRequest) -> bool:
        """Return whether the person may give rewards; they must be able to see what came of it."""
        return request.user.has_perm("django_ppx.grant_reward") and self.has_view_permission(
            request
        )

    @says_when_busy
    def give_view(self, request: HttpRequest) -> HttpResponse:
        """Ask who gets what and why, and give it. Posted, so that no address is in a log."""
        if not self.has_grant_permission(request):
            raise PermissionDenied
        form = GiveForm(
            request.POST or None,
            initial={"key": secrets.token_urlsafe(24)},
            may_see_addresses=may_see_addresses(request),
        )
        if request.method == "POST" and form.is_valid() and form.recipient is not None:
            reward = self._give(request, form, form.recipient)
            if reward is not None:
                url = reverse(
                    "admin:django_ppx_reward_change",
                    args=[reward.pk],
                    current_app=self.admin_site.name,
                )
                return HttpResponseRedirect(url)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "crumbs_as_list": django.VERSION >= (6, 1),
            "title": gettext("Give a reward"),
            "form": form,
            "media": self.media,
        }
        response = TemplateResponse(request, "admin/django_ppx/reward/give.html", context)
        patch_cache_control(response, private=True, no_store=True)
        return response

    def _give(self, request: HttpRequest, form: GiveForm, recipient: Recipient) -> Reward | None:
        chosen = form.cleaned_data
        gift = GiftOfStaff(
            key=chosen["key"],
            recipient=recipient,
            benefit=chosen["benefit"],
            reason_type=chosen["reason_type"],
            reason=chosen["reason"],
            by_id=request.user.pk,
        )
        try:
            reward = give_reward(gift=gift, now=timezone.now())
        except GivingRefused as refused:
            form.add_error("benefit", str(refused))
            return None
        self.message_user(
            request,
            gettext("The reward is given. Nothing was sent: tell the customer."),
            messages.SUCCESS,
        )
        return reward
