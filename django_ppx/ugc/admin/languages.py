"""Texts in the shop's languages, as rows of their own below a form: one row per language, an empty one is not kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from django_ppx.offers.forms import form_languages

if TYPE_CHECKING:
    _InlineBase = admin.StackedInline[Any, Any]
    _AdminBase = admin.ModelAdmin[Any]
    _FormBase = forms.ModelForm[Any]
    _FormSetBase = forms.BaseInlineFormSet[Any, Any, Any]
else:
    _InlineBase = admin.StackedInline
    _AdminBase = object
    _FormBase = forms.ModelForm
    _FormSetBase = forms.BaseInlineFormSet


class LanguageTextForm(_FormBase):
    """Words in one of the shop's languages."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "language" not in self.fields:
            return  # only looked at
        choices = list(form_languages())
        kept = self.instance.language
        if kept and kept not in dict(choices):
            # The shop does not have this language any more; it may come back.
            choices.append((kept, kept))
        self.fields["language"] = forms.ChoiceField(label=_("Language"), choices=choices)


class LanguageTextFormSet(_FormSetBase):
    """Asks for words in one language at least, where `needs_text` says so."""

    no_text_message: Any = _("Write the text in at least one language.")

    def needs_text(self) -> bool:
        return True

    def clean(self) -> None:
        super().clean()
        if any(self.errors) or not self.needs_text():
            return
        if not self.kept_forms():
            raise ValidationError(self.no_text_message, code="no_text")

    def kept_forms(self) -> list[Any]:
        """Return the forms whose rows stand after saving."""
        written = [form for form in self.forms if form.has_changed() or form.instance.pk]
        return [form for form in written if not self._should_delete_form(form)]  # type: ignore[attr-defined]


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
