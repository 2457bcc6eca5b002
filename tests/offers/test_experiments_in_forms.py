"""What the form of an offer says while an experiment runs on it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from django_ppx.testing import make_experiment, make_offer
from tests.admin_pages import count_queries
from tests.offers.admin_users import staff_client

WORDS = "If you change the words, you change what is tested. Weights don’t count while it runs."

pytestmark = pytest.mark.django_db


def change_url(offer: Any) -> str:
    return reverse("admin:django_ppx_message_change", args=[offer.pk])


def result_url(experiment: Any) -> str:
    return reverse("admin:django_ppx_experiment_result", args=[experiment.pk])


def test_a_running_experiment_is_said_with_a_link_to_its_result(admin_client: Client) -> None:
    offer = make_offer("message")
    experiment = make_experiment(offer=offer, name="Short or long")

    text = admin_client.get(change_url(offer)).text

    assert "being tested by “Short or long”" in text
    assert WORDS in text
    assert f'<a href="{result_url(experiment)}">Look at the result</a>' in text


def test_who_may_not_see_experiments_reads_of_it_without_a_link() -> None:
    offer = make_offer("message")
    experiment = make_experiment(offer=offer)

    text = staff_client("change_message").get(change_url(offer)).text

    assert WORDS in text
    assert result_url(experiment) not in text


@pytest.mark.parametrize("status", ["draft", "stopped", "decided"])
def test_nothing_is_said_of_what_does_not_run(admin_client: Client, status: str) -> None:
    offer = make_offer("message")
    make_experiment(offer=offer, status=status)

    assert WORDS not in admin_client.get(change_url(offer)).text


def test_an_experiment_on_another_offer_is_not_this_ones(admin_client: Client) -> None:
    make_experiment(offer=make_offer("message"))

    assert WORDS not in admin_client.get(change_url(make_offer("message"))).text


def test_the_form_of_a_new_offer_says_nothing(admin_client: Client) -> None:
    make_experiment(offer=make_offer("message"))

    assert WORDS not in admin_client.get(reverse("admin:django_ppx_message_add")).text


def test_the_form_asks_as_many_queries_whether_an_experiment_runs_or_not(
    admin_client: Client,
) -> None:
    offer = make_offer("message")
    without = count_queries(lambda: admin_client.get(change_url(offer)))
    make_experiment(offer=offer)

    assert count_queries(lambda: admin_client.get(change_url(offer))) == without
