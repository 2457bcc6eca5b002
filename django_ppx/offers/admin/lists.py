"""What the lists of offers share: the columns, the counts beside them, the filters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_ppx.offers.admin import columns
from django_ppx.offers.counting import OfferCounts, count_offers
from django_ppx.offers.models import Offer, Placement

if TYPE_CHECKING:
    _Base = admin.ModelAdmin[Any]
else:
    _Base = object


class OfferChangeList(ChangeList):
    """A list whose rows carry their counts, loaded at once for the page that is shown."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        counts: Mapping[int, OfferCounts] = count_offers(
            [offer.pk for offer in self.result_list], now=timezone.now()
        )
        for offer in self.result_list:
            offer.ppx_counts = counts[offer.pk]
        self.is_ppx_empty = not self.result_count and not self.root_queryset.exists()


class StateFilter(admin.SimpleListFilter):
    """What the offer is doing now, which takes its window into account."""

    title = _("status")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(columns.STATES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Offer]) -> QuerySet[Offer]:
        now = timezone.now()
        state = self.value()
        if state == "running":
            return queryset.filter(
                Q(starts_at__isnull=True) | Q(starts_at__lte=now),
                Q(ends_at__isnull=True) | Q(ends_at__gt=now),
                status="active",
            )
        if state == "scheduled":
            return queryset.filter(status="active", starts_at__gt=now)
        if state == "ended":
            return queryset.filter(status="active", ends_at__lte=now)
        if state in columns.STATES:
            return queryset.filter(status=state)
        return queryset


class PlacementFilter(admin.SimpleListFilter):
    """Where it is shown. Placements are a JSON list, searched as text so that every database can."""

    title = _("where")
    parameter_name = "placement"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Placement.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Offer]) -> QuerySet[Offer]:
        if self.value() not in Placement.values:
            return queryset
        matching = [
            pk for pk, places in queryset.values_list("pk", "placements") if self.value() in places
        ]
        return queryset.filter(pk__in=matching)


class OfferColumns(_Base):
    """The columns of every list of offers."""

    list_display = (
        "name",
        "status_badge",
        "window",
        "audience_name",
        "places",
        "shown",
        "clicked",
        "redeemed",
        "trend",
    )
    list_select_related = ("audience",)
    list_filter = (StateFilter, PlacementFilter, "audience")
    search_fields = ("name", "slug", "variants__texts__headline")
    list_per_page = 50

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return OfferChangeList

    @admin.display(description=_("Status"), ordering="status")
    def status_badge(self, offer: Offer) -> SafeString:
        return columns.status_badge(offer, now=timezone.now())

    @admin.display(description=_("When"), ordering="starts_at")
    def window(self, offer: Offer) -> str:
        return columns.window_in_words(offer, now=timezone.now())

    @admin.display(description=_("Who"), ordering="audience__name")
    def audience_name(self, offer: Offer) -> str:
        return offer.audience.name if offer.audience else gettext("Everybody")

    @admin.display(description=_("Where"))
    def places(self, offer: Offer) -> SafeString:
        return columns.places(offer)

    @admin.display(description=_("Shown"))
    def shown(self, offer: Offer) -> int:
        return _counts(offer).shown

    @admin.display(description=_("Clicked"))
    def clicked(self, offer: Offer) -> int:
        return _counts(offer).clicked

    @admin.display(description=_("Redeemed"))
    def redeemed(self, offer: Offer) -> int:
        return _counts(offer).redeemed

    @admin.display(description=_("14 days"))
    def trend(self, offer: Offer) -> SafeString:
        return columns.sparkline(_counts(offer))


def _counts(offer: Offer) -> OfferCounts:
    return getattr(offer, "ppx_counts", OfferCounts())
