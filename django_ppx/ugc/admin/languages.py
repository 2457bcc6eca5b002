"""Texts in the shop's languages, as rows of their own below a form: one row per language, an empty one is not kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from django_ppx.offers.forms import form_languages
from django_ppx.ugc.language_forms import LanguageTextForm, LanguageTextFormSet

if TYPE_CHECKING:
    _InlineBase = admin.StackedInline[Any, Any]
    _AdminBase = admin.ModelAdmin[Any]
else:
    _InlineBase = admin.StackedInline
    _AdminBase = object


class LanguageTextInline(_InlineBase):
    """The rows of one model of texts."""

    formset: Any = LanguageTextFormSet
    form: Any = LanguageTextForm

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return len(missing_languages(obj))


class LanguageTexts(_AdminBase):
    """For admins with such rows: each empty one comes with a language that is missing yet."""

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Any, inline: Any, prefix: str
    ) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        if isinstance(inline, LanguageTextInline):
            kwargs["initial"] = [{"language": code} for code in missing_languages(obj)]
        return kwargs


def missing_languages(row: Any) -> list[str]:
    """Return the shop's languages in which the row has no text yet, the default one first."""
    has: set[str] = set()
    if row is not None and row.pk:
        has = set(row.texts.values_list("language", flat=True))
    return [code for code, _name in form_languages() if code not in has]
