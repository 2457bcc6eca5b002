"""Offers as plain JSON values: everything that staff write, with the kind's own part in `settings`.

What a program reads here it may send back: `writing` understands the same names. The number of queries depends on the
kinds among the offers, not on how many offers there are.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.core.files.storage import Storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import prefetch_related_objects
from django.db.models.fields.files import FieldFile
from django.utils.duration import duration_string

from django_ppx.offers.kind_fields import own_columns, row_fields
from django_ppx.offers.kinds import KindRows, OfferKind, load_kinds
from django_ppx.offers.models import Offer, OfferVariant, OfferVariantText

Document = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredFile:
    """A file before its address is made: addresses may be signed and differ each time, and a version must not."""

    name: str
    storage: Storage
    width: int | None = None
    height: int | None = None

    def address(self) -> dict[str, Any]:
        return {"url": self.storage.url(self.name), "width": self.width, "height": self.height}


def offer_documents(offers: Sequence[Offer]) -> list[Document]:
    """Return each offer as JSON values, in the order given. `version` changes with whatever else is in it."""
    prefetch_related_objects(list(offers), "variants__texts")
    settings = _settings(offers)
    found = [_document(offer, settings.get(offer.pk, {})) for offer in offers]
    return [resolved({**document, "version": version_of(document)}) for document in found]


def offer_document(offer: Offer) -> Document:
    """Return one offer as JSON values, read anew."""
    return offer_documents([Offer.objects.get(pk=offer.pk)])[0]


def version_of(document: Mapping[str, Any]) -> str:
    """Return what is another whenever the document is."""
    text = json.dumps(document, sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def resolved(value: Any) -> Any:
    """Return the values with the addresses of their files."""
    if isinstance(value, StoredFile):
        return value.address()
    if isinstance(value, dict):
        return {name: resolved(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [resolved(inner) for inner in value]
    return value


def _plain(value: Any) -> Any:
    return value.name if isinstance(value, StoredFile) else DjangoJSONEncoder().default(value)


def _document(offer: Offer, settings: Mapping[str, Any]) -> Document:
    return {
        "id": offer.pk,
        "slug": offer.slug,
        "name": offer.name,
        "kind": offer.kind,
        "status": offer.status,
        "starts_at": _json(offer.starts_at),
        "ends_at": _json(offer.ends_at),
        "priority": offer.priority,
        "placements": offer.placements,
        "audience": offer.audience_id,
        "page_behaviour": offer.page_behaviour,
        "is_dismissible": offer.is_dismissible,
        "hide_when_done": offer.hide_when_done,
        "cap_count": offer.cap_count,
        "cap_days": offer.cap_days,
        "created_at": _json(offer.created_at),
        "variants": [_variant(variant) for variant in offer.variants.all()],
        "settings": dict(settings),
    }


def _variant(variant: OfferVariant) -> Document:
    return {
        "label": variant.label,
        "design": variant.design,
        "weight": variant.weight,
        "texts": [_text(text) for text in variant.texts.all()],
    }


def _text(text: OfferVariantText) -> Document:
    return {
        "language": text.language,
        "headline": text.headline,
        "text": text.text,
        "button": text.button,
        "image": _file(text.image, width=text.image_width, height=text.image_height),
        "image_alt": text.image_alt,
    }


def _settings(offers: Sequence[Offer]) -> dict[int, Document]:
    """Return what is particular to each offer's kind by its id; of kinds that are switched off, nothing."""
    by_kind: dict[str, list[int]] = defaultdict(list)
    for offer in offers:
        by_kind[offer.kind].append(offer.pk)
    found: dict[int, Document] = {}
    for name, kind in load_kinds().items():
        if name in by_kind:
            found.update(_settings_of_kind(kind, by_kind[name]))
    return found


def _settings_of_kind(kind: OfferKind, ids: Sequence[int]) -> dict[int, Document]:
    columns = own_columns(kind)
    single = [column for column in columns if not column.many_to_many]
    found: dict[int, Document] = {
        row.pk: {column.name: _json(column.value_from_object(row)) for column in single}
        for row in kind.model._base_manager.filter(pk__in=ids)
    }
    for column in columns:
        if column.many_to_many:
            _add_relation(found, column, ids)
    for rows in kind.rows:
        _add_rows(found, rows, ids)
    return found


def _add_relation(
    found: Mapping[int, Document], column: models.Field[Any, Any], ids: Sequence[int]
) -> None:
    relation: Any = column
    through = relation.remote_field.through
    source = f"{relation.m2m_field_name()}_id"
    target = f"{relation.m2m_reverse_field_name()}_id"
    pairs = through._base_manager.filter(**{f"{source}__in": ids}).order_by(target)
    for document in found.values():
        document[column.name] = []
    for offer_id, key in pairs.values_list(source, target):
        if offer_id in found:
            found[offer_id][column.name].append(_json(key))


def _add_rows(found: Mapping[int, Document], rows: KindRows, ids: Sequence[int]) -> None:
    for document in found.values():
        document[rows.name] = []
    names = list(row_fields(rows))
    written = rows.model._base_manager.filter(**{f"{rows.link}__in": ids}).order_by(rows.key, "pk")
    for row in written:
        offer_id = getattr(row, f"{rows.link}_id")
        if offer_id in found:
            found[offer_id][rows.name].append(row_document(row, names))


def row_document(row: models.Model, names: Sequence[str]) -> Document:
    """Return some columns of a row as JSON values. Names that are no columns are left out."""
    wanted = set(names)
    return {
        column.name: _json(column.value_from_object(row))
        for column in row._meta.concrete_fields
        if column.name in wanted
    }


def _json(value: Any) -> Any:
    """Return one value of a column as JSON has it: instants, dates and decimals as text, files as `StoredFile`."""
    if isinstance(value, FieldFile):
        return _file(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return duration_string(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if value is None or isinstance(value, str | int | float | list | dict):
        return value
    return str(value)


def _file(file: FieldFile, *, width: int | None = None, height: int | None = None) -> Any:
    if not file:
        return None
    return StoredFile(name=str(file.name), storage=file.storage, width=width, height=height)
