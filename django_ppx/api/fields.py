"""The types of which bodies and queries are made. Each takes one JSON type: a number in quotes is no number.

Every serializer of the API is a `StrictSerializer`: a name that it does not know is an error, not a silence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from django_ppx.api.documenting import described_field

_DIGITS: Final = re.compile(r"-?[0-9]{1,19}")
_LARGEST: Final = 2**63 - 1
"""What fits into the widest column of whole numbers."""
_AMOUNT: Final = re.compile(r"-?\d{1,15}(\.\d{1,6})?")


class StrictSerializer(serializers.Serializer):
    """Refuses names that it does not know, and values that are no object."""

    is_strict = True

    def to_internal_value(self, data: Any) -> Any:
        errors: dict[str, Any] = {}
        if isinstance(data, Mapping):
            known = {name for name, field in self.fields.items() if not field.read_only}
            unknown = [name for name in data if name not in known]
            sentence = _("There is no field of this name.")
            errors = {
                str(name): [ErrorDetail(str(sentence), code="unknown_field")]
                for name in unknown[:20]
            }
        try:
            value = super().to_internal_value(data)
        except ValidationError as error:
            if errors and isinstance(error.detail, dict):
                raise ValidationError({**error.detail, **errors}) from None
            raise
        if errors:
            raise ValidationError(errors)
        return value


class TextField(serializers.CharField):
    """Text; nothing else becomes text."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class WholeNumberField(serializers.IntegerField):
    """A whole number. In a query, where everything is text, digits."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": -_LARGEST, "max_value": _LARGEST, **kwargs})

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, str):
            in_query = isinstance(self.root, QuerySerializer)
            is_number = in_query and _DIGITS.fullmatch(data) is not None
        else:
            is_number = isinstance(data, int) and not isinstance(data, bool)
        if not is_number:
            self.fail("invalid")
        return int(super().to_internal_value(data))


class FlagField(serializers.BooleanField):
    """true or false. In a query, those words."""

    def to_internal_value(self, data: Any) -> bool:
        if isinstance(self.root, QuerySerializer) and data in ("true", "false"):
            return bool(data == "true")
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return bool(data)


@described_field(
    {"type": "string", "pattern": r"^-?[0-9]{1,15}(\.[0-9]{1,6})?$", "example": "12.50"}
)
class AmountField(serializers.Field):
    """An amount of money in major units, as text: "12.50". Never a JSON number: many readers round it."""

    default_error_messages = {
        "invalid": _("An amount is text such as “12.50”."),
        "negative": _("An amount is zero or more."),
    }

    def __init__(self, *, may_be_negative: bool = False, **kwargs: Any) -> None:
        self.may_be_negative = may_be_negative
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Decimal:
        if not isinstance(data, str) or not _AMOUNT.fullmatch(data) or not data.isascii():
            self.fail("invalid")
        try:
            amount = Decimal(data)
        except InvalidOperation:
            self.fail("invalid")
        if amount < 0 and not self.may_be_negative:
            self.fail("negative")
        return amount

    def to_representation(self, value: Decimal) -> str:
        return f"{value:f}"


@described_field({"type": "string", "format": "date-time", "example": "2026-03-31T12:00:00+02:00"})
class InstantField(serializers.Field):
    """An instant as ISO 8601 with an offset: "2026-03-31T12:00:00+02:00"."""

    default_error_messages = {
        "invalid": _("A time is text such as “2026-03-31T12:00:00+02:00”, with an offset.")
    }

    def to_internal_value(self, data: Any) -> datetime:
        found: datetime | None = None
        if isinstance(data, str) and len(data) <= 40:
            try:
                found = parse_datetime(data)
            except ValueError:
                found = None
        if found is None or is_naive(found) or not 1970 <= found.year <= 9000:
            self.fail("invalid")
        assert found is not None  # noqa: S101 - for the type checker; fail() raises
        return found

    def to_representation(self, value: datetime) -> str:
        return value.isoformat()


class ChoiceField(serializers.ChoiceField):
    """One of some words."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


class NothingSerializer(StrictSerializer):
    """An empty body: the address says it all."""


class QuerySerializer(StrictSerializer):
    """What may stand behind the "?" of an address. Each name once."""
