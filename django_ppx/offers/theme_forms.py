"""The form of a theme: its colours are measured before it is saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.db.models import Field
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_ppx.offers.models import Theme
from django_ppx.offers.themes import (
    ColorFault,
    Palette,
    color_faults,
    dark_palette,
    light_palette,
)
from django_ppx.offers.validators import validate_color

if TYPE_CHECKING:
    _ThemeForm = forms.ModelForm[Theme]
else:
    _ThemeForm = forms.ModelForm

LIGHT_COLORS = ("accent", "surface", "text")
DARK_COLORS = ("dark_accent", "dark_surface", "dark_text")


class ThemeForm(_ThemeForm):
    """Refuses colours that people could not read, and says which would do."""

    class Meta:
        model = Theme
        fields = (
            "name",
            *LIGHT_COLORS,
            "has_dark_scheme",
            *DARK_COLORS,
            "radius",
            "spacing",
            "font",
        )
        help_texts = {
            "has_dark_scheme": _("Used where the page of your shop is dark. Off: always light."),
            "accent": _("Buttons and tickets. What stands on it is black or white by itself."),
            "dark_accent": _("Buttons and tickets on a dark page."),
        }
        widgets = {name: forms.ColorInput() for name in (*LIGHT_COLORS, *DARK_COLORS)}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in (*LIGHT_COLORS, *DARK_COLORS):
            # The model checks them too, but only after `clean`, which measures them.
            self.fields[name].validators.append(validate_color)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if all(name in data for name in LIGHT_COLORS):
            light = Palette(accent=data["accent"], surface=data["surface"], text=data["text"])
            self._refuse(light, prefix="")
        if data.get("has_dark_scheme") and all(name in data for name in DARK_COLORS):
            dark = Palette(
                accent=data["dark_accent"], surface=data["dark_surface"], text=data["dark_text"]
            )
            self._refuse(dark, prefix="dark_")
        return data

    def _refuse(self, palette: Palette, *, prefix: str) -> None:
        for fault in color_faults(palette, prefix=prefix):
            self.add_error(
                fault.field, forms.ValidationError(fault_sentence(fault), code="contrast")
            )


def typed_theme(data: Mapping[str, Any]) -> Theme:
    """Return an unsaved theme of what was typed; what can't be read is left at its default."""
    theme = Theme()
    for name in ThemeForm.Meta.fields:
        column = cast("Field[Any, Any]", Theme._meta.get_field(name))
        field = cast("forms.Field", column.formfield())
        try:
            value = column.clean(field.clean(data.get(name)), theme)
        except forms.ValidationError:
            continue
        setattr(theme, name, value)
    return theme


def fault_sentence(fault: ColorFault) -> str:
    """Return a fault in words: what was measured, what is needed, which colour would do."""
    return gettext(
        "Its contrast with the surface %(against)s is %(ratio)s : 1; at least %(minimum)s : 1 is needed, "
        "or it can't be made out. The nearest that would do is %(suggestion)s."
    ) % {
        "against": fault.against,
        # Rounded down: 4.499 is not enough and must not be shown as 4.5.
        "ratio": f"{int(fault.ratio * 100) / 100:.2f}",
        "minimum": f"{fault.minimum:g}",
        "suggestion": fault.suggestion,
    }


def theme_faults(theme: Theme) -> list[tuple[str, str]]:
    """Return (label of the colour, sentence) for every colour of a theme that can't be read."""
    faults = list(color_faults(light_palette(theme)))
    if theme.has_dark_scheme:
        faults += color_faults(dark_palette(theme), prefix="dark_")
    labels = {
        name: str(cast("Field[Any, Any]", Theme._meta.get_field(name)).verbose_name)
        for name in (*LIGHT_COLORS, *DARK_COLORS)
    }
    return [(labels[fault.field], fault_sentence(fault)) for fault in faults]
