"""What staff see of channels, social invites and share prompts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from django_ppx.core.admin import ListLook
from django_ppx.offers.admin import OfferKindAdmin
from django_ppx.offers.admin.parts import OfferPartPermissions
from django_ppx.offers.forms import form_languages
from django_ppx.social.forms import (
    SharePromptForm,
    SharePromptTextForm,
    SharePromptTextFormSet,
    SocialChannelForm,
    SocialInviteForm,
)
from django_ppx.social.models import SharePrompt, SharePromptText, SocialChannel, SocialInvite

if TYPE_CHECKING:
    _TextBase = admin.StackedInline[SharePromptText, SharePrompt]
else:
    _TextBase = admin.StackedInline


@admin.register(SocialChannel)
class SocialChannelAdmin(ListLook):
    """The shop's accounts and communities, each entered once and used by many offers."""

    form = SocialChannelForm
    list_display = ("__str__", "network", "handle", "url", "priority", "is_active")
    list_filter = ("network", "is_active")
    search_fields = ("label", "handle", "url")
    ordering = ("priority", "network", "pk")


@admin.register(SocialInvite)
class SocialInviteAdmin(OfferKindAdmin):
    """An invitation to channels, all drawn alike."""

    kind_name = "social_invite"
    kind_fields = ("channels",)
    form = SocialInviteForm

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "channels":
            kwargs["widget"] = CheckboxSelectMultiple()
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class SharePromptTextInline(OfferPartPermissions, _TextBase):
    """The prepared text, one row per language of the shop; a row without text is not kept."""

    model = SharePromptText
    form = SharePromptTextForm
    formset = SharePromptTextFormSet
    fk_name = "prompt"
    verbose_name_plural = _("prepared texts")

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return len(missing_languages(obj))


@admin.register(SharePrompt)
class SharePromptAdmin(OfferKindAdmin):
    """A prepared text to share, with plain links beside the device's own dialog."""

    kind_name = "share_prompt"
    kind_fields = ("tagged_channel", "networks", "share_url")
    kind_inlines = (SharePromptTextInline,)
    form = SharePromptForm

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Any, inline: Any, prefix: str
    ) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        if isinstance(inline, SharePromptTextInline):
            kwargs["initial"] = [{"language": code} for code in missing_languages(obj)]
        return kwargs


def missing_languages(prompt: Any) -> list[str]:
    """Return the shop's languages in which the prompt has no text yet, the default one first."""
    has = (
        set(prompt.texts.values_list("language", flat=True))
        if prompt is not None and prompt.pk
        else set()
    )
    return [code for code, _name in form_languages() if code not in has]
