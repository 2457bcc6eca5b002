"""The forms in which staff write channels, invites and share prompts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from django_ppx.conf import ppx_settings
from django_ppx.offers.forms import OfferForm, form_languages
from django_ppx.offers.models import Offer
from django_ppx.social.channel_urls import HOSTS, is_handle, is_of_network, normalised_handle
from django_ppx.social.models import SharePromptText, SocialChannel
from django_ppx.social.share_links import EMAIL, LABELS, NETWORKS
from django_ppx.social.share_texts import normalised_hashtags, placeholders
from django_ppx.social.validators import default_networks

if TYPE_CHECKING:
    _ChannelBase = forms.ModelForm[SocialChannel]
    _TextBase = forms.ModelForm[SharePromptText]
    _FormSetBase = forms.BaseInlineFormSet[Any, Any, forms.ModelForm[Any]]
else:
    _ChannelBase = forms.ModelForm
    _TextBase = forms.ModelForm
    _FormSetBase = forms.BaseInlineFormSet

NETWORK_CHOICES = [(name, _("E-mail") if name == EMAIL else LABELS[name]) for name in NETWORKS]


class SocialChannelForm(_ChannelBase):
    """One channel: the address must belong to the network it says."""

    class Meta:
        model = SocialChannel
        fields = ("network", "label", "handle", "url", "priority", "is_active")

    def clean_handle(self) -> str:
        handle = normalised_handle(self.cleaned_data["handle"])
        if handle and not is_handle(handle):
            raise ValidationError(
                _("A handle has letters, digits, dots, dashes and underscores only."),
                code="handle_format",
            )
        return handle

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        network, url = data.get("network"), data.get("url")
        if network and url and not is_of_network(url, network):
            self.add_error("url", _address_error(network))
        if network == SocialChannel.Network.OTHER and not data.get("label"):
            self.add_error("label", _("Say what customers find there, such as “Our newsletter”."))
        return data


def _address_error(network: str) -> ValidationError:
    if network == SocialChannel.Network.OTHER:
        return ValidationError(_("Write an address that starts with https://."), code="url_scheme")
    return ValidationError(
        _(
            "This is no address of %(network)s: it starts with https:// and its host is one of %(hosts)s."
        ),
        code="url_host",
        params={
            "network": SocialChannel.Network(network).label,
            "hosts": ", ".join(HOSTS[network]),
        },
    )


class SocialInviteForm(OfferForm):
    """An invite that is switched on needs a channel that is."""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        channels = data.get("channels")
        is_active = data.get("status") == Offer.Status.ACTIVE
        if is_active and channels and not any(channel.is_active for channel in channels):
            self.add_error("channels", _("Choose at least one channel that is switched on."))
        return data


class SharePromptForm(OfferForm):
    """The networks are ticked, in the order in which they are offered."""

    networks = forms.MultipleChoiceField(
        label=_("Share on"),
        choices=NETWORK_CHOICES,
        required=False,
        initial=default_networks,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Plain links, for browsers without a share dialog. The text can always be copied."
        ),
    )

    def clean_networks(self) -> list[str]:
        chosen = self.cleaned_data["networks"]
        return [name for name in NETWORKS if name in chosen]


class SharePromptTextForm(_TextBase):
    """The prepared text in one of the shop's languages."""

    class Meta:
        model = SharePromptText
        fields = ("language", "text", "hashtags")
        widgets = {"text": forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = list(form_languages())
        kept = self.instance.language
        if kept and kept not in dict(choices):
            # The shop does not have this language any more; it may come back.
            choices.append((kept, kept))
        self.fields["language"] = forms.ChoiceField(label=_("Language"), choices=choices)

    def clean_hashtags(self) -> str:
        return normalised_hashtags(self.cleaned_data["hashtags"])


class SharePromptTextFormSet(_FormSetBase):
    """Holds what concerns the prompt and its texts together."""

    def clean(self) -> None:
        super().clean()
        kept = [form for form in self.forms if form.has_changed() or form.instance.pk]
        kept = [form for form in kept if not self._is_deleted(form)]
        if self.instance.status == Offer.Status.ACTIVE and not kept:
            raise ValidationError(
                _("Write the prepared text in at least one language."), code="no_text"
            )
        for form in kept:
            names = placeholders(form.cleaned_data.get("text") or "")
            self._check_values(form, names)

    def _is_deleted(self, form: forms.ModelForm[Any]) -> bool:
        return bool(self._should_delete_form(form))  # type: ignore[attr-defined]

    def _check_values(self, form: forms.ModelForm[Any], names: tuple[str, ...]) -> None:
        """Refuse a placeholder whose value staff have not given."""
        if "hashtags" in names and not form.cleaned_data.get("hashtags"):
            form.add_error("hashtags", _("The text asks for hashtags."))
        channel = self.instance.tagged_channel
        if "handle" in names and not (channel and channel.handle):
            form.add_error(
                "text", _("The text asks for a handle: choose an account to tag that has one.")
            )
        if "shop" in names and not ppx_settings.PPX_SHOP_NAME:
            form.add_error(
                "text",
                _("The text asks for the shop's name, and the setting PPX_SHOP_NAME is empty."),
            )
