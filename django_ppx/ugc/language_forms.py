"""The forms of texts in the shop's languages: one row per language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from django_ppx.offers.forms import form_languages

if TYPE_CHECKING:
    _FormBase = forms.ModelForm[Any]
    _FormSetBase = forms.BaseInlineFormSet[Any, Any, Any]
else:
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
