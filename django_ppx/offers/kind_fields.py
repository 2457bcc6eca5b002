"""The columns that a kind adds to offers, for programs: what they are called, of which type, and how JSON becomes what
the kind's form reads. Known from the kind's model and form alone, so that a host's kind needs nothing more.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Final, cast

from django import forms
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive

from django_ppx.offers.faults import Fault, FaultReason, pointer_part
from django_ppx.offers.forms import OfferForm
from django_ppx.offers.kinds import KindRows, OfferKind
from django_ppx.offers.models import Offer

COMMON_FIELDS: Final = (
    "name",
    "slug",
    "status",
    "starts_at",
    "ends_at",
    "priority",
    "placements",
    "audience",
    "page_behaviour",
    "is_dismissible",
    "hide_when_done",
    "cap_count",
    "cap_days",
)
"""What every offer has and staff write."""

MOST_VALUES: Final = 100
_LARGEST: Final = 2**63 - 1
_NULLABLE: Final = frozenset(
    {
        "reference",
        "date",
        "time",
        "instant",
        "duration",
        "whole_number",
        "number",
        "decimal",
        "json",
    }
)


def own_columns(kind: OfferKind) -> list[models.Field[Any, Any]]:
    """Return the columns and relations to many of the kind's child table that staff write."""
    opts = kind.model._meta
    shared = {field.name for field in (*Offer._meta.concrete_fields, *Offer._meta.many_to_many)}
    found = cast("Sequence[models.Field[Any, Any]]", (*opts.concrete_fields, *opts.many_to_many))
    return [
        field
        for field in found
        if field.editable
        and field.name not in shared
        and not getattr(field.remote_field, "parent_link", False)
    ]


@cache
def form_class(kind: OfferKind) -> type[forms.ModelForm[Any]]:
    """Return the form with all columns of an offer of this kind. Its checks are those of the kind's admin."""
    names = [*COMMON_FIELDS, *(field.name for field in own_columns(kind))]
    return forms.modelform_factory(kind.model, form=kind.form or OfferForm, fields=names)


def own_fields(kind: OfferKind) -> dict[str, forms.Field]:
    """Return the form fields of the kind's own columns by name."""
    fields = form_class(kind).base_fields
    return {
        column.name: fields[column.name] for column in own_columns(kind) if column.name in fields
    }


def row_fields(rows: KindRows) -> dict[str, forms.Field]:
    """Return the form fields of one of the kind's further tables by name."""
    return dict(rows.form().fields)


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldDescription:
    """One column, for who builds a form. `refers_to` is the label of the model that a reference leads to."""

    name: str
    label: str
    help_text: str
    type: str
    is_required: bool
    may_be_null: bool
    is_read_only: bool
    choices: tuple[tuple[str, str], ...] = ()
    refers_to: str = ""
    max_length: int | None = None
    fields: tuple[FieldDescription, ...] = ()


def describe_kind(kind: OfferKind) -> tuple[FieldDescription, ...]:
    """Return what stands in the `settings` of an offer of this kind."""
    own = [_described(name, field) for name, field in own_fields(kind).items()]
    return (*own, *(_described_rows(rows) for rows in kind.rows))


def _described(name: str, field: forms.Field) -> FieldDescription:
    type_name = field_type(field)
    has_choices = type_name in {"choice", "choices"}
    queryset = getattr(field, "queryset", None)
    return FieldDescription(
        name=name,
        label=str(field.label or name),
        help_text=str(field.help_text),
        type=type_name,
        is_required=field.required and field.initial is None,
        may_be_null=_may_be_null(field),
        is_read_only=type_name == "file",
        choices=tuple(_choices(cast("forms.ChoiceField", field))) if has_choices else (),
        refers_to=queryset.model._meta.label if queryset is not None else "",
        max_length=getattr(field, "max_length", None),
    )


def _described_rows(rows: KindRows) -> FieldDescription:
    opts = rows.model._meta
    return FieldDescription(
        name=rows.name,
        label=str(opts.verbose_name_plural),
        help_text="",
        type="rows",
        is_required=False,
        may_be_null=False,
        is_read_only=False,
        fields=tuple(_described(name, field) for name, field in row_fields(rows).items()),
    )


def _choices(field: forms.ChoiceField) -> Iterator[tuple[str, str]]:
    for value, label in cast("Sequence[tuple[Any, Any]]", field.choices):
        if isinstance(label, list | tuple):
            yield from ((str(inner), str(words)) for inner, words in label)
        elif value not in ("", None):
            yield str(value), str(label)


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | Decimal)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_key(value: Any) -> bool:
    return _is_whole(value) or _is_text(value)


def _is_list_of(each: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(map(each, value))


_TYPES: Final[tuple[tuple[type[forms.Field], str, Callable[[Any], bool]], ...]] = (
    # The first that fits: Django's decimals and floats are whole numbers by class.
    (forms.FileField, "file", lambda value: False),
    (forms.ModelMultipleChoiceField, "references", _is_list_of(_is_key)),
    (forms.ModelChoiceField, "reference", _is_key),
    (forms.MultipleChoiceField, "choices", _is_list_of(_is_scalar)),
    (forms.ChoiceField, "choice", _is_scalar),
    (forms.BooleanField, "flag", lambda value: isinstance(value, bool)),
    (forms.DecimalField, "decimal", _is_text),
    (forms.FloatField, "number", lambda value: _is_whole(value) or isinstance(value, Decimal)),
    (forms.IntegerField, "whole_number", _is_whole),
    (forms.DateTimeField, "instant", _is_text),
    (forms.DateField, "date", _is_text),
    (forms.TimeField, "time", _is_text),
    (forms.DurationField, "duration", _is_text),
    (forms.JSONField, "json", lambda value: True),
    (forms.CharField, "text", _is_text),
    (forms.Field, "other", lambda value: _is_scalar(value) or _is_list_of(_is_scalar)(value)),
)


def field_type(field: forms.Field) -> str:
    """Return what kind of JSON a form field takes, in one word."""
    return _type_of(field)[0]


def _type_of(field: forms.Field) -> tuple[str, Callable[[Any], bool]]:
    return next((name, fits) for found, name, fits in _TYPES if isinstance(field, found))


def _may_be_null(field: forms.Field) -> bool:
    is_open = isinstance(field, forms.NullBooleanField) or field_type(field) in _NULLABLE
    has_null = getattr(field, "empty_value", "") is None
    return (is_open or has_null) and not field.required


def as_form_data(
    fields: Mapping[str, forms.Field], values: Mapping[str, Any], *, pointer: str
) -> tuple[dict[str, Any], list[Fault]]:
    """Return JSON values as the fields of a form read them, and what is wrong with them already.

    What a form would read generously (a number in quotes, a list as its text) is a fault here. Files are left out.
    """
    data: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, value in values.items():
        at = f"{pointer}/{pointer_part(name)}"
        if name not in fields:
            faults.append(Fault.of(at, FaultReason.UNKNOWN_FIELD))
            continue
        reason = _misfit(fields[name], value)
        if reason is not None:
            faults.append(Fault.of(at, reason))
            continue
        converted = _converted(fields[name], value)
        if converted is None:
            faults.append(Fault.of(at, FaultReason.WRONG_TYPE))
        else:
            data[name] = converted
    return data, faults


def stored_form_data(
    fields: Mapping[str, forms.Field], values: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what is stored as the fields of a form read it: where it stays, it is sent once more, as by staff."""
    data, _faults = as_form_data(fields, values, pointer="")
    for name, value in values.items():
        if name in fields and name not in data and field_type(fields[name]) != "file":
            data[name] = fields[name].prepare_value(value)
    return data


def _misfit(field: forms.Field, value: Any) -> FaultReason | None:
    type_name, fits = _type_of(field)
    if type_name == "file":
        return FaultReason.READ_ONLY
    if value is None:
        return None if _may_be_null(field) else FaultReason.NULL
    if not fits(value):
        return FaultReason.WRONG_TYPE
    values = value if isinstance(value, list) else [value]
    if type_name != "json" and len(values) > MOST_VALUES:
        return FaultReason.TOO_MANY
    if any(_is_whole(each) and abs(each) > _LARGEST for each in values):
        return FaultReason.TOO_LARGE
    return None


def _converted(field: forms.Field, value: Any) -> Any:
    """Return `value` for the form; None where it can't be read at all."""
    type_name = field_type(field)
    if type_name == "json":
        return json.dumps(value, default=_json_number)
    if value is None:
        return ""
    if type_name == "instant":
        return _instant(value)
    if isinstance(value, Decimal):
        return str(value)
    return value


def _json_number(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else DjangoJSONEncoder().default(value)


def _instant(text: str) -> Any:
    try:
        found = parse_datetime(text) if len(text) <= 40 else None
    except ValueError:
        return None
    return None if found is None or is_naive(found) or not 1970 <= found.year <= 9000 else found
