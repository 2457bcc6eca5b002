"""“To hand over”: gifts and points that wait for somebody to pack or credit them, the longest waiting first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import django
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_ppx.core.admin import may_see_addresses, says_when_busy
from django_ppx.core.masking import mask_email, mask_name, mask_phone
from django_ppx.core.models import Customer
from django_ppx.rewards.admin import cells
from django_ppx.rewards.delivering import hand_over, shop_credits_points
from django_ppx.rewards.models import Reward

if TYPE_CHECKING:
    _Base = admin.ModelAdmin[Reward]
else:
    _Base = object

ROWS_PER_PAGE: Final = 50


class HandOverForm(forms.Form):
    """Which ones, and what there is to say about it."""

    rewards = forms.TypedMultipleChoiceField(coerce=int)
    note = forms.CharField(
        label=_("Note"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
        help_text=_("Optional, such as a parcel number. Kept in the history."),
    )

    def __init__(self, *args: Any, waiting: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["rewards"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = [(pk, str(pk)) for pk in waiting]


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingRow:
    """One gift, or one customer's points, as who packs needs it."""

    pk: int
    url: str
    worth: str
    kind: str
    flag: str
    name: str
    contact: tuple[str, ...]
    customer: SafeString | str
    order: SafeString | str
    reason: str
    since: datetime
    waiting: str


class HandOverPage(_Base):
    """Adds the page `to-hand-over/` to the list of rewards."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.hand_over_view)
        return [
            path("to-hand-over/", view, name="django_ppx_reward_to_hand_over"),
            *super().get_urls(),
        ]

    def has_fulfil_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("django_ppx.fulfil_reward")

    @says_when_busy
    def hand_over_view(self, request: HttpRequest) -> HttpResponse:
        """Show what waits; ticked and posted, note it as handed over."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            if not self.has_fulfil_permission(request):
                raise PermissionDenied
            return self._hand_over(request)
        page = self._waiting(request)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "crumbs_as_list": django.VERSION >= (6, 1),
            "title": gettext("To hand over"),
            "page": page,
            "pages": page.paginator.get_elided_page_range(page.number),
            "rows": [self._row(reward, request) for reward in page],
            "form": HandOverForm(waiting=[]),
            "may_fulfil": self.has_fulfil_permission(request),
            "shop_credits_points": shop_credits_points(),
            "media": self.media,
        }
        response = TemplateResponse(request, "admin/django_ppx/reward/to_hand_over.html", context)
        patch_cache_control(response, private=True, no_store=True)
        return response

    def _waiting(self, request: HttpRequest) -> Page[Reward]:
        rewards = Reward.objects.waiting_for_staff(shop_credits_points=shop_credits_points())
        rewards = rewards.select_related("customer", "purchase")
        return Paginator(rewards, ROWS_PER_PAGE).get_page(request.GET.get("p"))

    def _hand_over(self, request: HttpRequest) -> HttpResponse:
        # What somebody else has handed over meanwhile is no mistake: it is left as it is.
        ticked = [
            int(pk) for pk in request.POST.getlist("rewards") if pk.isdecimal() and len(pk) < 19
        ]
        form = HandOverForm(request.POST, waiting=ticked)
        if not ticked:
            self.message_user(request, gettext("Tick what was handed over."), messages.WARNING)
        elif form.is_valid():
            count = hand_over(
                reward_ids=form.cleaned_data["rewards"],
                by_id=request.user.pk,
                note=form.cleaned_data["note"],
                now=timezone.now(),
            )
            text = ngettext(
                "%(count)d reward was handed over.", "%(count)d rewards were handed over.", count
            )
            if count:
                self.message_user(request, text % {"count": count}, messages.SUCCESS)
            else:
                self.message_user(
                    request, gettext("That was ticked off or taken back meanwhile."), messages.INFO
                )
        else:
            self.message_user(request, gettext("The note is too long."), messages.ERROR)
        url = reverse("admin:django_ppx_reward_to_hand_over", current_app=self.admin_site.name)
        return HttpResponseRedirect(url)

    def _row(self, reward: Reward, request: HttpRequest) -> WaitingRow:
        site_name = self.admin_site.name
        since = reward.vests_at or reward.granted_at
        name, contact = _who(reward.customer, may_see=may_see_addresses(request))
        return WaitingRow(
            pk=reward.pk,
            url=reverse("admin:django_ppx_reward_change", args=[reward.pk], current_app=site_name),
            worth=cells.worth_of(reward),
            kind=reward.terms.get("type", ""),
            flag=str(Reward.Flag(reward.flag).label) if reward.flag else "",
            name=name,
            contact=contact,
            customer=cells.customer_link(reward.customer, site_name=site_name),
            order=cells.purchase_link(reward.purchase, site_name=site_name),
            reason=reward.reason
            or cells.sentence_case(Reward.ReasonType(reward.reason_type).label),
            since=since,
            waiting=timesince(since, depth=1),
        )


def _who(customer: Customer, *, may_see: bool) -> tuple[str, tuple[str, ...]]:
    """Return the name, and how the customer is reached; shortened for who may not see addresses."""
    if may_see:
        name = f"{customer.first_name} {customer.last_name}".strip()
        contact = (customer.email, customer.phone)
    else:
        name = mask_name(customer.first_name, customer.last_name)
        contact = (mask_email(customer.email), mask_phone(customer.phone))
    return name or str(customer), tuple(part for part in (*contact, customer.country) if part)
