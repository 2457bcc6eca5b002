"""The admin of one kind of offer. A kind's own `admin.py` names its model, its fields and nothing more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from django_ppx.experiments.models import Experiment
from django_ppx.offers.admin.actions import OfferActions
from django_ppx.offers.admin.lists import OfferColumns
from django_ppx.offers.admin.previews import OfferPreviews
from django_ppx.offers.admin.variants import OfferVariantInline
from django_ppx.offers.building import icons_url
from django_ppx.offers.forms import OfferForm, form_languages, starter_initial
from django_ppx.offers.models import Offer

if TYPE_CHECKING:
    _Base = admin.ModelAdmin[Any]
else:
    _Base = admin.ModelAdmin


class OfferKindAdmin(OfferActions, OfferPreviews, OfferColumns, _Base):
    """List, form, preview and actions of one kind.

    `kind_name` is the kind's name, `kind_fields` the names (or rows of names) of its own columns, `kind_inlines` its
    own inlines, which stand before the variants. `form` may be a subclass of `OfferForm`.
    """

    kind_fields: ClassVar[Sequence[str | Sequence[str]]] = ()
    kind_inlines: ClassVar[Sequence[type[Any]]] = ()

    form = OfferForm
    change_form_template = "admin/django_ppx/offer/change_form.html"
    change_list_template = "admin/django_ppx/offer/change_list.html"
    ordering = ("priority", "pk")
    save_on_top = False

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["django_ppx/admin/admin.css"]}
        js: ClassVar[list[Any]] = [
            forms.Script("django_ppx/admin/tabs.js", type="module"),
            forms.Script("django_ppx/admin/preview.js", type="module"),
        ]

    def get_inlines(self, request: HttpRequest, obj: Offer | None) -> list[Any]:
        return [*self.kind_inlines, OfferVariantInline]

    def get_fieldsets(self, request: HttpRequest, obj: Offer | None = None) -> Any:
        says = ("name", *self.kind_fields)
        return [
            (_("What it says"), {"fields": says}),
            (
                _("Where and when"),
                {"fields": ("status", "placements", ("starts_at", "ends_at"))},
            ),
            (_("Who sees it"), {"fields": ("audience",)}),
            (
                _("Limits"),
                {
                    "fields": (
                        "page_behaviour",
                        "is_dismissible",
                        "hide_when_done",
                        ("cap_count", "cap_days"),
                    )
                },
            ),
            (_("Advanced"), {"fields": ("priority", "slug"), "classes": ("collapse",)}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Offer | None = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return fields if self.has_activate_permission(request) else (*fields, "status")

    def has_activate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("django_ppx.activate_offer") and (
            self.has_change_permission(request) or self.has_add_permission(request)
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.kind is not None and super().has_add_permission(request)

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        return super().get_model_perms(request) if self.kind is not None else {}

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Offer, inline: Any, prefix: str
    ) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        if isinstance(inline, OfferVariantInline) and obj.pk is None and request.method == "GET":
            kwargs["initial"] = [self.first_variant()]
        return kwargs

    def first_variant(self) -> dict[str, str]:
        """Return what the first variant of a new offer comes filled in with."""
        kind = self.kind
        if kind is None:
            return {}
        return {"design": kind.default_design, **starter_initial(kind.starter_texts())}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        offer = context.get("original")
        may_preview = (
            self.has_add_permission(request)
            if offer is None
            else self.has_change_permission(request, offer)
        )
        context["preview_url"] = self.preview_url(offer) if may_preview and self.kind else ""
        context["languages"] = [(code, str(name)) for code, name in form_languages()]
        running = Experiment.objects.running().filter(offer=offer).first() if offer else None
        context["running_experiment"] = running
        context["result_url"] = self._result_url(request, running) if running else ""
        return super().render_change_form(request, context, *args, **kwargs)

    def _result_url(self, request: HttpRequest, experiment: Experiment) -> str:
        """Return where an experiment's result is, "" for who may not see it."""
        sees = {"django_ppx.view_experiment", "django_ppx.change_experiment"}
        if not any(request.user.has_perm(name) for name in sees):
            return ""
        name = "admin:django_ppx_experiment_result"
        try:
            return reverse(name, args=[experiment.pk], current_app=self.admin_site.name)
        except NoReverseMatch:  # an admin of the shop's own, without experiments
            return ""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        title = self.kind.label if self.kind else self.opts.verbose_name
        context = {
            "title": title,
            "kind": self.kind,
            "icons_url": icons_url(),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    def save_form(self, request: HttpRequest, form: ModelForm[Any], change: bool) -> Any:
        offer = super().save_form(request, form, change)
        offer.kind = self.kind_name
        return offer
