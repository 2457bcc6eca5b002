from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django_ppx.offers.engine import Reason, choose, decide
from tests.offers.builders import (
    NOW,
    make_audience,
    make_moment,
    make_offer,
    make_presented,
    make_snapshot,
    make_variant,
)


def reasons(*offers, limit=3, **moment):
    decision = decide(make_snapshot(*offers), make_moment(**moment), limit=limit)
    return {verdict.offer.id: verdict.reason for verdict in decision.verdicts}


def test_an_active_offer_of_this_placement_is_shown():
    assert reasons(make_offer(1)) == {1: Reason.SHOWN}


@pytest.mark.parametrize("status", ["draft", "paused"])
def test_an_offer_that_is_not_active_is_not_shown(status):
    assert reasons(make_offer(1, status=status)) == {1: Reason.NOT_ACTIVE}


@pytest.mark.parametrize(
    ("starts_in", "ends_in", "reason"),
    [
        (timedelta(microseconds=1), None, Reason.NOT_STARTED),
        (timedelta(0), None, Reason.SHOWN),
        (None, timedelta(0), Reason.ENDED),
        (None, timedelta(microseconds=1), Reason.SHOWN),
    ],
)
def test_the_window_includes_its_start_and_excludes_its_end(starts_in, ends_in, reason):
    offer = make_offer(
        1,
        starts_at=None if starts_in is None else NOW + starts_in,
        ends_at=None if ends_in is None else NOW + ends_in,
    )

    assert reasons(offer) == {1: reason}


def test_an_offer_for_another_place_is_not_shown():
    assert reasons(make_offer(1, placements=frozenset({"account"}))) == {1: Reason.PLACEMENT}


@pytest.mark.parametrize(("matches", "reason"), [(True, Reason.SHOWN), (False, Reason.AUDIENCE)])
def test_the_audience_decides(matches, reason):
    assert reasons(make_offer(1, audience=make_audience(1, matches=matches))) == {1: reason}


def test_a_kind_with_nothing_to_show_is_unavailable():
    assert reasons(make_offer(1, config=False)) == {1: Reason.UNAVAILABLE}


def test_an_offer_without_a_variant_is_not_shown():
    assert reasons(make_offer(1, variants=())) == {1: Reason.NO_VARIANT}


def test_what_was_done_with_an_earlier_order_hides_the_offer_when_staff_ask_for_it():
    history = {1: (make_presented(1, is_done=True),)}

    assert reasons(make_offer(1, hide_when_done=True), history=history) == {1: Reason.DONE}
    assert reasons(make_offer(1, hide_when_done=False), history=history) == {1: Reason.SHOWN}


def test_what_was_done_on_this_very_page_stays_on_it():
    history = {1: (make_presented(1, purchase_id=7, is_done=True),)}

    assert reasons(make_offer(1, hide_when_done=True), history=history) == {1: Reason.SHOWN}


@pytest.mark.parametrize("purchase_id", [6, 7])
def test_a_dismissed_offer_is_gone_for_earlier_and_for_this_order(purchase_id):
    history = {1: (make_presented(1, purchase_id=purchase_id, is_dismissed=True),)}

    assert reasons(make_offer(1), history=history) == {1: Reason.DISMISSED}


def test_the_cap_counts_orders_not_pages():
    history = {
        1: (
            make_presented(1, purchase_id=6),
            make_presented(1, purchase_id=6, placement="order_status"),
        )
    }

    assert reasons(make_offer(1, cap_count=2), history=history) == {1: Reason.SHOWN}
    assert reasons(make_offer(1, cap_count=1), history=history) == {1: Reason.CAPPED}


@pytest.mark.parametrize(
    ("age", "reason"),
    [
        (timedelta(days=30), Reason.SHOWN),
        (timedelta(days=30) - timedelta(microseconds=1), Reason.CAPPED),
    ],
)
def test_the_cap_forgets_what_is_older_than_its_days(age, reason):
    history = {1: (make_presented(1, presented_at=NOW - age),)}

    assert reasons(make_offer(1, cap_count=1, cap_days=30), history=history) == {1: reason}


def test_a_reload_is_not_held_against_the_cap():
    history = {1: (make_presented(1, purchase_id=6), make_presented(1, purchase_id=7))}

    assert reasons(make_offer(1, cap_count=1), history=history) == {1: Reason.SHOWN}


def test_the_page_limit_goes_by_priority_and_then_by_age():
    offers = [make_offer(1, priority=20), make_offer(2, priority=10), make_offer(3, priority=10)]

    assert reasons(*offers, limit=2) == {2: Reason.SHOWN, 3: Reason.SHOWN, 1: Reason.PAGE_LIMIT}


def test_an_offer_that_wants_the_page_alone_displaces_the_rest():
    offers = [make_offer(1, priority=1, page_behaviour="alone"), make_offer(2, priority=2)]

    assert reasons(*offers) == {1: Reason.SHOWN, 2: Reason.DISPLACED}


def test_an_offer_that_wants_the_page_alone_gives_way_to_one_of_higher_priority():
    offers = [make_offer(1, priority=2, page_behaviour="alone"), make_offer(2, priority=1)]

    assert reasons(*offers) == {2: Reason.SHOWN, 1: Reason.DISPLACED}


def test_a_filler_shows_only_when_nothing_else_does():
    filler = make_offer(1, priority=1, page_behaviour="filler")

    assert reasons(filler, make_offer(2)) == {2: Reason.SHOWN, 1: Reason.DISPLACED}
    assert reasons(filler, make_offer(2, status="paused")) == {
        2: Reason.NOT_ACTIVE,
        1: Reason.SHOWN,
    }


def test_a_limit_of_zero_shows_nothing():
    assert reasons(make_offer(1), limit=0) == {1: Reason.PAGE_LIMIT}
    assert choose(make_snapshot(make_offer(1)), make_moment(), limit=0) == ()


offers = st.lists(
    st.builds(
        lambda **values: values,
        priority=st.integers(0, 3),
        status=st.sampled_from(["active", "active", "active", "draft"]),
        placements=st.sampled_from([frozenset({"thank_you"}), frozenset({"account"})]),
        page_behaviour=st.sampled_from(["stack", "stack", "stack", "alone", "filler"]),
        audience=st.sampled_from(
            [None, make_audience(1, matches=True), make_audience(2, matches=False)]
        ),
        starts_at=st.sampled_from([None, NOW, NOW + timedelta(days=1)]),
        cap_count=st.sampled_from([None, 1]),
        config=st.sampled_from([None, None, False]),
    ),
    max_size=12,
)


@given(offers=offers, limit=st.integers(0, 5), capped=st.sets(st.integers(1, 12)))
def test_the_page_shows_exactly_what_the_explanation_says(offers, limit, capped):
    snapshot = make_snapshot(*(make_offer(pk, **values) for pk, values in enumerate(offers, 1)))
    moment = make_moment(history={pk: (make_presented(pk),) for pk in capped})

    chosen = tuple(verdict.offer for verdict in choose(snapshot, moment, limit=limit))
    assert chosen == decide(snapshot, moment, limit=limit).shown[:limit]


def test_a_variant_seen_before_is_kept_when_the_weights_change():
    offer = make_offer(1, variants=(make_variant(10, weight=1), make_variant(11, weight=10**9)))

    first = offer.assign(make_moment()).variant
    kept = offer.assign(make_moment(history={1: (make_presented(1, variant_id=10),)})).variant

    assert (first.id, kept.id) == (11, 10)


def test_a_variant_without_a_weight_is_kept_by_its_own_page_alone():
    offer = make_offer(1, variants=(make_variant(10, weight=0), make_variant(11, weight=1)))
    elsewhere = make_presented(1, variant_id=10)
    here = make_presented(1, variant_id=10, purchase_id=make_moment().purchase.id)

    next_order = offer.assign(make_moment(history={1: (elsewhere,)})).variant
    same_page = offer.assign(make_moment(history={1: (here,)})).variant

    assert (next_order.id, same_page.id) == (11, 10)


@pytest.mark.parametrize(
    ("language", "headline"),
    [("de-at", "Servus"), ("de-ch", "Hallo"), ("fr", "Hello"), ("en-gb", "Hello")],
)
def test_texts_fall_back_from_exact_to_base_to_default(language, headline):
    variant = make_variant(1, en="Hello", de="Hallo", de_AT="Servus")

    assert variant.text(language).headline == headline


def test_without_the_default_language_any_text_is_better_than_none():
    assert make_variant(1, it="Ciao").text("fr").headline == "Ciao"
