"""Reasons for decisions: written once, in every language, and read by customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import format_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from django_ppx.core.admin import ListLook
from django_ppx.offers.admin.parts import OfferPartPermissions
from django_ppx.ugc.admin.languages import LanguageTextInline, LanguageTexts
from django_ppx.ugc.models import UGCReason, UGCReasonText
from django_ppx.ugc.wording import in_language

if TYPE_CHECKING:
    _FormBase = forms.ModelForm[UGCReason]
else:
    _FormBase = forms.ModelForm


class UGCReasonTextInline(OfferPartPermissions, LanguageTextInline):
    """What the customer reads. Whoever may change the reason may change it."""

    model = UGCReasonText
    fields = ("language", "text")
    verbose_name_plural = _("what the customer reads")


class UGCReasonRowForm(_FormBase):
    """Order and switch in the list: each input names its reason, as its heading belongs to the whole column."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            words = format_lazy("{}: {}", field.label or "", self.instance.name)
            field.widget.attrs["aria-label"] = words


@admin.register(UGCReason)
class UGCReasonAdmin(LanguageTexts, ListLook):
    """All reasons in their order. The first nine have a key each."""

    list_display = ("name", "sentence", "priority", "is_active")
    list_editable = ("priority", "is_active")
    list_filter = ("is_active",)
    ordering = ("priority", "name", "pk")
    fields = ("name", ("priority", "is_active"))
    inlines = (UGCReasonTextInline,)

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        return super().get_changelist_form(request, **{**kwargs, "form": UGCReasonRowForm})

    def get_queryset(self, request: HttpRequest) -> QuerySet[UGCReason]:
        reasons: QuerySet[UGCReason] = super().get_queryset(request)
        return reasons.prefetch_related("texts")

    @admin.display(description=_("What the customer reads"), empty_value="–")
    def sentence(self, reason: UGCReason) -> str | None:
        text = in_language(reason.texts.all(), get_language() or "en")
        return text.text if text is not None else None
