"""Endpoints and deliveries in admin: a secret is shown once, addresses are checked, nothing is deleted."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from django_ppx.outbox.models import OutboxWebhook, WebhookEndpoint
from tests.admin_pages import count_queries, error_texts, form_data
from tests.offers.admin_users import staff_client
from tests.outbox.receivers import NOW, PUBLIC, make_endpoint, make_webhook, resolves_to

pytestmark = pytest.mark.django_db

LIST = reverse("admin:django_ppx_webhookendpoint_changelist")
ADD = reverse("admin:django_ppx_webhookendpoint_add")
DELIVERIES = reverse("admin:django_ppx_outboxwebhook_changelist")
TYPED: dict[str, Any] = {
    "name": "The warehouse",
    "url": "https://hooks.example.com/shop",
    "events": ["ugc.approved", "code.issued"],
}


@pytest.fixture(autouse=True)
def _dns(monkeypatch) -> None:
    monkeypatch.setattr("socket.getaddrinfo", resolves_to(PUBLIC))


def page_of(row: WebhookEndpoint | OutboxWebhook, name: str = "change") -> str:
    return reverse(f"admin:django_ppx_{row._meta.model_name}_{name}", args=[row.pk])


def text_of(response: Any) -> str:
    return str(response.content.decode())


def shown_secret(response: Any) -> str:
    [text] = re.findall(r'id="ppx-secret"[^>]*>(whsec_[^<]+)<', text_of(response))
    return str(text)


def test_staff_add_an_endpoint_and_see_its_secret_once(admin_client, admin_user) -> None:
    page = admin_client.get(ADD)

    made = admin_client.post(ADD, form_data(page, **TYPED))

    [endpoint] = WebhookEndpoint.objects.all()
    assert (endpoint.name, endpoint.url) == ("The warehouse", "https://hooks.example.com/shop")
    assert endpoint.events == ["code.issued", "ugc.approved"]
    assert (endpoint.is_active, endpoint.created_by) == (True, admin_user)
    assert shown_secret(made) == endpoint.secret
    assert made["Cache-Control"].startswith("private, no-store")
    for address in (
        LIST,
        page_of(endpoint),
        page_of(endpoint, "rotate"),
        page_of(endpoint, "history"),
    ):
        assert endpoint.secret not in text_of(admin_client.get(address))


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://hooks.example.com/", "The address must begin with https://."),
        (
            "https://ada:x@hooks.example.com/",
            "A user name or password must not stand in the address.",
        ),
        ("https://hooks.example.com/#a", "This is no web address, such as"),
        ("ftp://hooks.example.com/", "This is no web address, such as"),
        ("nonsense", "Enter a valid URL."),
    ],
)
def test_what_is_no_address_for_webhooks_is_refused_in_words(
    url: str, sentence: str, admin_client
) -> None:
    page = admin_client.post(ADD, form_data(admin_client.get(ADD), **{**TYPED, "url": url}))

    assert sentence in error_texts(page)["url"][0]
    assert WebhookEndpoint.objects.count() == 0


def test_a_name_that_leads_into_a_private_network_is_refused_in_words(
    admin_client, monkeypatch
) -> None:
    typed = form_data(admin_client.get(ADD), **TYPED)
    monkeypatch.setattr("socket.getaddrinfo", resolves_to(PUBLIC, "10.0.0.1"))

    page = admin_client.post(ADD, typed)

    assert error_texts(page) == {
        "url": ["This address leads into a private network, and webhooks go to public ones alone."]
    }


def test_an_endpoint_needs_a_name_and_something_to_be_told_of(admin_client) -> None:
    typed = form_data(admin_client.get(ADD), name="", url=TYPED["url"])

    assert set(error_texts(admin_client.post(ADD, typed))) == {"name", "events"}


def test_a_form_that_is_sent_twice_makes_one_endpoint(admin_client) -> None:
    typed = form_data(admin_client.get(ADD), **TYPED)

    admin_client.post(ADD, typed)
    again = admin_client.post(ADD, typed)

    assert WebhookEndpoint.objects.count() == 1
    assert error_texts(again) == {"url": ["The endpoint “The warehouse” has this address already."]}


def test_what_staff_change_leaves_the_secret_alone(admin_client) -> None:
    endpoint = make_endpoint()
    typed = form_data(admin_client.get(page_of(endpoint)), name="CRM", is_active=None)
    WebhookEndpoint.objects.update(secret="whsec_renewed-meanwhile")

    admin_client.post(page_of(endpoint), typed)

    endpoint.refresh_from_db()
    assert (endpoint.name, endpoint.is_active) == ("CRM", False)
    assert endpoint.secret == "whsec_renewed-meanwhile"


def test_an_unchanged_address_is_not_looked_up_again(admin_client, monkeypatch) -> None:
    endpoint = make_endpoint()
    typed = form_data(admin_client.get(page_of(endpoint)), name="CRM")
    monkeypatch.setattr("socket.getaddrinfo", resolves_to())

    admin_client.post(page_of(endpoint), typed)

    endpoint.refresh_from_db()
    assert endpoint.name == "CRM"


def test_the_secret_is_renewed_once_however_often_it_is_asked_for(admin_client) -> None:
    endpoint = make_endpoint()
    [seen] = re.findall(
        r'name="seen" value="(\w+)"', text_of(admin_client.get(page_of(endpoint, "rotate")))
    )

    renewed = admin_client.post(page_of(endpoint, "rotate"), {"seen": seen})
    again = admin_client.post(page_of(endpoint, "rotate"), {"seen": seen}, follow=True)

    before = endpoint.secret
    endpoint.refresh_from_db()
    assert shown_secret(renewed) == endpoint.secret
    assert endpoint.previous_secret == before != endpoint.secret
    assert "This secret is renewed already" in text_of(again)
    assert endpoint.secret not in text_of(again)


def test_a_test_is_posted_to_this_endpoint_alone(admin_client) -> None:
    endpoint, _other = make_endpoint(events=["ugc.approved"]), make_endpoint()

    page = admin_client.post(page_of(endpoint, "test"), follow=True)

    [webhook] = OutboxWebhook.objects.all()
    assert webhook.endpoint == endpoint
    body = json.loads(webhook.body)
    assert (body["type"], body["data"]) == ("ugc.approved", {"test": True})
    assert "A test is on its way" in text_of(page)
    assert page_of(webhook) in text_of(page)
    assert admin_client.get(page_of(endpoint, "test")).status_code == 404


def test_an_endpoint_that_is_off_gets_no_test(admin_client) -> None:
    endpoint = make_endpoint(is_active=False)

    page = admin_client.post(page_of(endpoint, "test"), follow=True)

    assert OutboxWebhook.objects.count() == 0
    assert "This endpoint is switched off." in text_of(page)
    assert "Send a test" not in text_of(page)


def test_endpoints_are_switched_in_the_list(admin_client) -> None:
    endpoint = make_endpoint()

    for action, is_active in (("switch_off", False), ("switch_on", True)):
        admin_client.post(LIST, {"action": action, "_selected_action": [endpoint.pk]})
        endpoint.refresh_from_db()
        assert endpoint.is_active is is_active


def test_the_list_shows_how_the_last_deliveries_went(admin_client) -> None:
    endpoint = make_endpoint()
    for number, status in enumerate(["cancelled", "failed", "failed", *["waiting"] * 4]):
        webhook = make_webhook(endpoint, key=f"a:{number}")
        OutboxWebhook.objects.filter(pk=webhook.pk).update(status=status)

    page = text_of(admin_client.get(LIST))

    assert 'title="4 waiting, 2 failed"' in page
    assert "hooks.example.com" in page


@pytest.mark.parametrize("name", ["rotate", "test"])
def test_renewing_and_trying_need_their_permissions(name: str) -> None:
    endpoint = make_endpoint()
    client = staff_client("view_webhookendpoint")

    assert client.post(page_of(endpoint, name)).status_code == 403
    page = text_of(client.get(page_of(endpoint)))
    assert "Renew the secret" not in page
    assert "Send a test" not in page
    endpoint.refresh_from_db()
    assert (endpoint.previous_secret, OutboxWebhook.objects.count()) == ("", 0)


def test_without_view_the_permission_to_renew_is_not_enough() -> None:
    endpoint = make_endpoint()

    assert (
        staff_client("rotate_webhookendpoint").get(page_of(endpoint, "rotate")).status_code == 403
    )
    client = staff_client("view_webhookendpoint", "rotate_webhookendpoint")
    assert client.get(page_of(endpoint, "rotate")).status_code == 200
    assert Client().get(page_of(endpoint, "rotate")).status_code == 302


def test_switching_needs_change() -> None:
    endpoint = make_endpoint()
    client = staff_client("view_webhookendpoint")

    client.post(LIST, {"action": "switch_off", "_selected_action": [endpoint.pk]})

    endpoint.refresh_from_db()
    assert endpoint.is_active


def test_nothing_of_it_is_deleted(admin_client) -> None:
    webhook = make_webhook()

    assert admin_client.post(page_of(webhook.endpoint, "delete")).status_code == 403
    assert admin_client.post(page_of(webhook, "delete")).status_code == 403
    assert admin_client.post(page_of(webhook), {}).status_code == 403
    assert admin_client.get(reverse("admin:django_ppx_outboxwebhook_add")).status_code == 403


def test_who_may_read_webhooks_reads_the_body() -> None:
    webhook = make_webhook(data={"code": "<b>A</b>"})
    client = staff_client("view_outboxwebhook")
    reader = staff_client("view_outboxwebhook", "read_outboxwebhook")

    assert "&lt;b&gt;A&lt;/b&gt;" in text_of(reader.get(page_of(webhook)))
    page = text_of(client.get(page_of(webhook)))
    assert "You may not read what webhooks say" in page
    assert "&lt;b&gt;" not in page


def test_deliveries_show_every_attempt(admin_client) -> None:
    webhook = make_webhook()
    webhook.log.create(
        attempted_at=NOW, duration_ms=1234, status_code=500, error="The endpoint answered 500."
    )
    webhook.log.create(attempted_at=NOW, duration_ms=9, error="TimeoutError: timed out")

    page = text_of(admin_client.get(page_of(webhook)))

    assert '<span class="ppx-answer ppx-answer--bad">500</span>' in page
    assert "1234 ms" in page
    assert "TimeoutError: timed out" in page
    assert '<span class="ppx-badge ppx-badge--scheduled">Waiting</span>' in text_of(
        admin_client.get(DELIVERIES)
    )


def test_what_is_over_is_sent_again_by_who_may() -> None:
    webhook = make_webhook()
    OutboxWebhook.objects.update(status="failed", attempts=11)
    client = staff_client("view_outboxwebhook")
    resender = staff_client("view_outboxwebhook", "resend_outboxwebhook")
    data = {"action": "resend", "_selected_action": [webhook.pk]}

    client.post(DELIVERIES, data)
    webhook.refresh_from_db()
    assert webhook.status == "failed"
    assert "Send again" not in text_of(client.get(page_of(webhook)))
    assert "Send again" in text_of(resender.get(page_of(webhook)))
    resender.post(DELIVERIES, data)
    webhook.refresh_from_db()
    assert (webhook.status, webhook.attempts) == ("waiting", 0)
    again = resender.post(DELIVERIES, data, follow=True)
    assert "Only what is over" in text_of(again)


def test_an_emptied_webhook_says_so(admin_client) -> None:
    webhook = make_webhook()
    OutboxWebhook.objects.update(status="failed", body="", due_at=None)

    page = text_of(admin_client.get(page_of(webhook)))

    assert "its days are over" in page
    assert "Send again</button>" not in page


def test_the_pages_take_as_many_queries_with_many_rows(admin_client) -> None:
    endpoint = make_endpoint()
    make_webhook(endpoint)
    pages = (LIST, DELIVERIES, page_of(endpoint))
    one = [count_queries(lambda page=page: admin_client.get(page)) for page in pages]
    for number in range(12):
        make_endpoint(name=f"Endpoint {number}")
        make_webhook(endpoint, key=f"a:{number}")

    assert [count_queries(lambda page=page: admin_client.get(page)) for page in pages] == one
