"""The forms in which staff write an offer: the offer itself, and one card per variant with its texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Field
from django.forms.boundfield import BoundField
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from django_ppx.offers.duplicating import free_slug
from django_ppx.offers.models import (
    Offer,
    OfferVariant,
    OfferVariantText,
    Placement,
    default_placements,
)
from django_ppx.offers.pictures import clean_picture

TEXT_FIELDS = ("headline", "text", "button", "image", "image_alt")

if TYPE_CHECKING:
    _OfferForm = forms.ModelForm[Offer]
    _VariantForm = forms.ModelForm[OfferVariant]
else:
    _OfferForm = forms.ModelForm
    _VariantForm = forms.ModelForm


class OfferForm(_OfferForm):
    """The part that every kind shares. A kind's own form inherits it."""

    placements = forms.MultipleChoiceField(
        label=_("Where"),
        choices=Placement.choices,
        initial=default_placements,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one place.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
        for name in ("starts_at", "ends_at"):
            if name in self.fields:
                _name_both_inputs(self.fields[name])

    def clean_slug(self) -> str:
        """Make a short name of the name where staff leave it empty."""
        slug: str = self.cleaned_data["slug"]
        return slug or free_slug(self.cleaned_data.get("name", ""))


def _name_both_inputs(field: forms.Field) -> None:
    """Give the date and the time input of Django's split widget a name each: its own labels belong to neither."""
    if isinstance(field.widget, forms.MultiWidget):
        for part, words in zip(field.widget.widgets, (_("Date:"), _("Time:")), strict=True):
            part.attrs["aria-label"] = format_lazy("{} – {}", field.label or "", words)


@dataclass(frozen=True, kw_only=True, slots=True)
class LanguageFields:
    """The fields of one language, for the template that draws the tabs."""

    code: str
    name: str
    is_rtl: bool
    is_default: bool
    fields: tuple[BoundField, ...]
    has_errors: bool
    is_filled: bool


class OfferVariantForm(_VariantForm):
    """One variant with its texts. Use `variant_form_class()`, which adds the fields of the shop's languages."""

    languages: tuple[tuple[str, str | Promise], ...] = ()

    class Meta:
        model = OfferVariant
        fields = ("label", "design", "weight")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._texts: dict[str, OfferVariantText] = {}
        if self.instance.pk:
            self._texts = {text.language: text for text in self.instance.texts.all()}
        for language, text in self._texts.items():
            for field in TEXT_FIELDS:
                self.initial[text_field_name(language, field)] = getattr(text, field)

    def has_headline(self, language: str) -> bool:
        """Return whether a cleaned form has a headline in `language`."""
        return bool(self.cleaned_data.get(text_field_name(language, "headline")))

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for code, _name in self.languages:
            filled = [field for field in TEXT_FIELDS if data.get(text_field_name(code, field))]
            name = text_field_name(code, "headline")
            if filled and "headline" not in filled and name not in self.errors:
                self.add_error(name, _("Give this text a headline, or empty the other fields too."))
            self._clean_image(code, data)
            if data.get(text_field_name(code, "image")) and not data.get(
                text_field_name(code, "image_alt")
            ):
                self.add_error(
                    text_field_name(code, "image_alt"),
                    _("Say in a few words what the picture shows."),
                )
        return data

    def _clean_image(self, code: str, data: dict[str, Any]) -> None:
        name = text_field_name(code, "image")
        image = data.get(name)
        if isinstance(image, UploadedFile):
            try:
                data[name] = clean_picture(image, size=image.size or 0)
            except forms.ValidationError as error:
                self.add_error(name, error)

    def typed_texts(self) -> dict[str, dict[str, Any]]:
        """Return the texts of a cleaned form by language, those without a headline left out."""
        data = self.cleaned_data
        return {
            code: {field: data.get(text_field_name(code, field)) or "" for field in TEXT_FIELDS}
            for code, _name in self.languages
            if data.get(text_field_name(code, "headline"))
        }

    def stored_picture_size(self, language: str) -> tuple[int | None, int | None]:
        """Return width and height of the picture that is stored for a language."""
        row = self._texts.get(language)
        return (row.image_width, row.image_height) if row is not None else (None, None)

    def language_fields(self) -> Iterator[LanguageFields]:
        """Yield the fields of each language, the default language first."""
        for code, name in self.languages:
            bound = tuple(self[text_field_name(code, field)] for field in TEXT_FIELDS)
            yield LanguageFields(
                code=code,
                name=str(name),
                is_rtl=_is_rtl(code),
                is_default=code == default_language(),
                fields=bound,
                has_errors=any(field.errors for field in bound),
                is_filled=bool(bound[0].value()),
            )

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc]
        typed = self.typed_texts()
        for code, values in typed.items():
            row = self._texts.get(code) or OfferVariantText(variant=self.instance, language=code)
            for field, value in values.items():
                # A picture that is set is opened to be measured: one that stays need not be fetched for that.
                if field != "image" or value != row.image:
                    setattr(row, field, value)
            row.variant = self.instance
            row.save()
        for code, row in self._texts.items():
            # A text in a language that the shop no longer has is kept: the language may come back.
            if code not in typed and code in dict(self.languages):
                row.delete()


def text_field_name(language: str, field: str) -> str:
    """Return the name under which the form keeps a text's field: `text_pt_br_headline`."""
    return f"text_{language.lower().replace('-', '_')}_{field}"


def default_language() -> str:
    """Return the code in `LANGUAGES` that the shop's texts fall back to."""
    codes = [code.lower() for code, _name in settings.LANGUAGES]
    wanted = settings.LANGUAGE_CODE.lower()
    for candidate in (wanted, wanted.split("-")[0]):
        if candidate in codes:
            return candidate
    return codes[0]


def form_languages() -> tuple[tuple[str, str | Promise], ...]:
    """Return (code, name) of every language of the shop, the default one first, codes in lower case."""
    default = default_language()
    languages = [(code.lower(), name) for code, name in settings.LANGUAGES]
    return tuple(sorted(languages, key=lambda language: language[0] != default))


def variant_form_class() -> type[OfferVariantForm]:
    """Return the form of a variant with the fields of every language in `LANGUAGES`."""
    languages = form_languages()
    fields: dict[str, Any] = {"languages": languages}
    for code, _name in languages:
        for field, made in _text_fields(code).items():
            fields[text_field_name(code, field)] = made
    return type("OfferVariantForm", (OfferVariantForm,), fields)


def starter_initial(texts: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return a kind's first wordings as initial values of the variant form."""
    codes = {code for code, _name in form_languages()}
    initial: dict[str, str] = {}
    for code in codes:
        wording = texts.get(code) or texts.get(code.split("-")[0]) or {}
        for field, value in wording.items():
            if field in TEXT_FIELDS:
                initial[text_field_name(code, field)] = str(value)
    return initial


def _text_fields(code: str) -> Mapping[str, forms.Field]:
    """Return fresh form fields for one language, with the limits of the model's columns."""
    attributes = {"lang": code, "dir": "rtl" if _is_rtl(code) else "ltr"}
    made: dict[str, forms.Field] = {}
    for name in TEXT_FIELDS:
        column = cast("Field[Any, Any]", OfferVariantText._meta.get_field(name))
        field = cast("forms.Field", column.formfield(required=False))
        if name != "image":
            field.widget.attrs.update(attributes)
        made[name] = field
    made["headline"].widget.attrs["class"] = "vTextField"
    made["button"].widget.attrs["class"] = "vTextField"
    made["image_alt"].widget.attrs["class"] = "vTextField"
    made["text"].widget = forms.Textarea(
        attrs={**attributes, "rows": 3, "class": "vLargeTextField"}
    )
    return made


def _is_rtl(code: str) -> bool:
    try:
        return bool(get_language_info(code)["bidi"])
    except KeyError:
        return False
