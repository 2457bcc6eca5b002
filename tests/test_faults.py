"""Whatever fails in us, the host's page and transaction go on (GUARD 5)."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import DatabaseError, OperationalError, connection, connections
from django.template.loader import render_to_string
from django.utils import timezone

from django_ppx.experiments.models import Experiment, ExperimentArm
from django_ppx.experiments.starting import start_experiment
from django_ppx.offers import snapshot
from django_ppx.offers.models import OfferPresentation
from django_ppx.rewards.models import DiscountCode
from django_ppx.testing import make_benefit, make_offer, make_variant
from tests import hosts

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.hosts")]


@pytest.fixture(autouse=True)
def _host(settings, monkeypatch):
    settings.PPX_SHOP = "tests.hosts.PlainShop"
    monkeypatch.setitem(connections["default"].settings_dict, "ATOMIC_REQUESTS", True)
    make_offer("next_purchase_discount", benefit=make_benefit())
    words = {"en": {"headline": "See you soon"}}
    offer = make_offer("message", texts=words)
    experiment = Experiment.objects.create(name="Any", offer=offer, planned_customers=100)
    for variant in (*offer.variants.all(), make_variant(offer, label="B", texts=words)):
        ExperimentArm.objects.create(experiment=experiment, variant=variant, label=variant.label)
    start_experiment(experiment=experiment, planned_customers=None, by=None, now=timezone.now())


@pytest.fixture
def client(client):
    """A person's browser: a machine takes part in no experiment."""
    client.defaults |= {"HTTP_USER_AGENT": "Mozilla/5.0", "HTTP_ACCEPT_LANGUAGE": "en"}
    return client


class Faults:
    """Counts our statements while a page renders, and makes one of them fail."""

    def __init__(self, at: int | None, *, in_database: bool) -> None:
        self.at = at
        self.in_database = in_database
        self.seen = 0
        self.is_on = False

    def __call__(self, execute, sql, params, many, context):
        if not self.is_on:
            return execute(sql, params, many, context)
        self.seen += 1
        if self.at is not None and self.seen - 1 == self.at:
            if self.in_database and not sql.startswith("SAVEPOINT"):
                # A real error, so that PostgreSQL aborts the transaction up to the last savepoint. (A
                # server that refuses a savepoint is gone: that is the other kind of fault.)
                return execute("SELECT * FROM no_such_table_of_ours", None, False, context)
            raise OperationalError("the connection says no")
        return execute(sql, params, many, context)


@contextmanager
def faults_while_rendering(monkeypatch, faults: Faults) -> Iterator[None]:
    def render(*args):
        faults.is_on = True
        try:
            return render_to_string(*args)
        finally:
            faults.is_on = False

    monkeypatch.setattr(hosts, "render_to_string", render)
    with connection.execute_wrapper(faults):
        yield


def outside(page: str) -> str:
    """Return the host's bytes: the page without what stands in our slots."""
    page = re.sub(r"(<!--slot-->).*(<!--/slot-->)", r"\1\2", page, flags=re.DOTALL)
    return re.sub(r"(<!--head-->).*(<!--/head-->)", r"\1\2", page, flags=re.DOTALL)


def failures(caplog) -> list[logging.LogRecord]:
    return [
        record
        for record in caplog.records
        if record.name == "django_ppx" and record.levelno >= logging.WARNING
    ]


def assert_host_is_whole(response, number: str, expected: str) -> None:
    assert response.status_code == 200
    assert outside(response.content.decode()) == expected
    names = set(Group.objects.values_list("name", flat=True))
    assert {f"before {number}", f"after {number}"} <= names


def statements_of(client, monkeypatch, number: str, *, is_warm: bool) -> int:
    if not is_warm:
        snapshot.forget()
    counting = Faults(None, in_database=False)
    with monkeypatch.context() as patch, faults_while_rendering(patch, counting):
        client.get(f"/thanks/{number}/")
    return counting.seen


@pytest.mark.parametrize("in_database", [False, True], ids=["refused", "failed in the database"])
@pytest.mark.parametrize("is_warm", [True, False], ids=["warm", "cold"])
def test_every_statement_may_fail(client, caplog, monkeypatch, is_warm, in_database):
    expected = outside(client.get("/thanks/0/").content.decode())
    total = statements_of(client, monkeypatch, "count", is_warm=is_warm)
    assert total >= 11

    for at in range(total):
        number = f"{at + 1}"
        if not is_warm:
            snapshot.forget()
        caplog.clear()
        faults = Faults(at, in_database=in_database)
        with monkeypatch.context() as patch, faults_while_rendering(patch, faults):
            response = client.get(f"/thanks/{number}/")

        assert_host_is_whole(response, number, expected.replace("order 0<", f"order {number}<"))
        assert len(failures(caplog)) <= 1, f"statement {at}"
        if "<article" not in response.content.decode():
            assert len(failures(caplog)) == 1, f"statement {at}"
        codes = DiscountCode.objects.filter(purchase__order_ref=number).count()
        assert (
            codes
            == OfferPresentation.objects.filter(
                purchase__order_ref=number, code__isnull=False
            ).count()
        )


def test_a_statement_that_fails_for_good_is_logged_once(client, caplog, monkeypatch):
    expected = outside(client.get("/thanks/0/").content.decode())
    caplog.clear()

    def refuse(execute, sql, params, many, context):
        if "django_ppx" in sql:
            raise DatabaseError("our tables are gone")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        response = client.get("/thanks/1/")

    assert_host_is_whole(response, "1", expected.replace("order 0<", "order 1<"))
    assert len(failures(caplog)) == 1


def raising(*args, **kwargs):
    raise RuntimeError("the host's code is broken")


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(raising, id="raises"),
        pytest.param(lambda *args, **kwargs: None, id="returns None"),
        pytest.param(lambda *args, **kwargs: "junk", id="returns a string"),
        pytest.param(
            lambda *args, **kwargs: hosts.host_order("1", total="a lot"), id="returns a wrong total"
        ),
        pytest.param(
            lambda *args, **kwargs: hosts.host_order("1", currency="€€€"), id="an unknown currency"
        ),
        pytest.param(
            lambda *args, **kwargs: hosts.host_order("1", lines=(None,)), id="returns no lines"
        ),
        pytest.param(
            lambda *args, **kwargs: hosts.host_order("1", placed_at=None), id="returns no time"
        ),
    ],
)
def test_an_adapter_may_raise_or_return_junk(client, caplog, monkeypatch, answer):
    expected = outside(client.get("/thanks/0/").content.decode())
    caplog.clear()
    monkeypatch.setattr(hosts.PlainShop, "order", answer)

    response = client.get("/thanks/1/")

    assert_host_is_whole(response, "1", expected.replace("order 0<", "order 1<"))
    assert len(failures(caplog)) == 1
    assert "<article" not in response.content.decode()


def test_a_number_that_can_not_be_read_is_contained(client, caplog, monkeypatch):
    monkeypatch.setattr(hosts.PlainShop, "order_ref", raising)

    response = client.get("/thanks/1/")

    assert response.status_code == 200
    assert len(failures(caplog)) == 1


def test_the_storage_may_fail(client, caplog, monkeypatch):
    text = make_offer("message").variants.get().texts.get()
    text.image.name = "ppx/offers/bowl.jpg"
    text.save()
    expected = outside(client.get("/thanks/0/").content.decode())
    caplog.clear()
    monkeypatch.setattr(default_storage, "url", raising)

    response = client.get("/thanks/1/")

    assert_host_is_whole(response, "1", expected.replace("order 0<", "order 1<"))
    assert len(failures(caplog)) == 1


def test_the_cache_may_fail(client, caplog, monkeypatch):
    expected = outside(client.get("/thanks/0/").content.decode())
    for name in ("get", "set", "add", "delete", "get_many", "set_many"):
        monkeypatch.setattr(cache, name, raising)

    response = client.get("/thanks/1/")

    assert_host_is_whole(response, "1", expected.replace("order 0<", "order 1<"))
    assert failures(caplog) == []
    assert "See you soon" in response.content.decode()


def test_the_static_files_may_have_no_manifest(client, caplog, monkeypatch):
    expected = outside(client.get("/thanks/0/").content.decode())
    caplog.clear()
    monkeypatch.setattr("django_ppx.offers.pages.static", raising)
    monkeypatch.setattr("django_ppx.offers.building.static", raising)

    response = client.get("/thanks/1/")

    assert_host_is_whole(response, "1", expected.replace("order 0<", "order 1<"))
    assert len(failures(caplog)) == 1


def test_under_debug_the_developer_sees_the_fault(client, settings, monkeypatch):
    settings.DEBUG = True
    monkeypatch.setattr(hosts.PlainShop, "order", raising)

    with pytest.raises(RuntimeError, match="the host's code is broken"):
        client.get("/thanks/1/")


def test_the_sweep_notices_a_page_without_the_wall(client, monkeypatch):
    """The control: the same fault outside the containment breaks the host's page."""
    monkeypatch.setattr("django_ppx.templatetags.ppx.contain", _no_wall)
    faults = Faults(0, in_database=False)

    with faults_while_rendering(monkeypatch, faults), pytest.raises(OperationalError):
        client.get("/thanks/1/")

    assert not Group.objects.filter(name="before 1").exists()


@contextmanager
def _no_wall(*args, **kwargs) -> Iterator[None]:
    yield
