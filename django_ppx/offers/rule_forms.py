"""The form of one audience rule: a trait, a comparison that the trait knows, and a value that its type can read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_ppx.offers.models import AudienceRule
from django_ppx.offers.traits import load_traits

if TYPE_CHECKING:
    _RuleForm = forms.ModelForm[AudienceRule]
else:
    _RuleForm = forms.ModelForm


class AudienceRuleForm(_RuleForm):
    """Checks a rule through the trait's own type, so that what is saved can be decided."""

    trait = forms.ChoiceField(label=_("Trait"))
    operator = forms.ChoiceField(label=_("Comparison"))
    value = forms.CharField(
        label=_("Value"),
        required=False,
        max_length=2000,
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )

    class Meta:
        model = AudienceRule
        fields = ("group", "trait", "operator", "value")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        trait, operator = self.fields["trait"], self.fields["operator"]
        if isinstance(trait, forms.ChoiceField) and isinstance(operator, forms.ChoiceField):
            trait.choices = trait_choices(self.instance.trait)
            operator.choices = operator_choices()
        if self.instance.pk:
            self.initial["value"] = value_as_text(self.instance.value)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        trait = load_traits().get(data.get("trait", ""))
        if "trait" in data and trait is None:
            self.add_error("trait", _("This trait is not known in this shop any more."))
        if trait is None or "operator" not in data:
            return data
        try:
            data["value"] = trait.type.clean(data["operator"], data.get("value") or None)
        except forms.ValidationError as error:
            self.add_error("operator" if error.code == "operator" else "value", error)
        return data


def trait_choices(stored: str = "") -> list[tuple[str, Any]]:
    """Return the traits under their groups; `stored` too, where the shop no longer knows it."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for trait in load_traits().values():
        groups.setdefault(str(trait.group), []).append((trait.name, str(trait.label)))
    choices: list[tuple[str, Any]] = [("", "---------"), *groups.items()]
    if stored and stored not in load_traits():
        choices.append((gettext("No longer known"), [(stored, stored)]))
    return choices


def operator_choices() -> list[tuple[str, str]]:
    """Return every comparison of every type once; the trait decides which of them it knows."""
    found: dict[str, str] = {}
    for trait in load_traits().values():
        for name, operator in trait.type.operators.items():
            found.setdefault(name, str(operator.label))
    return [("", "---------"), *found.items()]


def traits_for_script() -> dict[str, Any]:
    """Return what the page's script needs to offer only what fits the chosen trait."""
    return {
        trait.name: {
            "type": trait.type.name,
            "hint": str(trait.type.hint),
            "operators": {
                name: {"label": str(operator.label), "needsValue": operator.needs_value}
                for name, operator in trait.type.operators.items()
            },
        }
        for trait in load_traits().values()
    }


def value_as_text(value: Any) -> str:
    """Return a stored value as staff type it: "50 EUR", "DE, AT", "3"."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return " ".join(str(part) for part in value.values())
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    return str(value)
