"""The rows that hang on an offer, as the data of the formsets that staff fill in: its variants, and those of its kind.

A row is found by one column (a variant by its label, a text by its language). What is sent is the whole list: rows of
the same key are changed, others added, missing ones removed. What a row leaves out stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms

from django_ppx.offers.documents import row_document
from django_ppx.offers.faults import Fault, FaultReason, InvalidContent, form_faults
from django_ppx.offers.forms import (
    TEXT_FIELDS,
    form_languages,
    text_field_name,
    variant_form_class,
)
from django_ppx.offers.kind_fields import MOST_VALUES, as_form_data, row_fields, stored_form_data
from django_ppx.offers.kinds import KindRows
from django_ppx.offers.models import OfferVariant
from django_ppx.offers.variant_forms import MOST_VARIANTS, OfferVariantFormSet

WRITTEN_TEXT = tuple(name for name in TEXT_FIELDS if name != "image")


@dataclass(kw_only=True, slots=True)
class SentRows:
    """The data of one formset, and where in what was sent each of its forms came from."""

    prefix: str
    data: dict[str, Any] = field(default_factory=dict)
    pointers: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    """By form: the row's own pointer, and those of its fields."""
    stored: int = 0

    def add(self, values: Mapping[str, Any], pointer: str, pointers: Mapping[str, str]) -> None:
        number = len(self.pointers)
        self.data.update({f"{self.prefix}-{number}-{name}": each for name, each in values.items()})
        self.pointers.append((pointer, pointers))

    def form_data(self) -> dict[str, Any]:
        return {
            **self.data,
            f"{self.prefix}-TOTAL_FORMS": len(self.pointers),
            f"{self.prefix}-INITIAL_FORMS": self.stored,
        }

    def faults(
        self, formset: forms.BaseInlineFormSet[Any, Any, Any], whole: str
    ) -> Iterator[Fault]:
        """Yield what the formset complains of."""
        yield from form_faults({"": formset.non_form_errors().as_data()}, pointers={}, whole=whole)
        for form, (pointer, pointers) in zip(formset.forms, self.pointers, strict=False):
            if not formset._should_delete_form(form):  # type: ignore[attr-defined]
                yield from form_faults(form.errors.as_data(), pointers=pointers, whole=pointer)


def variant_formset(
    *, offer: Any, stored: Sequence[Mapping[str, Any]], sent: Sequence[Mapping[str, Any]]
) -> tuple[OfferVariantFormSet, SentRows]:
    """Return the bound formset of the variants as they shall be.

    `stored` are the variants of the offer's document, `sent` those of the request, of the same shape.

    :raises InvalidContent: when two have the same label, or a text is in a language that the shop does not have.
    """
    rows = SentRows(prefix="variants")
    before = {variant["label"]: variant for variant in stored}
    wanted = _by_key(sent, "label", "/variants")
    keys = _stored_keys(OfferVariant, "offer", "label", offer)
    for label, key in keys.items():
        rows.stored += 1
        if label in wanted:
            number, variant = wanted.pop(label)
            _add_variant(rows, variant, before[label], f"/variants/{number}", key)
        else:
            rows.add({"id": key, "DELETE": "on"}, "/variants", {})
    for number, variant in wanted.values():
        _add_variant(rows, variant, {"texts": []}, f"/variants/{number}", None)
    made = _formset_class(
        type(offer), OfferVariant, _written(variant_form_class()), OfferVariantFormSet, "offer"
    )
    return made(rows.form_data(), instance=offer, prefix=rows.prefix), rows


def kind_formset(
    *,
    kind_rows: KindRows,
    offer: Any,
    stored: Sequence[Mapping[str, Any]],
    sent: Sequence[Mapping[str, Any]],
) -> tuple[forms.BaseInlineFormSet[Any, Any, Any], SentRows]:
    """Return the bound formset of a kind's further rows as they shall be.

    :raises InvalidContent: when two have the same key, or a value is not of its field's type.
    """
    whole = f"/settings/{kind_rows.name}"
    rows, faults = SentRows(prefix=kind_rows.name), list[Fault]()
    fields = row_fields(kind_rows)
    key_name = str(kind_rows.model._meta.pk.name)
    before = {row[kind_rows.key]: row for row in stored}
    blank = row_document(kind_rows.model(), list(fields))
    wanted = _by_key(sent, kind_rows.key, whole)
    keys = _stored_keys(kind_rows.model, kind_rows.link, kind_rows.key, offer)
    for name, key in {**keys, **dict.fromkeys(name for name in wanted if name not in keys)}.items():
        rows.stored += key is not None
        if name not in wanted:
            rows.add({key_name: key, "DELETE": "on"}, whole, {})
            continue
        number, row = wanted[name]
        at = f"{whole}/{number}"
        kept = stored_form_data(fields, before.get(name, blank))
        values, wrong = as_form_data(fields, row, pointer=at)
        faults.extend(wrong)
        pointers = {each: f"{at}/{each}" for each in fields}
        stored_key = {key_name: key} if key is not None else {}
        rows.add({**kept, **values, **stored_key}, at, pointers)
    if faults:
        raise InvalidContent(faults)
    made = _formset_class(
        type(offer), kind_rows.model, _written(kind_rows.form), kind_rows.formset, kind_rows.link
    )
    return made(rows.form_data(), instance=offer, prefix=rows.prefix), rows


def _formset_class(parent: Any, model: Any, form: Any, formset: Any, link: str) -> Any:
    return forms.inlineformset_factory(
        parent,
        model,
        form=form,
        formset=formset,
        fk_name=link,
        extra=0,
        max_num=MOST_VARIANTS if model is OfferVariant else None,
        validate_max=True,
    )


def _written(form: type[forms.ModelForm[Any]]) -> type[forms.ModelForm[Any]]:
    """Return the form of rows that are written though they are what a new row is anyway."""

    def has_changed(self: Any) -> bool:
        return not self.instance.pk or bool(super(made, self).has_changed())

    made: Any = type(form.__name__, (form,), {"has_changed": has_changed})
    return made  # type: ignore[no-any-return]


def _stored_keys(model: Any, link: str, key: str, offer: Any) -> dict[str, Any]:
    if offer.pk is None:
        return {}
    rows: Any = model._base_manager.filter(**{link: offer.pk}).order_by("pk")
    return dict(rows.values_list(key, "pk"))


def _by_key(sent: Sequence[Any], key: str, whole: str) -> dict[str, tuple[int, Mapping[str, Any]]]:
    """Return the rows by their key, each with its place in the list."""
    found: dict[str, tuple[int, Mapping[str, Any]]] = {}
    faults: list[Fault] = []
    seen: set[str] = set()
    if len(sent) > MOST_VALUES:
        raise InvalidContent([Fault.of(whole, FaultReason.TOO_MANY)])
    for number, row in enumerate(sent):
        name = row.get(key) if isinstance(row, Mapping) else None
        if not isinstance(name, str):
            at = f"{whole}/{number}/{key}" if isinstance(row, Mapping) else f"{whole}/{number}"
            is_missing = isinstance(row, Mapping) and key not in row
            reason = FaultReason.MISSING if is_missing else FaultReason.WRONG_TYPE
            faults.append(Fault.of(at, reason))
        elif name.casefold() in seen:
            faults.append(Fault.of(f"{whole}/{number}/{key}", FaultReason.REPEATED))
        else:
            seen.add(name.casefold())
            found[name] = (number, row)
    if faults:
        raise InvalidContent(faults)
    return found


def _add_variant(
    rows: SentRows,
    sent: Mapping[str, Any],
    before: Mapping[str, Any],
    at: str,
    key: int | None,
) -> None:
    values: dict[str, Any] = {
        "label": sent["label"],
        "design": sent.get("design", before.get("design", OfferVariant.Design.CARD.value)),
        "weight": sent.get("weight", before.get("weight", 1)),
    }
    if key is not None:
        values["id"] = key
    pointers = {name: f"{at}/{name}" for name in ("label", "design", "weight")}
    texts, places = _texts(sent, before, at)
    rows.add({**values, **texts}, at, {**pointers, **places})


def _texts(
    sent: Mapping[str, Any], before: Mapping[str, Any], at: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the variant form's fields of every language, and where each of them came from."""
    stored = {text["language"]: text for text in before["texts"]}
    is_sent = "texts" in sent
    wanted = _by_key(
        [{**text, "language": text["language"].lower()} for text in sent["texts"]]
        if is_sent
        else [],
        "language",
        f"{at}/texts",
    )
    languages = [code for code, _name in form_languages()]
    unknown = [number for code, (number, _text) in wanted.items() if code not in languages]
    if unknown:
        raise InvalidContent(
            Fault.of(f"{at}/texts/{number}/language", FaultReason.UNKNOWN_LANGUAGE)
            for number in unknown
        )
    data: dict[str, Any] = {}
    pointers: dict[str, str] = {}
    for code in languages:
        number, text = wanted.get(code, (None, {}))
        is_kept = number is not None or not is_sent
        words = {**(stored.get(code, {}) if is_kept else {}), **text}
        place = f"{at}/texts" if number is None else f"{at}/texts/{number}"
        for name in TEXT_FIELDS:
            pointers[text_field_name(code, name)] = place if number is None else f"{place}/{name}"
        data.update({text_field_name(code, name): words.get(name, "") for name in WRITTEN_TEXT})
        if not is_kept:
            data[f"{text_field_name(code, 'image')}-clear"] = "on"
    return data, pointers
