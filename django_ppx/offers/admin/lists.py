"""What the lists of offers share: the columns, the counts beside them, the filters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_ppx.offers.admin import columns
from django_ppx.offers.admin.offer_pages import offer_page_url
from django_ppx.offers.counting import OfferCounts, count_offers
from django_ppx.offers.models import Audience, Offer, Placement

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


FILTER_TEMPLATE = "admin/django_ppx/filter.html"


class StateFilter(admin.SimpleListFilter):
    """What the offer is doing now, which takes its window into account."""

    title = _("status")
    parameter_name = "state"
    template = FILTER_TEMPLATE

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
    template = FILTER_TEMPLATE

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Placement.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Offer]) -> QuerySet[Offer]:
        if self.value() not in Placement.values:
            return queryset
        matching = [
            pk for pk, places in queryset.values_list("pk", "placements") if self.value() in places
        ]
        return queryset.filter(pk__in=matching)


class AudienceFilter(admin.SimpleListFilter):
    """Who sees it."""

    title = _("audience")
    parameter_name = "audience"
    template = FILTER_TEMPLATE

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        named = [(str(pk), name) for pk, name in Audience.objects.values_list("pk", "name")]
        return [("everybody", _("Everybody")), *named] if named else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Offer]) -> QuerySet[Offer]:
        value = self.value()
        if value == "everybody":
            return queryset.filter(audience__isnull=True)
        if value and value.isdecimal():
            return queryset.filter(audience=int(value))
        return queryset


class OfferColumns(_Base):
    """The columns of every list of offers."""

    list_display: Any = ("name", "state", "who_and_where", "shown", "clicked", "redeemed", "trend")
    list_select_related = ("audience",)
    list_filter: ClassVar[Any] = (StateFilter, PlacementFilter, AudienceFilter)
    search_fields = ("name", "slug", "variants__texts__headline")
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return OfferChangeList

    @admin.display(description=_("Status"), ordering="status")
    def state(self, offer: Offer) -> SafeString:
        now = timezone.now()
        return format_html(
            '{}<span class="ppx-quiet">{}</span>',
            columns.status_badge(offer, now=now),
            columns.window_in_words(offer, now=now),
        )

    @admin.display(description=_("Who and where"), ordering="audience__name")
    def who_and_where(self, offer: Offer) -> SafeString:
        return format_html(
            '<span class="ppx-who">{}</span> {}',
            offer.audience.name if offer.audience else gettext("Everybody"),
            columns.places(offer),
        )

    @admin.display(description=_("Shown"))
    def shown(self, offer: Offer) -> SafeString:
        return columns.figure(gettext("Shown"), _counts(offer).shown)

    @admin.display(description=_("Clicked"))
    def clicked(self, offer: Offer) -> SafeString:
        return columns.figure(gettext("Clicked"), _counts(offer).clicked)

    @admin.display(description=_("Redeemed"))
    def redeemed(self, offer: Offer) -> SafeString:
        return columns.figure(gettext("Redeemed"), _counts(offer).redeemed)

    @admin.display(description=_("14 days"))
    def trend(self, offer: Offer) -> SafeString:
        url = offer_page_url("numbers", offer.pk, site_name=self.admin_site.name)
        return columns.trend(_counts(offer), name=offer.name, numbers_url=url)


def _counts(offer: Offer) -> OfferCounts:
    return getattr(offer, "ppx_counts", OfferCounts())
