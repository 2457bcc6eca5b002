"""“Make codes”: the page that orders a batch."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import django
from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_ppx.core.admin import says_when_busy
from django_ppx.rewards.admin.numbers import in_words
from django_ppx.rewards.batching import BatchRefused, BatchRequest
from django_ppx.rewards.generating import start_batch
from django_ppx.rewards.models import Benefit, CodeBatch
from django_ppx.rewards.models.batches import LARGEST_BATCH
from django_ppx.rewards.terms import DISCOUNT_TYPES

if TYPE_CHECKING:
    _Base = admin.ModelAdmin[CodeBatch]
else:
    _Base = object


class BatchForm(forms.Form):
    """What every batch is asked: of which benefit, under which name, until when."""

    code_source = Benefit.CodeSource.DRAWN

    benefit = forms.ModelChoiceField(label=_("Benefit"), queryset=Benefit.objects.none())
    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        help_text=_("For you: where these codes go, such as “Leaflet, spring fair”."),
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )
    last_day = forms.DateField(
        label=_("Last valid day"),
        required=False,
        help_text=_("Empty: as the benefit says, counted from today."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["benefit"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101
        field.queryset = Benefit.objects.filter(
            code_source=self.code_source, type__in=DISCOUNT_TYPES
        )

    def request(self, http_request: HttpRequest) -> BatchRequest:
        """Return what was said, once the form is valid."""
        last_day: date | None = self.cleaned_data["last_day"]
        return BatchRequest(
            benefit_id=self.cleaned_data["benefit"].pk,
            name=self.cleaned_data["name"],
            last_day=last_day,
            by_id=http_request.user.pk,
        )


class MakeForm(BatchForm):
    """Codes to be drawn at random."""

    count = forms.IntegerField(
        label=_("How many codes"),
        min_value=1,
        max_value=LARGEST_BATCH,
        help_text=_("From 1 to 1,000,000."),
    )
    field_order = ("benefit", "name", "count", "last_day")


class MakeCodes(_Base):
    """Adds the page `make/` to the list of batches."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.make_view)
        return [path("make/", view, name="django_ppx_codebatch_make"), *super().get_urls()]

    def has_generate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("django_ppx.generate_codebatch")

    @says_when_busy
    def make_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for a batch and order it; its own page then makes the codes."""
        if not self.has_generate_permission(request):
            raise PermissionDenied
        form = MakeForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                batch = start_batch(
                    request=form.request(request),
                    count=form.cleaned_data["count"],
                    now=timezone.now(),
                )
            except BatchRefused as refused:
                form.add_error(None, str(refused))
            else:
                self.log_addition(
                    request,
                    batch,
                    gettext("Ordered: %(codes)s.") % {"codes": in_words(batch.requested)},
                )
                return self.to_batch(batch)
        lead = _(
            "The codes belong to nobody: whoever has one may use it. You can export them as CSV."
        )
        return self.form_page(
            request, form, title=gettext("Make codes"), lead=lead, submit=gettext("Make codes")
        )

    def form_page(self, request: HttpRequest, form: BatchForm, **words: Any) -> HttpResponse:
        """Return the page with the form; `words` are its title, lead and the label of its button."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "crumbs_as_list": django.VERSION >= (6, 1),
            "form": form,
            "media": self.media,
            **words,
        }
        return TemplateResponse(request, "admin/django_ppx/codebatch/form.html", context)

    def to_batch(self, batch: CodeBatch) -> HttpResponseRedirect:
        """Return the way to the batch's own page."""
        url = reverse(
            "admin:django_ppx_codebatch_change",
            args=[batch.pk],
            current_app=self.admin_site.name,
        )
        return HttpResponseRedirect(url)

    def say(self, request: HttpRequest, text: str, level: int = messages.SUCCESS) -> None:
        """Show a sentence on the next page."""
        self.message_user(request, text, level)
