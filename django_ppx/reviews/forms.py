"""The forms in which staff write review platforms and review requests. They hold the rules of GUARD 7."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from babel import Locale
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from django_ppx.offers.forms import OfferForm
from django_ppx.offers.models import Offer
from django_ppx.reviews.guarding import audience_problems, looser_than_known, mixing_problems
from django_ppx.reviews.models import ReviewPlatform
from django_ppx.reviews.url_templates import PLACEHOLDERS, Problem, find_problem, unfinished_part

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    _PlatformBase = forms.ModelForm[ReviewPlatform]
else:
    _PlatformBase = forms.ModelForm

ICONS: Final = (
    ("star", _("Star")),
    ("facebook", "Facebook"),
    ("heart", _("Heart")),
    ("message", _("Speech bubble")),
    ("link", _("Link")),
)

_NO_COUNTRIES: Final = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})
"""Groups of countries and codes for tests, which CLDR names as well."""

_KNOWN: Final = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)

ADDRESS_PROBLEMS: Final[dict[Problem, _StrOrPromise]] = {
    Problem.SCHEME: _("The address starts with https:// or http://."),
    Problem.HOST: _("The address names no site."),
    Problem.LOGIN: _("The address must not contain a login."),
    Problem.CHARACTERS: _("The address contains spaces or characters that an address can't have."),
    Problem.UNKNOWN_PLACEHOLDER: _("Nothing fills one of the placeholders. You can use %(known)s."),
    Problem.STRAY_BRACE: _("A brace is left over. Placeholders are %(known)s."),
    Problem.PLACEHOLDER_IN_HOST: _(
        "The name of the site must not change: use placeholders after it only."
    ),
}


@lru_cache(maxsize=1)
def known_countries() -> frozenset[str]:
    """Return every two-letter code that CLDR has the name of a country for."""
    codes = map(str, Locale("en").territories)
    return frozenset(code for code in codes if re.fullmatch(r"[A-Z]{2}", code)) - _NO_COUNTRIES


class CountriesField(forms.CharField):
    """Two-letter codes separated by commas or spaces: "de, AT" is ["AT", "DE"]."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value)
        codes = sorted({code.upper() for code in re.split(r"[\s,;]+", text) if code})
        unknown = [code for code in codes if code not in known_countries()]
        if unknown:
            raise ValidationError(
                _("No country: %(codes)s. Use two-letter codes, such as DE."),
                code="country_unknown",
                params={"codes": ", ".join(unknown)},
            )
        return codes


class ReviewPlatformForm(_PlatformBase):
    """One platform. It may be stricter than the rules that are known of its site, never looser."""

    countries = CountriesField(
        label=_("Countries"),
        required=False,
        help_text=_("Two-letter codes, such as DE, AT. Empty: everywhere."),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    icon = forms.ChoiceField(label=_("Icon"), choices=ICONS, required=False, initial="star")

    class Meta:
        model = ReviewPlatform
        fields = (
            "name",
            "slug",
            "icon",
            "url_template",
            "countries",
            "asking",
            "allows_reward",
            "requires_all_customers",
            "rules_source",
            "rules_checked_date",
            "priority",
            "is_active",
        )
        widgets = {
            name: forms.TextInput(attrs={"class": "vURLField"})
            for name in ("url_template", "rules_source")
        }

    def clean_url_template(self) -> str:
        template: str = self.cleaned_data["url_template"]
        problem = find_problem(template)
        if problem is not None:
            raise ValidationError(
                ADDRESS_PROBLEMS[problem], code=problem.value, params={"known": _KNOWN}
            )
        return template

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        template = data.get("url_template")
        if not template:
            return data
        problems = looser_than_known(
            url_template=template,
            asking=data.get("asking", ""),
            allows_reward=bool(data.get("allows_reward")),
            requires_all_customers=bool(data.get("requires_all_customers")),
        )
        for name, sentence in problems.items():
            self.add_error(name, ValidationError(sentence, code="looser_than_known"))
        unfinished = unfinished_part(template)
        if unfinished and data.get("is_active"):
            self.add_error(
                "url_template",
                ValidationError(
                    _("Put your own in the place of %(part)s before you switch the platform on."),
                    code="unfinished",
                    params={"part": unfinished},
                ),
            )
        return data


class ReviewRequestForm(OfferForm):
    """A request that obeys the rules of every platform it names, also while it is a draft."""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        platforms = list(data.get("platforms") or ())
        if not platforms:
            return data
        for sentence in mixing_problems(platforms):
            self.add_error("platforms", ValidationError(sentence, code="badge_mixed"))
        for sentence in audience_problems(platforms, data.get("audience")):
            self.add_error("audience", ValidationError(sentence, code="audience_selects"))
        is_active = data.get("status") == Offer.Status.ACTIVE
        if is_active and not any(platform.is_active for platform in platforms):
            self.add_error("platforms", _("Choose at least one platform that is switched on."))
        return data
