"""What staff do with rewards that they ticked: take them back, or say that they looked at them. Both ask why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import django
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_ppx.rewards.admin import cells
from django_ppx.rewards.delivering import resolve_flags
from django_ppx.rewards.models import Reward
from django_ppx.rewards.taking_back import take_rewards_back

if TYPE_CHECKING:
    _Base = admin.ModelAdmin[Reward]
else:
    _Base = object


class WhyForm(forms.Form):
    """Why it is done. It is kept in the history of the reward."""

    reason = forms.CharField(
        label=_("Why"),
        max_length=200,
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
        help_text=_("Kept in the history, for whoever looks it up later."),
    )


class NoteForm(WhyForm):
    """What came of looking at it."""

    reason = forms.CharField(
        label=_("Note"),
        max_length=200,
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
        help_text=_("What you found or agreed on. Kept in the history."),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """The words of a page that asks before something is done."""

    action: str
    title: str
    lead: str
    nothing: str
    button: str


class RewardActions(_Base):
    """The actions of the list of rewards."""

    actions = ("take_back", "look_at")

    def has_reverse_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("django_ppx.reverse_reward")

    @admin.action(description=_("Take back"), permissions=["reverse"])
    def take_back(self, request: HttpRequest, queryset: QuerySet[Reward]) -> HttpResponse | None:
        """Ask why, and take the rewards back once it is said."""
        form = WhyForm(request.POST if "reason" in request.POST else None)
        chosen = list(_ticked(queryset).filter(pk__in=Reward.objects.returnable().values("pk")))
        if not (form.is_valid() and chosen):
            question = Question(
                action="take_back",
                title=gettext("Take rewards back"),
                lead=gettext(
                    "Their codes will be refused from now on, and nothing is handed over any more. "
                    "What was used already stays used."
                ),
                nothing=gettext(
                    "None of these can be taken back: they are used, or were taken back before."
                ),
                button=gettext("Take back"),
            )
            return self._ask(request, question, form, chosen)
        count = take_rewards_back(
            reward_ids=[reward.pk for reward in chosen],
            by_id=request.user.pk,
            why=form.cleaned_data["reason"],
            now=timezone.now(),
        )
        text = ngettext(
            "%(count)d reward was taken back.", "%(count)d rewards were taken back.", count
        )
        self.message_user(request, text % {"count": count}, messages.SUCCESS)
        return None

    @admin.action(description=_("Looked at"), permissions=["reverse"])
    def look_at(self, request: HttpRequest, queryset: QuerySet[Reward]) -> HttpResponse | None:
        """Ask for a note, and take the mark “Needs a look” off once there is one."""
        form = NoteForm(request.POST if "reason" in request.POST else None)
        chosen = list(_ticked(queryset).exclude(flag=""))
        if not (form.is_valid() and chosen):
            question = Question(
                action="look_at",
                title=gettext("Looked at"),
                lead=gettext(
                    "The mark “Needs a look” goes away. What the customer has used stays used: "
                    "no money is moved. Points that could not be credited are tried once more."
                ),
                nothing=gettext("None of these needs a look."),
                button=gettext("Looked at"),
            )
            return self._ask(request, question, form, chosen)
        count = resolve_flags(
            reward_ids=[reward.pk for reward in chosen],
            by_id=request.user.pk,
            note=form.cleaned_data["reason"],
            now=timezone.now(),
        )
        text = ngettext("%(count)d mark was taken off.", "%(count)d marks were taken off.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS)
        return None

    def _ask(
        self, request: HttpRequest, question: Question, form: forms.Form, chosen: list[Reward]
    ) -> HttpResponse:
        rows = [
            {
                "pk": reward.pk,
                "worth": cells.worth_of(reward),
                "status": cells.status_badge(reward),
                "recipient": cells.customer_link(reward.customer, site_name=self.admin_site.name),
                "flag": Reward.Flag(reward.flag).label if reward.flag else "",
            }
            for reward in chosen
        ]
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": question.title,
            "opts": self.opts,
            "crumbs_as_list": django.VERSION >= (6, 1),
            "question": question,
            "rows": rows,
            "form": form,
            "checkbox_name": ACTION_CHECKBOX_NAME,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/django_ppx/reward/ask.html", context)


def _ticked(queryset: QuerySet[Reward]) -> QuerySet[Reward]:
    return queryset.select_related("customer").order_by("pk")
