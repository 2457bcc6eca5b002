"""Writing offers without a request: what a kind of the shop's own gets without code, and what does not last."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.db import IntegrityError, connection

from django_ppx.core.retrying import TransactionConflict
from django_ppx.offers import writing
from django_ppx.offers.documents import offer_document, offer_documents, version_of
from django_ppx.offers.faults import InvalidContent, WritingRefused
from django_ppx.offers.kind_fields import as_form_data, field_type, stored_form_data
from django_ppx.offers.models import Offer, OfferPresentation, OfferVariant
from django_ppx.offers.variant_forms import OfferVariantFormSet
from django_ppx.offers.writing import SentOffer, change_offer, create_offer
from django_ppx.rewards.models import Benefit
from django_ppx.testing import (
    make_benefit,
    make_licence,
    make_offer,
    make_purchase,
    make_ugc_offer,
    make_variant,
)
from tests.social.test_invite_kind import make_channel, make_invite


class EveryType(forms.Form):
    """Fields as a kind of the shop's own may have them."""

    text = forms.CharField(required=False)
    whole = forms.IntegerField(required=False)
    share = forms.DecimalField(required=False)
    factor = forms.FloatField(required=False)
    flag = forms.BooleanField(required=False)
    maybe = forms.NullBooleanField(required=False)
    choice = forms.TypedChoiceField(choices=[(1, "One"), (2, "Two")], coerce=int, required=False)
    choices = forms.MultipleChoiceField(choices=[("a", "A"), ("b", "B")], required=False)
    day = forms.DateField(required=False)
    at = forms.DateTimeField(required=False)
    clock = forms.TimeField(required=False)
    lasting = forms.DurationField(required=False)
    anything = forms.JSONField(required=False)
    upload = forms.FileField(required=False)


FIELDS = EveryType().fields


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("text", "Hello", "Hello"),
        ("whole", 5, 5),
        ("whole", None, None),
        ("share", "2.50", Decimal("2.50")),
        ("factor", Decimal("2.5"), 2.5),
        ("factor", 2, 2.0),
        ("flag", True, True),
        ("flag", False, False),
        ("maybe", None, None),
        ("maybe", False, False),
        ("choice", 2, 2),
        ("choice", "2", 2),
        ("choices", ["b"], ["b"]),
        ("day", "2026-03-01", date(2026, 3, 1)),
        (
            "at",
            "2026-03-29T01:30:00.000005+01:00",
            datetime(2026, 3, 29, 0, 30, 0, 5, tzinfo=UTC),
        ),
        ("anything", {"a": [1, Decimal("2.5"), None, "x"]}, {"a": [1, 2.5, None, "x"]}),
        ("anything", "text", "text"),
        ("anything", None, None),
    ],
)
def test_json_reaches_a_form_as_its_fields_read_it(name: str, value: Any, expected: Any) -> None:
    data, faults = as_form_data(FIELDS, {name: value}, pointer="/settings")
    form = EveryType(data)

    assert faults == []
    assert form.is_valid(), form.errors
    assert form.cleaned_data[name] == expected


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("text", 5, "invalid"),
        ("text", None, "null"),
        ("text", ["x"], "invalid"),
        ("whole", "5", "invalid"),
        ("whole", True, "invalid"),
        ("whole", Decimal("5.0"), "invalid"),
        ("whole", 2**63, "max_value"),
        ("share", 2, "invalid"),
        ("factor", "2.5", "invalid"),
        ("flag", "true", "invalid"),
        ("flag", None, "null"),
        ("choice", None, "null"),
        ("choice", [1], "invalid"),
        ("choices", "a", "invalid"),
        ("choices", [["a"]], "invalid"),
        ("choices", ["a"] * 101, "max_length"),
        ("at", "2026-03-29T01:30:00", "invalid"),
        ("at", "2026-02-30T01:30:00Z", "invalid"),
        ("at", 5, "invalid"),
        ("upload", "x.png", "read_only"),
        ("upload", None, "read_only"),
        ("gone", 1, "unknown_field"),
    ],
)
def test_what_a_form_would_read_generously_is_a_fault(name: str, value: Any, reason: str) -> None:
    data, faults = as_form_data(FIELDS, {name: value}, pointer="/settings")

    assert data == {}
    assert [(each.pointer, each.reason) for each in faults] == [(f"/settings/{name}", reason)]


def test_what_is_stored_is_sent_once_more_as_the_form_shows_it() -> None:
    class Codes(forms.CharField):
        def prepare_value(self, value: Any) -> Any:
            return ", ".join(value) if isinstance(value, list) else value

    fields = {**FIELDS, "codes": Codes()}
    stored = {"codes": ["DE", "AT"], "text": None, "factor": 2.5, "upload": "x.png", "gone": 1}

    assert stored_form_data(fields, stored) == {"codes": "DE, AT", "text": None, "factor": 2.5}


def test_every_type_has_a_word() -> None:
    assert {name: field_type(field) for name, field in FIELDS.items()} == {
        "text": "text",
        "whole": "whole_number",
        "share": "decimal",
        "factor": "number",
        "flag": "flag",
        "maybe": "flag",
        "choice": "choice",
        "choices": "choices",
        "day": "date",
        "at": "instant",
        "clock": "time",
        "lasting": "duration",
        "anything": "json",
        "upload": "file",
    }


@pytest.mark.django_db
def test_every_change_is_another_version() -> None:
    channel = make_channel()
    offer = make_invite(channel, slug="invite")
    versions = [offer_document(offer)["version"]]

    offer.channels.clear()
    versions.append(offer_document(offer)["version"])
    offer.channels.add(channel)
    versions.append(offer_document(offer)["version"])
    OfferVariant.objects.update(weight=2)
    versions.append(offer_document(offer)["version"])
    Offer.objects.update(status="paused")
    versions.append(offer_document(offer)["version"])

    assert versions[2] == versions[0]
    assert len(set(versions)) == 4


def test_a_version_does_not_depend_on_the_order_of_names() -> None:
    assert version_of({"a": 1, "b": 2}) == version_of({"b": 2, "a": 1})
    assert version_of({"a": 1}) != version_of({"a": "1"})


@pytest.mark.django_db
def test_no_offers_are_no_documents() -> None:
    assert offer_documents([]) == []


@pytest.mark.django_db
def test_a_ugc_reward_keeps_what_is_not_named() -> None:
    offer = make_ugc_offer(slug="ugc", minimum_age=16, max_total=5)
    texts = [{"language": "en", "brief": "Another brief."}]

    document = change_offer(
        slug="ugc", sent=SentOffer(settings={"minimum_age": None, "texts": texts})
    )

    settings = document["settings"]
    assert (settings["minimum_age"], settings["max_total"]) == (None, 5)
    assert settings["texts"][0]["theme"] == "Your mornings"
    assert settings["texts"][0]["brief"] == "Another brief."
    offer.refresh_from_db()
    assert (offer.status, offer.max_posts) == ("active", 2)


@pytest.mark.django_db
def test_what_a_new_offer_leaves_out_is_as_in_the_form() -> None:
    settings = {"benefit": make_benefit().pk, "licence": make_licence().pk}

    document = create_offer(
        kind_name="ugc_reward", sent=SentOffer(fields={"name": "UGC"}, settings=settings)
    )

    assert document["settings"]["max_photos"] == 5
    assert document["settings"]["max_per_customer"] == 1
    assert document["settings"]["after_withdrawal"] == "keep"
    assert document["settings"]["asks_people_agreed"] is True


@pytest.mark.django_db
@pytest.mark.parametrize("value", [-1, 21, 40000, 2**31])
def test_a_number_that_its_column_can_not_hold_is_refused(value: int) -> None:
    make_ugc_offer(slug="ugc")

    with pytest.raises(InvalidContent) as raised:
        change_offer(slug="ugc", sent=SentOffer(settings={"max_photos": value}))

    assert [fault.pointer for fault in raised.value.faults] == ["/settings/max_photos"]


@pytest.mark.django_db
def test_what_an_offer_refers_to_is_held_until_it_is_written(monkeypatch: Any) -> None:
    benefit = make_benefit()
    hold = writing._hold

    def late(values: Any) -> None:
        Benefit.objects.all().delete()
        hold(values)

    monkeypatch.setattr(writing, "_hold", late)
    sent = SentOffer(fields={"name": "Code"}, settings={"benefit": benefit.pk})

    with pytest.raises(TransactionConflict):
        create_offer(kind_name="next_purchase_discount", sent=sent)

    assert not Offer.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "expected"),
    [({"name": "Sale", "slug": "sale"}, WritingRefused), ({"name": "Sale"}, TransactionConflict)],
)
def test_a_short_name_that_is_taken_while_it_is_written(
    monkeypatch: Any, fields: dict[str, str], expected: type[Exception]
) -> None:
    monkeypatch.setattr(writing, "_hold", lambda values: make_offer(slug="sale", name="Quicker"))

    with pytest.raises(expected):
        create_offer(kind_name="message", sent=SentOffer(fields=fields))

    assert not Offer.objects.filter(name="Sale").exists()


@pytest.mark.django_db
def test_another_fault_of_the_database_is_not_taken_for_a_short_name(monkeypatch: Any) -> None:
    kind_form = writing.form_class

    def form_class(kind: Any) -> Any:
        class Broken(kind_form(kind)):  # type: ignore[misc]
            def save(self, commit: bool = True) -> Any:
                raise IntegrityError("a constraint of the shop's own")

        return Broken

    monkeypatch.setattr(writing, "form_class", form_class)

    with pytest.raises(IntegrityError):
        create_offer(kind_name="message", sent=SentOffer(fields={"name": "Sale"}))


@pytest.mark.django_db
def test_labels_that_the_database_takes_for_equal_are_a_fault() -> None:
    make_offer(slug="sale", status="draft")
    sent = SentOffer(variants=[{"label": "A"}, {"label": "Cafe"}, {"label": "Café"}])

    if connection.vendor != "mysql":
        document = change_offer(slug="sale", sent=sent)
        assert [each["label"] for each in document["variants"]] == ["A", "Cafe", "Café"]
        return

    with pytest.raises(InvalidContent) as raised:
        change_offer(slug="sale", sent=sent)

    assert [(each.pointer, each.reason) for each in raised.value.faults] == [
        ("/variants", "unique")
    ]
    assert OfferVariant.objects.count() == 1


@pytest.mark.django_db
def test_a_variant_that_is_shown_while_it_is_removed_stays(monkeypatch: Any) -> None:
    offer = make_offer(slug="sale")
    make_variant(offer, label="B")
    purchase = make_purchase()

    def save(formset: Any, commit: bool = True) -> Any:
        OfferPresentation.objects.create(
            offer=offer,
            variant=offer.variants.get(label="A"),
            purchase=purchase,
            customer=purchase.customer,
            placement="thank_you",
            presented_at=purchase.placed_at,
        )
        raise IntegrityError("a foreign key")

    monkeypatch.setattr(OfferVariantFormSet, "save", save)
    monkeypatch.setattr(
        writing, "_are_used", lambda variant_ids: variant_ids == [offer.variants.get(label="A").pk]
    )

    with pytest.raises(WritingRefused) as raised:
        change_offer(slug="sale", sent=SentOffer(variants=[{"label": "B"}]))

    assert raised.value.reason == WritingRefused.Reason.VARIANT_SHOWN
    assert offer.variants.count() == 2
