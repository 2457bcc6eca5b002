"""Audiences as plain JSON values, and writing them for programs: each rule is checked by its trait's own type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, prefetch_related_objects
from django.forms import modelform_factory

from django_ppx.core.retrying import run_retrying
from django_ppx.offers.documents import Document, version_of
from django_ppx.offers.faults import (
    Fault,
    FaultReason,
    InvalidContent,
    WritingRefused,
    form_faults,
)
from django_ppx.offers.models import Audience, AudienceRule
from django_ppx.offers.rule_forms import value_as_text
from django_ppx.offers.traits import load_traits

Reason = WritingRefused.Reason
Rule = tuple[int, str, str, Any]

LONGEST_VALUE: Final = 2000
"""Signs of a rule's value, as staff would type it."""
_SHAPES: Final[Mapping[str, tuple[type, ...]]] = {
    "number": (int, Decimal, str),
    "money": (Mapping, str),
    "text": (str,),
    "country": (list, str),
    "list": (list, str),
    "boolean": (str, int, Decimal),
    "date": (str,),
}
"""What JSON a value of each type may be; a type of the shop's own may be any of these."""


def audience_documents(audiences: Sequence[Audience]) -> list[Document]:
    """Return each audience as JSON values, in the order given."""
    prefetch_related_objects(list(audiences), "rules")
    found = [_document(audience) for audience in audiences]
    return [{**document, "version": version_of(document)} for document in found]


def audience_document(audience_id: int) -> Document:
    """Return one audience as JSON values, read anew. :raises Audience.DoesNotExist: when there is none."""
    return audience_documents([Audience.objects.get(pk=audience_id)])[0]


def create_audience(*, sent: Mapping[str, Any]) -> Document:
    """Make an audience of `name`, `description` and `groups` (lists of rules) and return its document.

    :raises InvalidContent: when some of it is not as it must be.
    :raises WritingRefused: when the name is taken.
    :raises TransactionConflict: see `run_retrying`.
    """
    return run_retrying(partial(_write, Audience(), sent))


def change_audience(
    *, audience_id: int, sent: Mapping[str, Any], version: str | None = None
) -> Document:
    """Change what is named and return the document; `groups`, if given, are all that there shall be.

    :raises Audience.DoesNotExist: when there is none.
    :raises InvalidContent: when some of it is not as it must be.
    :raises WritingRefused: when the audience is not at `version` any more, or the name is taken.
    :raises TransactionConflict: see `run_retrying`.
    """
    return run_retrying(partial(_change, audience_id, sent, version))


def delete_audience(*, audience_id: int) -> None:
    """Delete an audience.

    :raises Audience.DoesNotExist: when there is none.
    :raises WritingRefused: when offers use it.
    :raises TransactionConflict: see `run_retrying`.
    """
    run_retrying(partial(_delete, audience_id))


def _document(audience: Audience) -> Document:
    groups: dict[int, list[Document]] = {}
    for rule in audience.rules.all():
        groups.setdefault(rule.group, []).append(
            {"trait": rule.trait, "operator": rule.operator, "value": rule.value}
        )
    return {
        "id": audience.pk,
        "name": audience.name,
        "description": audience.description,
        "groups": [groups[number] for number in sorted(groups)],
    }


def _change(audience_id: int, sent: Mapping[str, Any], version: str | None) -> Document:
    audience = Audience.objects.select_for_update().get(pk=audience_id)
    if version is not None and audience_documents([audience])[0]["version"] != version:
        raise WritingRefused(Reason.CHANGED)
    return _write(Audience.objects.get(pk=audience_id), sent)


def _write(audience: Audience, sent: Mapping[str, Any]) -> Document:
    names = ("name", "description")
    data = {name: sent.get(name, getattr(audience, name)) for name in names}
    if Audience.objects.filter(name=data["name"]).exclude(pk=audience.pk).exists():
        raise WritingRefused(Reason.NAME_TAKEN)
    form = modelform_factory(Audience, fields=names)(data, instance=audience)
    faults = list(
        form_faults(form.errors.as_data(), pointers={name: f"/{name}" for name in names}, whole="")
    )
    rules = _cleaned_rules(sent.get("groups") or [], faults)
    if faults:
        raise InvalidContent(faults)
    try:
        with transaction.atomic():
            form.save()
    except IntegrityError as error:
        raise WritingRefused(Reason.NAME_TAKEN) from error
    if "groups" in sent:
        _replace_rules(audience, rules)
    return audience_document(audience.pk)


def _replace_rules(audience: Audience, wanted: Sequence[Rule]) -> None:
    stored = [(rule.group, rule.trait, rule.operator, rule.value) for rule in audience.rules.all()]
    if stored == list(wanted):
        return
    # One by one: the snapshot hears of rules by their signals.
    audience.rules.all().delete()
    for group, trait, operator, value in wanted:
        AudienceRule.objects.create(
            audience=audience, group=group, trait=trait, operator=operator, value=value
        )


def _delete(audience_id: int) -> None:
    audience = Audience.objects.select_for_update().get(pk=audience_id)
    try:
        audience.delete()
    except ProtectedError as error:
        raise WritingRefused(Reason.AUDIENCE_USED) from error


def _cleaned_rules(
    groups: Sequence[Sequence[Mapping[str, Any]]], faults: list[Fault]
) -> list[Rule]:
    """Return the rules as they are stored, and add to `faults` what is wrong with them."""
    found: list[Rule] = []
    for number, rules in enumerate(groups):
        for place, rule in enumerate(rules):
            try:
                value = _cleaned_value(rule, f"/groups/{number}/{place}")
            except InvalidContent as error:
                faults.extend(error.faults)
            else:
                found.append((number + 1, rule["trait"], rule["operator"], value))
    return found


def _cleaned_value(rule: Mapping[str, Any], at: str) -> Any:
    trait = load_traits().get(rule["trait"])
    if trait is None:
        raise InvalidContent([Fault.of(f"{at}/trait", FaultReason.UNKNOWN_CHOICE)])
    raw = rule.get("value")
    if not _is_of_shape(trait.type.name, raw) or len(value_as_text(raw)) > LONGEST_VALUE:
        raise InvalidContent([Fault.of(f"{at}/value", FaultReason.WRONG_TYPE)])
    try:
        return trait.type.clean(rule["operator"], raw)
    except ValidationError as error:
        # An error that holds several has no code of its own.
        field = "operator" if getattr(error, "code", None) == "operator" else "value"
        raise InvalidContent(list(_faults_of(error, f"{at}/{field}"))) from error
    except (TypeError, ValueError, ArithmeticError, AttributeError, LookupError) as error:
        # A type of the shop's own may have met nothing but text until now.
        raise InvalidContent([Fault.of(f"{at}/value", FaultReason.WRONG_TYPE)]) from error


def _faults_of(error: ValidationError, pointer: str) -> Iterator[Fault]:
    for detail in error.messages:
        yield Fault(
            pointer=pointer, reason=getattr(error, "code", None) or "invalid", detail=detail
        )


def _is_of_shape(type_name: str, raw: Any) -> bool:
    if raw is None:
        return True
    if isinstance(raw, bool):
        return False
    if not isinstance(raw, _SHAPES.get(type_name, (str, int, Decimal, list, Mapping))):
        return False
    parts: Any = raw.values() if isinstance(raw, Mapping) else raw if isinstance(raw, list) else ()
    return all(isinstance(each, str) for each in parts)
