"""Numbers and days as orders have them."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from django_ppx.api.documenting import described_field
from django_ppx.api.fields import AmountField

_NUMBER: Final = re.compile(r"-?\d{1,15}(\.\d{1,12})?", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@described_field(
    {"type": "string", "pattern": r"^-?[0-9]{1,15}(\.[0-9]{1,12})?$", "example": "0.5"}
)
class NumberField(AmountField):
    """A number that is no amount, as text: "0.5"."""

    default_error_messages = {"invalid": _("A number is text such as “0.5”.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(may_be_negative=True, **kwargs)

    def to_internal_value(self, data: Any) -> Decimal:
        if not isinstance(data, str) or not _NUMBER.fullmatch(data):
            self.fail("invalid")
        return Decimal(data)


class DayField(serializers.DateField):
    """A day: "1990-12-31"."""

    default_error_messages = {"invalid": _("A day is text such as “1990-12-31”.")}

    def to_internal_value(self, value: Any) -> date:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            self.fail("invalid")
        found: date = super().to_internal_value(value)
        if found.year < 1800:
            self.fail("invalid")
        return found
