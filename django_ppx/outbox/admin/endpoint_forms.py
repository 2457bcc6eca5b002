"""The form of an endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_ppx.outbox.endpoints import EndpointFacts
from django_ppx.outbox.models import WebhookEndpoint, WebhookEvent
from django_ppx.outbox.targets import AddressRefused, check_url

if TYPE_CHECKING:
    _FormBase = forms.ModelForm[WebhookEndpoint]
else:
    _FormBase = forms.ModelForm


class EndpointForm(_FormBase):
    """Who is told of what. One address is one endpoint: it would hear of everything twice."""

    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
        help_text=_("Who is told, in your words: “the warehouse”."),
    )
    url = forms.URLField(
        label=_("Address"),
        max_length=500,
        assume_scheme="https",
        widget=forms.URLInput(
            attrs={"class": "vURLField", "placeholder": "https://hooks.example.com/shop"}
        ),
        help_text=_("Where messages are sent to, from https:// on. It must be reachable publicly."),
    )
    events = forms.MultipleChoiceField(
        label=_("Told of"),
        choices=WebhookEvent.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("From ten seconds after you save on; never of what happened before."),
    )

    class Meta:
        model = WebhookEndpoint
        fields = ("name", "url", "events", "is_active")

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if "url" not in self.changed_data:
            return url
        others = WebhookEndpoint.objects.exclude(pk=self.instance.pk)
        same = others.filter(url=url).first()
        if same is not None:
            sentence = gettext("The endpoint “%(name)s” has this address already.")
            raise forms.ValidationError(sentence % {"name": same.name})
        try:
            check_url(url)
        except AddressRefused as refused:
            raise forms.ValidationError(str(refused)) from None
        return url

    @property
    def facts(self) -> EndpointFacts:
        """What was filled in."""
        given: dict[str, Any] = self.cleaned_data
        return EndpointFacts(
            name=given["name"],
            url=given["url"],
            events=given["events"],
            is_active=given["is_active"],
        )
