"""The live preview beside an offer's form: what is typed, not what is saved. It writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control
from django.utils.crypto import get_random_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.views.decorators.clickjacking import xframe_options_sameorigin

from django_ppx.offers import drafts
from django_ppx.offers.admin.variants import OfferVariantInline
from django_ppx.offers.building import icons_url
from django_ppx.offers.cards import Card
from django_ppx.offers.forms import OfferVariantForm, form_languages
from django_ppx.offers.kinds import OfferKind, load_kinds
from django_ppx.offers.models import Offer, Placement
from django_ppx.offers.moments import Moment
from django_ppx.offers.pages import head_context
from django_ppx.offers.previewing import preview_moment, sample_moment

if TYPE_CHECKING:
    _Base = admin.ModelAdmin[Any]
else:
    _Base = object

SCHEMES = ("light", "dark")
WIDTHS = ("phone", "desktop")


@dataclass(frozen=True, kw_only=True, slots=True)
class DrawnCard:
    """One card of the preview page, drawn."""

    label: str
    language: str
    html: SafeString


class OfferPreviews(_Base):
    """Adds the addresses `preview/` and `<id>/preview/`, which answer a POST of the offer's form with a page."""

    kind_name: ClassVar[str]

    @property
    def kind(self) -> OfferKind | None:
        """Return the kind, None where the shop has switched it off."""
        return load_kinds().get(self.kind_name)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(xframe_options_sameorigin(self.preview_view))
        name = f"{self.opts.app_label}_{self.opts.model_name}_preview"
        return [
            path("preview/", view, name=f"{name}_new"),
            path("<path:object_id>/preview/", view, name=name),
            *super().get_urls(),
        ]

    def preview_view(self, request: HttpRequest, object_id: str | None = None) -> HttpResponse:
        """Show the posted form as cards. For who may change the offer, or add one."""
        if self.kind is None:
            raise Http404
        offer = self._previewed(request, object_id)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        typed = TypedOffer(self, request, offer)
        scheme = request.POST.get("preview_scheme", "")
        width = request.POST.get("preview_width", "")
        context = {
            **head_context(request),
            "title": gettext("Preview"),
            "scheme": scheme if scheme in SCHEMES else "auto",
            "widths": [width] if width in WIDTHS else list(WIDTHS),
            "notes": typed.notes(),
            "cards": typed.cards(),
        }
        response = TemplateResponse(request, "admin/django_ppx/offer/preview.html", context)
        patch_cache_control(response, private=True, no_store=True)
        response["Referrer-Policy"] = "no-referrer"
        return response.render()

    def preview_url(self, offer: Offer | None) -> str:
        """Return where the form of an offer, or of a new one, is posted for its preview."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_preview"
        if offer is None:
            return reverse(f"{name}_new", current_app=self.admin_site.name)
        return reverse(name, args=[offer.pk], current_app=self.admin_site.name)

    def _previewed(self, request: HttpRequest, object_id: str | None) -> Offer | None:
        if object_id is None:
            if not self.has_add_permission(request):
                raise PermissionDenied
            return None
        offer: Offer | None = self.get_object(request, object_id)
        if offer is None:
            raise Http404
        if not self.has_change_permission(request, offer):
            raise PermissionDenied
        return offer


class TypedOffer:
    """A posted form, read as far as it can be read."""

    def __init__(self, model_admin: Any, request: HttpRequest, offer: Offer | None) -> None:
        self.kind: OfferKind = model_admin.kind
        self.request = request
        self.now = timezone.now()
        form_class = model_admin.get_form(request, offer, change=offer is not None)
        self.form = form_class(_without_conditions(request.POST), instance=offer)
        self.form.instance.kind = self.kind.name
        self.saved_id = offer.pk if offer is not None else None
        self.form.full_clean()  # as in a save: inlines are checked against what was typed above them
        formsets, inlines = model_admin._create_formsets(
            request, self.form.instance, change=offer is not None
        )
        pairs = list(zip(formsets, inlines, strict=True))
        for formset in formsets:
            formset.full_clean()
        self.variant_forms: list[OfferVariantForm] = [
            form
            for formset, inline in pairs
            if isinstance(inline, OfferVariantInline)
            for form in formset.forms
            if not formset._should_delete_form(form)
        ]
        self.kind_formsets = [
            formset for formset, inline in pairs if not isinstance(inline, OfferVariantInline)
        ]
        self.is_complete = self.form.is_valid() and all(
            formset.is_valid() for formset in self.kind_formsets
        )
        self.draft = drafts.DraftOffer(
            kind=self.kind,
            config=self._config(),
            placement=self._placement(),
            is_dismissible=bool(request.POST.get("is_dismissible")),
        )
        self.order_ref = request.POST.get("preview_order", "").strip()
        self.moment = self._moment()

    def cards(self) -> list[DrawnCard]:
        """Return every variant in the chosen language, or in every language."""
        if self.draft.config is None:
            return []
        chosen = self.request.POST.get("preview_language", "")
        languages = {code: str(name) for code, name in form_languages()}
        if chosen in languages:
            languages = {chosen: languages[chosen]}
        cards = []
        for number, variant in enumerate(drafts.draft_variants(self.variant_forms)):
            if not variant.variant.texts:
                continue
            for code, name in languages.items():
                card = drafts.draft_card(
                    self.draft,
                    variant,
                    drafts.in_language(self.moment, code, now=self.now),
                    prefix=f"preview-{number}-{code}",
                )
                html = draw(card, language=code)
                cards.append(DrawnCard(label=variant.variant.label, language=name, html=html))
        return cards

    def notes(self) -> list[str]:
        """Return what staff should know about this preview, a sentence each."""
        notes = []
        if not self.is_complete:
            faulty = [
                str(self.form[name].label) for name in self.form.errors if name in self.form.fields
            ]
            if faulty:
                notes.append(
                    gettext("Not filled in yet: %(fields)s.") % {"fields": ", ".join(faulty)}
                )
            else:
                notes.append(gettext("The form has errors; they are shown when you save."))
        purchase = self.moment.purchase
        if self.order_ref and (purchase is None or purchase.order_ref != self.order_ref):
            notes.append(gettext("There is no order of this number here; sample data are shown."))
        if self.draft.config is not None and not drafts.is_available(self.draft, self.moment):
            notes.append(
                gettext("With this order the offer would not be shown: it has nothing to offer.")
            )
        return notes

    def _config(self) -> Any:
        if self.is_complete:
            return drafts.unsaved_config(self.kind, self._save)
        if self.saved_id is not None:
            return self.kind.configure([self.saved_id]).get(self.saved_id)
        return None

    def _save(self) -> int:
        offer = self.form.save()
        for formset in self.kind_formsets:
            formset.instance = offer
            formset.save()
        return int(offer.pk)

    def _placement(self) -> str:
        chosen = [
            place for place in self.request.POST.getlist("placements") if place in Placement.values
        ]
        return chosen[0] if chosen else Placement.THANK_YOU.value

    def _moment(self) -> Moment:
        """Return the chosen order's moment, for who may see orders; sample data for everybody else."""
        language = form_languages()[0][0]
        if not self.request.user.has_perm("django_ppx.view_purchase"):
            return sample_moment(placement=self.draft.placement, language=language, now=self.now)
        return preview_moment(
            order_ref=self.order_ref,
            placement=self.draft.placement,
            language=language,
            now=self.now,
        )


def draw(card: Card, *, language: str) -> SafeString:
    """Return a card's HTML from the templates that shoppers get, on a page in `language`.

    Unlike those of shoppers these are not remembered: every keystroke makes another.
    """
    with translation.override(language):
        return render_to_string(card.design_template, {"card": card, "icons_url": icons_url()})


def _without_conditions(posted: QueryDict) -> QueryDict:
    """Return the form without what does not change its look, so that half a form can be shown."""
    data = posted.copy()
    for name in (
        "audience",
        "starts_at_0",
        "starts_at_1",
        "ends_at_0",
        "ends_at_1",
        "cap_count",
        "cap_days",
    ):
        data[name] = ""
    data["name"] = data.get("name") or "–"
    data["slug"] = f"preview-{get_random_string(12).lower()}"
    data["status"] = Offer.Status.DRAFT
    data["priority"] = "100"
    data["page_behaviour"] = Offer.PageBehaviour.STACK
    data.setlist("placements", [Placement.THANK_YOU])
    return data
