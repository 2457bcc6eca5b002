"""The form in which a customer says what the pictures show and what the shop may do with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from django_ppx.ugc.inviting import Invitation
from django_ppx.ugc.posts import MAX_LENGTH, normalise_post
from django_ppx.ugc.refusals import PostRefused, SubmissionRefused
from django_ppx.ugc.submitting import Sending

Reason: Final = SubmissionRefused.Reason
FIELD_OF: Final[Mapping[str, str]] = {
    Reason.NO_LICENCE: "has_agreed",
    Reason.LICENCE_CHANGED: "has_agreed",
    Reason.TOO_YOUNG: "is_old_enough",
    Reason.PEOPLE: "people_agreed",
    Reason.UNKNOWN_PRODUCT: "product_sku",
}
"""Where a refusal is shown; the others stand above the form."""


class PostField(forms.CharField):
    """The address of a post, as it was typed; whether it is one is said here already."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(
            attrs={
                "inputmode": "url",
                "autocomplete": "off",
                "autocapitalize": "none",
                "spellcheck": "false",
                "dir": "ltr",
                "placeholder": "https://",
            }
        )
        super().__init__(required=False, max_length=MAX_LENGTH, widget=widget, **options)

    def clean(self, value: Any) -> str:
        typed = str(super().clean(value))
        if typed:
            try:
                normalise_post(typed)
            except PostRefused as refused:
                raise forms.ValidationError(str(refused), code=str(refused.reason)) from refused
        return typed


class SubmissionForm(forms.Form):
    """Caption, product, links and boxes. No box is ever ticked beforehand."""

    caption = forms.CharField(
        label=_("Your words"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self,
        invitation: Invitation,
        data: Mapping[str, Any] | None = None,
        *,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}), label_suffix="")
        offer = invitation.ugc_offer
        if invitation.products:
            choices = [(product.sku, product.title) for product in invitation.products]
            self.fields["product_sku"] = forms.ChoiceField(
                label=_("Which product?"),
                required=False,
                choices=[*choices, ("", _("Several, or none of them"))],
                widget=forms.RadioSelect,
                error_messages={"invalid_choice": Reason.UNKNOWN_PRODUCT.label},
            )
        self.post_names = [f"post_{number}" for number in range(1, offer.max_posts + 1)]
        for number, name in enumerate(self.post_names, start=1):
            label = _("Link to your post") if offer.max_posts == 1 else _("Link %(number)d")
            self.fields[name] = PostField(label=label % {"number": number})
        self.fields["has_agreed"] = _box(invitation.licence.summary, Reason.NO_LICENCE)
        if offer.minimum_age:
            age = _("I am at least %(age)d years old.") % {"age": offer.minimum_age}
            self.fields["is_old_enough"] = _box(age, Reason.TOO_YOUNG)
        if offer.asks_people_agreed:
            agreed = _("Everybody who can be recognised agreed to being shown.")
            self.fields["people_agreed"] = _box(agreed, Reason.PEOPLE)
        for name in self.fields:
            self.fields[name].widget.attrs.setdefault("class", "ppx-ugc__input")

    def posts(self) -> list[forms.BoundField]:
        return [self[name] for name in self.post_names]

    def boxes(self) -> list[forms.BoundField]:
        names = ("has_agreed", "is_old_enough", "people_agreed")
        return [self[name] for name in names if name in self.fields]

    def sending(self, *, page: str, licence_mark: str) -> Sending:
        """Return what the form says, of the page that showed this licence. After `is_valid`."""
        said = self.cleaned_data
        return Sending(
            page=page,
            licence_mark=licence_mark,
            caption=said["caption"],
            product_sku=said.get("product_sku", ""),
            posts=tuple(said[name] for name in self.post_names),
            has_agreed=said["has_agreed"],
            is_old_enough=said.get("is_old_enough", False),
            people_agreed=said.get("people_agreed", False),
        )

    def refuse(self, refused: SubmissionRefused) -> None:
        """Show why it was not taken, at its field where there is one."""
        field = FIELD_OF.get(str(refused.reason))
        self.add_error(field if field in self.fields else None, str(refused))


def _box(label: Any, reason: SubmissionRefused.Reason) -> forms.BooleanField:
    return forms.BooleanField(label=label, error_messages={"required": reason.label})
