"""The numbers of one offer, on a page and as CSV. They name no customer."""

from __future__ import annotations

import csv
from typing import Any

import django
from django import forms
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext

from django_ppx.insights.admin import funnel_words as words
from django_ppx.insights.admin.periods import ChosenPeriod, choose_period
from django_ppx.insights.admin.shown_funnels import (
    day_charts,
    day_rows,
    freshness,
    shown_funnel,
)
from django_ppx.insights.funnel_csv import funnel_rows
from django_ppx.insights.funnel_reading import read_funnel
from django_ppx.insights.funnels import OfferFunnel, Step, steps_of
from django_ppx.offers.admin.addresses import kind_url
from django_ppx.offers.admin.offer_pages import OfferPage, add_offer_page, offer_page_url
from django_ppx.offers.kinds import load_kinds
from django_ppx.offers.models import Offer

STYLES = forms.Media(css={"all": ["django_ppx/admin/admin.css", "django_ppx/admin/numbers.css"]})


def numbers_view(model_admin: Any, request: HttpRequest, offer: Offer) -> HttpResponse:
    """Show the funnel of an offer for the days that the address names."""
    chosen, funnel = _read(request, offer)
    site_name = model_admin.admin_site.name
    kind = load_kinds()[offer.kind]
    context = {
        **model_admin.admin_site.each_context(request),
        **_figures(funnel),
        "opts": model_admin.opts,
        "crumbs_as_list": django.VERSION >= (6, 1),
        "title": gettext("Numbers of “%(name)s”") % {"name": offer.name},
        "offer": offer,
        "kind": kind,
        "offer_url": kind_url(kind, "change", offer.pk, site_name=site_name),
        "csv_url": f"{offer_page_url('numbers_csv', offer.pk, site_name=site_name)}?{chosen.query}",
        "chosen": chosen,
        "media": STYLES,
    }
    response = TemplateResponse(request, "admin/django_ppx/offer/numbers.html", context)
    patch_cache_control(response, private=True, no_store=True)
    return response


def numbers_csv_view(model_admin: Any, request: HttpRequest, offer: Offer) -> HttpResponse:
    """Send the same numbers as a file."""
    _chosen, funnel = _read(request, offer)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    period = funnel.period
    name = f"{offer.slug}_{period.first:%Y-%m-%d}_{period.last:%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    patch_cache_control(response, private=True, no_store=True)
    csv.writer(response).writerows(funnel_rows(funnel))
    return response


def _read(request: HttpRequest, offer: Offer) -> tuple[ChosenPeriod, OfferFunnel]:
    asks_redeem = Step.REDEEMED in steps_of(load_kinds()[offer.kind])
    chosen = choose_period(request.GET, asks_redeem=asks_redeem, now=timezone.now())
    return chosen, read_funnel(offer=offer, period=chosen.period)


def _figures(funnel: OfferFunnel) -> dict[str, Any]:
    total = shown_funnel(funnel.total)
    return {
        "funnel": funnel,
        "total": total,
        "fresh": freshness(funnel),
        "orders": words.number_text(funnel.total.orders),
        "variants": [
            shown_funnel(variant.funnel, label=variant.label) for variant in funnel.variants
        ],
        "charts": day_charts(funnel),
        "days": day_rows(funnel),
        "steps": [step.label for step in total.steps],
        "has_claimed": Step.CLAIMED in funnel.steps,
        "has_codes": Step.REDEEMED in funnel.steps,
        "has_open_days": any(row.is_open for row in day_rows(funnel)),
    }


add_offer_page(OfferPage(name="numbers", view=numbers_view))
add_offer_page(OfferPage(name="numbers_csv", view=numbers_csv_view, file="numbers.csv"))
