"""Mails in admin: to look at, each as far as one may, and to send again when they failed."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from django_ppx.outbox.models import OutboxMail
from django_ppx.outbox.sending import send_due
from tests.admin_pages import count_queries
from tests.offers.admin_users import staff_client
from tests.outbox.posts import NOW, fail_with, mail_server, make_mail, refused

pytestmark = pytest.mark.django_db

LIST = reverse("admin:django_ppx_outboxmail_changelist")


def page_of(mail: OutboxMail) -> str:
    return reverse("admin:django_ppx_outboxmail_change", args=[mail.pk])


def html_of(mail: OutboxMail) -> str:
    return reverse("admin:django_ppx_outboxmail_html", args=[mail.pk])


def failed_mail() -> OutboxMail:
    mail = make_mail()
    with mail_server(fail_with(refused(550))):
        send_due(now=NOW)
    mail.refresh_from_db()
    return mail


def send_again(client: Client, mail: OutboxMail) -> None:
    client.post(LIST, {"action": "resend", "_selected_action": [mail.pk]})


def test_staff_see_what_was_sent_to_whom_and_how_it_stands(admin_client) -> None:
    mail = failed_mail()

    for address in (LIST, page_of(mail)):
        html = admin_client.get(address).content.decode()
        assert "It is on the page" in html
        assert '<span class="ppx-badge ppx-badge--paused">Failed</span>' in html
        assert "ada@example.com" in html


def test_only_what_waits_is_due(admin_client) -> None:
    mail = make_mail()

    assert "03/10/2026 1 p.m." in admin_client.get(page_of(mail)).content.decode()
    send_due(now=NOW)
    assert '<td class="field-due_shown">–</td>' in admin_client.get(LIST).content.decode()


def test_without_their_permissions_addresses_and_texts_are_not_shown() -> None:
    mail = failed_mail()
    client = staff_client("view_outboxmail")

    pages = [client.get(address).content.decode() for address in (LIST, page_of(mail))]

    assert all("a…@e….com" in page for page in pages)
    assert not any("ada@example.com" in page or "Thank you, Ada" in page for page in pages)
    assert "You may not read what mails say" in pages[1]
    assert html_of(mail) not in pages[1]
    assert client.get(html_of(mail)).status_code == 403
    assert client.get(LIST, {"q": "ada@example.com"}).context["cl"].result_count == 0


def test_who_may_read_mails_reads_both_parts() -> None:
    mail = make_mail()
    client = staff_client("view_outboxmail", "read_outboxmail")

    page = client.get(page_of(mail)).content.decode()

    assert '<pre class="ppx-mail__text" tabindex="0" dir="auto">Thank you, Ada.</pre>' in page
    assert f'src="{html_of(mail)}" sandbox ' in page


def test_the_html_stands_in_a_sandbox() -> None:
    mail = make_mail()

    response = staff_client("view_outboxmail", "read_outboxmail").get(html_of(mail))

    assert response.content == b"<p>Thank you, Ada.</p>"
    policy = response["Content-Security-Policy"].split("; ")
    assert {"sandbox", "default-src 'none'", "frame-ancestors 'self'"} <= set(policy)
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert {"private", "no-store"} <= set(response["Cache-Control"].split(", "))
    assert response["Referrer-Policy"] == "no-referrer"


def test_the_html_needs_both_permissions() -> None:
    mail = make_mail()

    assert staff_client("read_outboxmail").get(html_of(mail)).status_code == 403
    assert Client().get(html_of(mail)).status_code == 302


def test_an_emptied_mail_says_so(admin_client) -> None:
    mail = failed_mail()
    OutboxMail.objects.update(to="", subject="", text="", html="", due_at=None)

    page = admin_client.get(page_of(mail)).content.decode()

    assert "its days are over" in page
    assert f"Mail #{mail.pk}" in page
    assert "Send again" not in page
    assert admin_client.get(html_of(mail)).status_code == 404


def test_a_failed_mail_is_sent_again() -> None:
    mail = failed_mail()
    client = staff_client("view_outboxmail", "resend_outboxmail")
    assert "Send again" in client.get(page_of(mail)).content.decode()

    send_again(client, mail)

    mail.refresh_from_db()
    assert (mail.status, mail.attempts) == ("waiting", 0)
    assert "Send again</button>" not in client.get(page_of(mail)).content.decode()


def test_sending_again_needs_its_own_permission() -> None:
    mail = failed_mail()
    client = staff_client("view_outboxmail", "change_outboxmail")

    assert "Send again" not in client.get(page_of(mail)).content.decode()
    send_again(client, mail)

    mail.refresh_from_db()
    assert mail.status == "failed"


def test_a_mail_that_waits_is_not_sent_again(admin_client) -> None:
    mail = make_mail()

    send_again(admin_client, mail)

    mail.refresh_from_db()
    assert mail.due_at == NOW
    shown = admin_client.get(LIST).content.decode()
    assert "Only failed mails that still have their text can be sent again." in shown


def test_nothing_of_it_can_be_written(admin_client) -> None:
    mail = make_mail()
    name = "admin:django_ppx_outboxmail"

    assert admin_client.post(page_of(mail), {}).status_code == 403
    assert admin_client.get(reverse(f"{name}_add")).status_code == 403
    assert admin_client.post(reverse(f"{name}_delete", args=[mail.pk])).status_code == 403
    assert OutboxMail.objects.count() == 1


def test_the_list_takes_as_many_queries_with_many_rows(admin_client) -> None:
    make_mail()
    one = count_queries(lambda: admin_client.get(LIST))
    for number in range(20):
        make_mail(key=f"mail:{number}")

    assert count_queries(lambda: admin_client.get(LIST)) == one
