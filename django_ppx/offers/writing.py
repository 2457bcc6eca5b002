"""Writing offers for programs: through the forms that staff fill in, so that what is refused there is refused here.

A kind needs nothing for it but to name its form and its rows (`OfferKind.form`, `OfferKind.rows`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django import forms
from django.db import IntegrityError, connection, models, transaction
from django.db.models import ProtectedError, QuerySet

from django_ppx.core.retrying import TransactionConflict, run_retrying
from django_ppx.experiments.models import Experiment, ExperimentArm
from django_ppx.offers.documents import Document, offer_document, row_document
from django_ppx.offers.faults import (
    Fault,
    FaultReason,
    InvalidContent,
    WritingRefused,
    form_faults,
)
from django_ppx.offers.kind_fields import (
    COMMON_FIELDS,
    as_form_data,
    form_class,
    own_columns,
    own_fields,
    stored_form_data,
)
from django_ppx.offers.kinds import OfferKind, load_kinds
from django_ppx.offers.models import Offer, OfferPresentation, OfferVariant
from django_ppx.offers.writing_rows import SentRows, kind_formset, variant_formset

Reason = WritingRefused.Reason


@dataclass(frozen=True, kw_only=True, slots=True)
class SentOffer:
    """What shall be written; what is not in it stays as it is.

    `fields` are columns that all offers have, as Python values (an audience by its id); `settings` are JSON values by
    the kind's own names; `variants`, if any are given, all that there shall be.
    """

    fields: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    variants: Sequence[Mapping[str, Any]] | None = None


def create_offer(*, kind_name: str, sent: SentOffer) -> Document:
    """Make a draft and return its document. An empty short name is made of the name.

    :raises InvalidContent: when some of it is not as it must be.
    :raises WritingRefused: when the short name is taken.
    :raises TransactionConflict: see `run_retrying`.
    """
    kind = load_kinds().get(kind_name)
    if kind is None:
        raise InvalidContent([Fault.of("/kind", FaultReason.UNKNOWN_CHOICE)])
    return run_retrying(partial(_create, kind, sent))


def change_offer(*, slug: str, sent: SentOffer, version: str | None = None) -> Document:
    """Change what is named and return the document. Safe to run twice.

    :raises Offer.DoesNotExist: when there is none of this short name.
    :raises InvalidContent: when some of it is not as it must be.
    :raises WritingRefused: when the offer is not at `version` any more, its short name is taken, its kind is switched
        off, an experiment tests its variants, or a variant that was shown is missing.
    :raises TransactionConflict: see `run_retrying`.
    """
    return run_retrying(partial(_change, slug, sent, version))


def locked_offer(slug: str) -> Offer:
    """Return an offer that nobody else changes until the running transaction ends.

    :raises Offer.DoesNotExist: when there is none of this short name.
    """
    return Offer.objects.select_for_update().get(slug=slug)


def kind_row(offer: Offer) -> tuple[OfferKind, Offer]:
    """Return an offer's kind, and the offer as a row of its kind's own table.

    :raises WritingRefused: when the kind is switched off.
    """
    kind = load_kinds().get(offer.kind)
    row = kind.model._base_manager.filter(pk=offer.pk).first() if kind is not None else None
    if kind is None or row is None:
        raise WritingRefused(Reason.KIND_OFF)
    return kind, row


def _create(kind: OfferKind, sent: SentOffer) -> Document:
    offer = kind.model(kind=kind.name)
    single = [column.name for column in own_columns(kind) if not column.many_to_many]
    defaults = {
        name: value for name, value in row_document(offer, single).items() if value is not None
    }
    blank = {"variants": [], "settings": {**defaults, **{rows.name: [] for rows in kind.rows}}}
    initial = {name: getattr(offer, name) for name in COMMON_FIELDS if name != "audience"}
    return _write(kind, offer, _Writing(fields=initial, before=blank, sent=sent))


def _change(slug: str, sent: SentOffer, version: str | None) -> Document:
    locked = locked_offer(slug)
    kind, offer = kind_row(locked)
    before = offer_document(locked)
    if version is not None and version != before["version"]:
        raise WritingRefused(Reason.CHANGED)
    stored = {name: getattr(offer, name) for name in COMMON_FIELDS if name != "audience"}
    stored["audience"] = offer.audience_id
    after = _write(kind, offer, _Writing(fields=stored, before=before, sent=sent))
    is_tested = after["variants"] != before["variants"] and (
        Experiment.objects.running().filter(offer=offer.pk).exists()
    )
    if is_tested:
        raise WritingRefused(Reason.EXPERIMENT)
    return after


@dataclass(frozen=True, kw_only=True, slots=True)
class _Writing:
    """What stands (`fields` of the offer, the rest of its document) and what was sent."""

    fields: Mapping[str, Any]
    before: Document
    sent: SentOffer


def _write(kind: OfferKind, offer: Offer, writing: _Writing) -> Document:
    form = _bound_form(kind, offer, writing)
    faults = list(_form_faults(kind, form))
    formsets = list(_formsets(kind, offer, writing))
    for formset, rows, whole in formsets:
        if not formset.is_valid():
            faults.extend(rows.faults(formset, whole))
    if faults:
        raise InvalidContent(faults)
    _hold(form.cleaned_data.values())
    _save(form)
    for formset, _rows, whole in formsets:
        _save_rows(formset, whole)
    return offer_document(offer)


def _bound_form(kind: OfferKind, offer: Offer, writing: _Writing) -> forms.ModelForm[Any]:
    fields = own_fields(kind)
    row_names = {rows.name for rows in kind.rows}
    named = {name: each for name, each in writing.sent.settings.items() if name not in row_names}
    own, faults = as_form_data(fields, named, pointer="/settings")
    if faults:
        raise InvalidContent(faults)
    common = {**writing.fields, **writing.sent.fields}
    data = {
        **{name: "" if value is None else value for name, value in common.items()},
        **stored_form_data(fields, writing.before["settings"]),
        **own,
    }
    form = form_class(kind)(data, instance=offer)
    # Cleaning writes into the instance: its rows are looked at beside the offer as it shall be.
    others = Offer.objects.exclude(pk=offer.pk)
    if form.errors and others.filter(slug=offer.slug).exists():
        raise _slug_taken(form)
    return form


def _form_faults(kind: OfferKind, form: forms.ModelForm[Any]) -> Iterator[Fault]:
    own = own_fields(kind)
    pointers = {name: f"/settings/{name}" if name in own else f"/{name}" for name in form.fields}
    yield from form_faults(form.errors.as_data(), pointers=pointers, whole="")


def _formsets(
    kind: OfferKind, offer: Offer, writing: _Writing
) -> Iterator[tuple[forms.BaseInlineFormSet[Any, Any, Any], SentRows, str]]:
    sent, before = writing.sent, writing.before
    for rows in kind.rows:
        # Looked at also where they stay: what a text asks for may have been taken away in the offer.
        wanted = sent.settings.get(rows.name, before["settings"][rows.name])
        whole = f"/settings/{rows.name}"
        if not isinstance(wanted, list):
            raise InvalidContent([Fault.of(whole, FaultReason.WRONG_TYPE)])
        made = kind_formset(
            kind_rows=rows, offer=offer, stored=before["settings"][rows.name], sent=wanted
        )
        yield *made, whole
    if sent.variants is not None:
        variants = variant_formset(offer=offer, stored=before["variants"], sent=sent.variants)
        yield *variants, "/variants"


def _hold(values: Any) -> None:
    """Keep what the offer refers to from being deleted before this is committed."""
    for value in values:
        rows = list(value) if isinstance(value, QuerySet) else [value]
        found = [row for row in rows if isinstance(row, models.Model)]
        if not found:
            continue
        model: Any = type(found[0])
        keys = sorted(row.pk for row in found)
        held = model._base_manager.select_for_update().filter(pk__in=keys).order_by("pk")
        if len(held.values_list("pk")) != len(keys):
            raise TransactionConflict("what the offer refers to is gone")


def _save(form: forms.ModelForm[Any]) -> None:
    try:
        with transaction.atomic():
            form.save()
    except IntegrityError as error:
        if not Offer.objects.select_for_update().filter(slug=form.instance.slug).exists():
            raise
        raise _slug_taken(form) from error


def _slug_taken(form: forms.ModelForm[Any]) -> Exception:
    if form.data.get("slug"):
        return WritingRefused(Reason.SLUG_TAKEN)
    # The short name was ours, and somebody was quicker: the next try makes another one.
    return TransactionConflict("the short name was taken meanwhile")


def _save_rows(formset: forms.BaseInlineFormSet[Any, Any, Any], whole: str) -> None:
    removed = [form.instance.pk for form in formset.deleted_forms]
    try:
        with transaction.atomic():
            formset.save()
            if removed and connection.vendor == "postgresql":
                # There it would be looked at when all is committed, too late to say what is the matter.
                connection.check_constraints()
    except ProtectedError as error:
        raise WritingRefused(Reason.VARIANT_SHOWN) from error
    except IntegrityError as error:
        if formset.model is OfferVariant and _are_used(removed):
            raise WritingRefused(Reason.VARIANT_SHOWN) from error
        # Keys that the database alone takes for equal.
        raise InvalidContent([Fault.of(whole, FaultReason.REPEATED)]) from error


def _are_used(variant_ids: Sequence[int]) -> bool:
    """Return whether one of the variants was shown or is tested, as others see it now."""
    return any(
        model._default_manager.select_for_update().filter(variant__in=variant_ids).exists()
        for model in (OfferPresentation, ExperimentArm)
    )
