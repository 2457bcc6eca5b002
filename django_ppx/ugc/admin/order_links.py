"""The link to a UGC reward's page for one order, with its QR code: for a parcel, or an order taken by phone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django
from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_ppx.conf import ppx_settings
from django_ppx.core.containment import contain
from django_ppx.core.responses import private
from django_ppx.offers.explaining import UnknownOrder, find_record
from django_ppx.ugc.models import UGCRewardOffer
from django_ppx.ugc.qr import qr_svg, qr_svg_file
from django_ppx.ugc.reaching import url_for_purchase

if TYPE_CHECKING:
    _Base = admin.ModelAdmin[UGCRewardOffer]
else:
    _Base = object

TEMPLATE = "admin/django_ppx/ugcrewardoffer/order_link.html"


class OrderForm(forms.Form):
    """Which order."""

    order = forms.CharField(
        label=_("Order number"),
        max_length=100,
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )


class OrderLinks(_Base):
    """Adds `<pk>/link/`: whoever may see the offer gets its link for any order, and nothing of the customer."""

    change_form_template = "admin/django_ppx/ugcrewardoffer/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.link_view)
        return [
            path("<int:pk>/link/", view, name="django_ppx_ugcrewardoffer_link"),
            *super().get_urls(),
        ]

    def link_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for an order, and show its link or send its QR code. Posted, so that no order number is in a log."""
        offer = self.get_object(request, str(pk))
        if not self.has_view_or_change_permission(request, offer):
            raise PermissionDenied
        if offer is None:
            raise Http404
        form = OrderForm(request.POST or None)
        url = self._link(request, offer, form) if form.is_valid() else ""
        if url and "download" in request.POST:
            return _download(url, f"{offer.slug}-{slugify(form.cleaned_data['order'])}.svg")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "crumbs_as_list": django.VERSION >= (6, 1),
            "title": gettext("Link for an order"),
            "offer": offer,
            "form": form,
            "url": url,
            "code": qr_svg(url, title=gettext("The link as a QR code")) if url else "",
            "days": ppx_settings.PPX_UGC_LINK_DAYS,
            "media": self.media,
        }
        return private(TemplateResponse(request, TEMPLATE, context), has_form=True)

    def _link(self, request: HttpRequest, offer: UGCRewardOffer, form: forms.Form) -> str:
        """Return the address; where there is none, the form says why."""
        now, url, problem = timezone.now(), "", ""
        with contain("The link for an order") as containment:
            try:
                record = find_record(order_ref=form.cleaned_data["order"].strip(), now=now)
            except UnknownOrder:
                problem = gettext("There is no order of this number.")
            else:
                url = url_for_purchase(record.purchase, ugc_offer=offer, request=request, now=now)
                problem = gettext(
                    "Nothing can be sent in: the offer is not running, or the order was cancelled or refunded."
                )
        if containment.failed:
            problem = gettext(
                "The shop could not tell about this order. The log says why; so does ppx_doctor."
            )
        if not url:
            form.add_error("order", problem)
        return url


def _download(url: str, name: str) -> HttpResponse:
    content: Any = qr_svg_file(url, title=gettext("Scan to take part"))
    response = HttpResponse(content, content_type="image/svg+xml")
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return private(response)
