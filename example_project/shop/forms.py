"""What shoppers type."""

from __future__ import annotations

from babel import Locale
from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import AuthenticationForm, BaseUserCreationForm
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from .models import Order

COUNTRIES = ("AT", "BE", "CH", "DE", "DK", "ES", "FR", "GB", "IT", "NL", "SE", "US")


def country_choices() -> list[tuple[str, str]]:
    names = Locale.parse(get_language() or "en", sep="-").territories
    return sorted(((code, names[code]) for code in COUNTRIES), key=lambda pair: pair[1])


class CheckoutForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput({"autocomplete": "email"})
    )
    first_name = forms.CharField(
        label=_("First name"), max_length=80, widget=forms.TextInput({"autocomplete": "given-name"})
    )
    last_name = forms.CharField(
        label=_("Last name"), max_length=80, widget=forms.TextInput({"autocomplete": "family-name"})
    )
    street = forms.CharField(
        label=_("Street and number"),
        max_length=150,
        widget=forms.TextInput({"autocomplete": "street-address"}),
    )
    postcode = forms.CharField(
        label=_("Postcode"), max_length=20, widget=forms.TextInput({"autocomplete": "postal-code"})
    )
    city = forms.CharField(
        label=_("City"), max_length=100, widget=forms.TextInput({"autocomplete": "address-level2"})
    )
    country = forms.ChoiceField(
        label=_("Country"),
        choices=country_choices,
        initial="DE",
        widget=forms.Select({"autocomplete": "country"}),
    )
    phone = forms.CharField(
        label=_("Phone (optional)"),
        max_length=40,
        required=False,
        help_text=_("Only for questions about the delivery."),
        widget=forms.TextInput({"autocomplete": "tel", "type": "tel"}),
    )


class FindOrderForm(forms.Form):
    number = forms.IntegerField(
        label=_("Order number"), min_value=1, widget=forms.TextInput({"inputmode": "numeric"})
    )
    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput({"autocomplete": "email"})
    )

    def clean(self) -> None:
        number, email = self.cleaned_data.get("number"), self.cleaned_data.get("email")
        if number is None or not email:
            return
        order = Order.objects.filter(email__iexact=email).by_number(number)
        if order is None:
            # One sentence for both cases: nobody learns here which order numbers exist.
            raise forms.ValidationError(
                _("We find no order with this number and address."), code="unknown"
            )
        self.order = order


class LogInForm(AuthenticationForm):
    """The e-mail address is the name of the account."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("E-mail address")
        self.fields["username"].widget.attrs["autofocus"] = False

    def clean_username(self) -> str:
        return self.cleaned_data["username"].strip().lower()


class SignUpForm(BaseUserCreationForm):
    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput({"autocomplete": "username"})
    )

    class Meta:
        model = get_user_model()
        fields = ["first_name", "last_name", "email"]
        widgets = {
            "first_name": forms.TextInput({"autocomplete": "given-name"}),
            "last_name": forms.TextInput({"autocomplete": "family-name"}),
        }

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].lower()
        if get_user_model().objects.filter(username=email).exists():
            raise forms.ValidationError(_("There is an account with this address already."))
        return email

    def save(self, commit: bool = True) -> object:
        self.instance.username = self.cleaned_data["email"]
        return super().save(commit=commit)
