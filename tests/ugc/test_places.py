"""Limits of an offer: exactly so many, of one person and in total."""

from __future__ import annotations

import pytest
from django.db import transaction

from django_ppx.testing import make_ugc_offer
from django_ppx.ugc.models import UGCPlaceCount
from django_ppx.ugc.places import give_places_back, has_place, take_places
from django_ppx.ugc.refusals import SubmissionRefused

pytestmark = pytest.mark.django_db


def counts(offer) -> dict[str, int]:
    return dict(UGCPlaceCount.objects.filter(ugc_offer=offer).values_list("limit_key", "taken"))


def test_a_person_takes_as_many_as_the_offer_says() -> None:
    offer = make_ugc_offer(max_per_customer=2)
    take_places(ugc_offer=offer, limit_keys=["email:a"])
    assert has_place(ugc_offer=offer, limit_keys=["email:a"])
    take_places(ugc_offer=offer, limit_keys=["email:a"])
    assert not has_place(ugc_offer=offer, limit_keys=["email:a"])

    with pytest.raises(SubmissionRefused) as refused, transaction.atomic():
        take_places(ugc_offer=offer, limit_keys=["email:a"])

    assert refused.value.reason == "customer_limit"
    assert counts(offer) == {"": 2, "email:a": 2}


def test_one_key_of_a_person_that_is_used_up_is_enough() -> None:
    offer = make_ugc_offer(max_per_customer=1)
    take_places(ugc_offer=offer, limit_keys=["email:a"])

    assert not has_place(ugc_offer=offer, limit_keys=["account:1", "email:a"])
    with pytest.raises(SubmissionRefused), transaction.atomic():
        take_places(ugc_offer=offer, limit_keys=["account:1", "email:a"])

    assert counts(offer) == {"": 1, "email:a": 1}


def test_the_last_place_of_all_is_given_once() -> None:
    offer = make_ugc_offer(max_total=1)
    take_places(ugc_offer=offer, limit_keys=["email:a"])

    assert not has_place(ugc_offer=offer, limit_keys=["email:b"])
    with pytest.raises(SubmissionRefused) as refused, transaction.atomic():
        take_places(ugc_offer=offer, limit_keys=["email:b"])

    assert refused.value.reason == "all_taken"
    assert counts(offer) == {"": 1, "email:a": 1}


def test_without_limits_everything_is_counted_and_nothing_refused() -> None:
    offer = make_ugc_offer(max_per_customer=None, max_total=None)
    for _time in range(3):
        take_places(ugc_offer=offer, limit_keys=["email:a"])

    assert counts(offer) == {"": 3, "email:a": 3}
    assert has_place(ugc_offer=offer, limit_keys=["email:a"])


def test_a_place_given_back_can_be_taken_again() -> None:
    offer = make_ugc_offer(max_per_customer=1, max_total=1)
    take_places(ugc_offer=offer, limit_keys=["email:a"])

    give_places_back(ugc_offer_id=offer.pk, limit_keys=["email:a"])

    assert counts(offer) == {"": 0, "email:a": 0}
    take_places(ugc_offer=offer, limit_keys=["email:a"])


def test_no_count_falls_below_nothing() -> None:
    offer = make_ugc_offer()
    take_places(ugc_offer=offer, limit_keys=["email:a"])

    for _time in range(3):
        give_places_back(ugc_offer_id=offer.pk, limit_keys=["email:a"])

    assert counts(offer) == {"": 0, "email:a": 0}


def test_offers_are_counted_apart() -> None:
    first, second = make_ugc_offer(max_per_customer=1), make_ugc_offer(max_per_customer=1)
    take_places(ugc_offer=first, limit_keys=["email:a"])

    assert has_place(ugc_offer=second, limit_keys=["email:a"])


def test_whether_there_is_a_place_costs_one_query(django_assert_num_queries) -> None:
    offer = make_ugc_offer(max_per_customer=1, max_total=5)

    with django_assert_num_queries(1):
        assert has_place(ugc_offer=offer, limit_keys=["account:1", "email:a"])
