"""“Change limits” of one code: more uses or fewer, a later last day, with a reason."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import django
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_ppx.core.admin import says_when_busy
from django_ppx.rewards.alphabet import grouped_as
from django_ppx.rewards.amending import Amendment, AmendRefused, amend_code
from django_ppx.rewards.models import DiscountCode
from django_ppx.rewards.validity import end_of_day, last_day

if TYPE_CHECKING:
    _Base = admin.ModelAdmin[DiscountCode]
else:
    _Base = object


class LimitsForm(forms.Form):
    """The limits of one code as they shall be."""

    max_uses = forms.IntegerField(label=_("Uses allowed"), min_value=1, max_value=1_000_000)
    last_day = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("It counts in full, in the shop's time zone. Empty: it never expires."),
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=200,
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
        help_text=_("Kept in the history, for whoever looks it up later."),
    )


class LimitsPage(_Base):
    """Adds the page `<id>/limits/` to the codes."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.limits_view)
        return [
            path("<int:code_id>/limits/", view, name="django_ppx_discountcode_limits"),
            *super().get_urls(),
        ]

    def has_limits_permission(self, request: HttpRequest) -> bool:
        """Return whether the person may change the limits of codes; nothing else of a code can be changed."""
        return request.user.has_perm("django_ppx.change_discountcode") and self.has_view_permission(
            request
        )

    @says_when_busy
    def limits_view(self, request: HttpRequest, code_id: int) -> HttpResponse:
        """Ask for the new limits, and set them."""
        if not self.has_limits_permission(request):
            raise PermissionDenied
        code = DiscountCode.objects.filter(pk=code_id).first()
        if code is None:
            raise Http404
        initial = {"max_uses": code.max_uses, "last_day": last_day(code.expires_at)}
        form = LimitsForm(request.POST or None, initial=initial)
        url = reverse(
            "admin:django_ppx_discountcode_change",
            args=[code.pk],
            current_app=self.admin_site.name,
        )
        if request.method == "POST" and form.is_valid() and self._amend(request, code, form):
            return HttpResponseRedirect(url)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Change limits"),
            "opts": self.opts,
            "crumbs_as_list": django.VERSION >= (6, 1),
            "code": code,
            "code_text": grouped_as(code.code, code.terms),
            "code_url": url,
            "form": form,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/django_ppx/discountcode/limits.html", context)

    def _amend(self, request: HttpRequest, code: DiscountCode, form: LimitsForm) -> bool:
        chosen = form.cleaned_data
        if not form.has_changed() or form.changed_data == ["reason"]:
            self.message_user(request, gettext("The limits stay as they were."), messages.INFO)
            return True
        amendment = Amendment(
            max_uses=chosen["max_uses"],
            # The same day is the same instant, however it came about.
            expires_at=_end_of(chosen["last_day"])
            if "last_day" in form.changed_data
            else code.expires_at,
            by_id=request.user.pk,
            why=chosen["reason"],
        )
        try:
            amend_code(code_id=code.pk, amendment=amendment, now=timezone.now())
        except AmendRefused as refused:
            is_of_uses = refused.reason == AmendRefused.Reason.FEWER_THAN_USED
            form.add_error("max_uses" if is_of_uses else "last_day", str(refused))
            return False
        self.log_change(
            request, code, gettext("Limits changed: %(reason)s") % {"reason": chosen["reason"]}
        )
        self.message_user(request, gettext("The limits are changed."), messages.SUCCESS)
        return True


def _end_of(chosen: date | None) -> datetime | None:
    return None if chosen is None else end_of_day(chosen)
