"""What staff can do with the offers they ticked. Each action names its permission."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from django_ppx.offers.activating import activate_offers, pause_offers
from django_ppx.offers.duplicating import duplicate_offer
from django_ppx.offers.exporting import offer_rows
from django_ppx.offers.models import Offer

if TYPE_CHECKING:
    _Base = admin.ModelAdmin[Any]
else:
    _Base = object


class OfferActions(_Base):
    """The actions of every kind's list."""

    actions = ("activate", "pause", "duplicate", "export_csv")

    def has_activate_permission(self, request: HttpRequest) -> bool:
        """Return whether the person may switch offers of this kind on and off."""
        return request.user.has_perm("django_ppx.activate_offer") and self.has_change_permission(
            request
        )

    @admin.action(description=_("Activate"), permissions=["activate"])
    def activate(self, request: HttpRequest, queryset: QuerySet[Offer]) -> None:
        outcome = activate_offers(offers=queryset)
        if outcome.activated:
            count = len(outcome.activated)
            text = ngettext("%(count)d offer is active.", "%(count)d offers are active.", count)
            self.message_user(request, text % {"count": count}, messages.SUCCESS)
            for offer in outcome.activated:
                self.log_change(request, offer, gettext("Activated."))
        for refused in outcome.refused:
            self.message_user(
                request,
                gettext("“%(name)s” was not activated. %(problems)s")
                % {"name": refused.offer.name, "problems": " ".join(map(str, refused.problems))},
                messages.ERROR,
            )

    @admin.action(description=_("Pause"), permissions=["activate"])
    def pause(self, request: HttpRequest, queryset: QuerySet[Offer]) -> None:
        paused = pause_offers(offers=queryset)
        for offer in paused:
            self.log_change(request, offer, gettext("Paused."))
        if paused:
            text = ngettext(
                "%(count)d offer is paused.", "%(count)d offers are paused.", len(paused)
            )
            self.message_user(request, text % {"count": len(paused)}, messages.SUCCESS)
        else:
            self.message_user(request, gettext("None of them was active."), messages.INFO)

    @admin.action(description=_("Duplicate as drafts"), permissions=["add"])
    def duplicate(self, request: HttpRequest, queryset: QuerySet[Offer]) -> None:
        made = [duplicate_offer(offer=offer) for offer in queryset]
        for offer in made:
            self.log_addition(request, offer, gettext("Duplicated from another offer."))
        text = ngettext("%(count)d draft was made.", "%(count)d drafts were made.", len(made))
        self.message_user(request, text % {"count": len(made)}, messages.SUCCESS)

    @admin.action(description=_("Export as CSV"), permissions=["view"])
    def export_csv(self, request: HttpRequest, queryset: QuerySet[Offer]) -> HttpResponse:
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{self.opts.model_name}.csv"'
        response["Cache-Control"] = "private, no-store"
        writer = csv.writer(response)
        writer.writerows(offer_rows(offers=queryset.select_related("audience"), now=timezone.now()))
        return response
