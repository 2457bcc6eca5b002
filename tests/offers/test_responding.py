"""Reports, followed links and dismissals, as a browser sends them."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.contrib.auth.models import Group
from django.db import OperationalError, connection
from django.utils import timezone

from django_ppx.events.models import OfferEvent
from django_ppx.offers.links import card_token
from django_ppx.offers.models import OfferPresentation
from django_ppx.social.models import SharePromptText
from django_ppx.testing import make_offer

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.hosts")]

BROWSER = {
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
    "accept-language": "en",
    "sec-fetch-mode": "navigate",
}


@pytest.fixture(autouse=True)
def _shop(settings):
    settings.PPX_SHOP = "tests.hosts.PlainShop"


@pytest.fixture
def presentation(client):
    make_offer(
        "message",
        url="https://shop.example.com/care/",
        texts={"en": {"headline": "Care for it", "button": "Read how"}},
    )
    client.get("/thanks/1001/")
    shown = OfferPresentation.objects.get()
    shown.presented_at -= timedelta(minutes=1)
    shown.save()
    return shown


def token_of(presentation, **age):
    return card_token(str(presentation.pk), now=timezone.now() - timedelta(**age))


def report(client, token, event="impression", **fields):
    return client.post("/ppx/event/", {"token": token, "event": event, **fields}, headers=BROWSER)


def test_a_report_is_stored_once(client, presentation):
    token = token_of(presentation)

    answers = [report(client, token).status_code for _ in range(3)]

    stored = OfferEvent.objects.get()
    assert answers == [204, 204, 204]
    assert (stored.name, stored.source, stored.bot_score) == ("impression", "beacon", 0)
    assert (stored.offer_id, stored.customer_id) == (
        presentation.offer_id,
        presentation.customer_id,
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"token": "", "event": "impression"},
        {"token": "junk", "event": "impression"},
        {"token": "a\x00b", "event": "impression"},
        {"event": "impression"},
        {},
    ],
)
def test_a_wrong_token_is_refused_without_a_word(client, presentation, fields):
    response = client.post("/ppx/event/", fields)

    assert response.status_code == 400
    assert response.content == b""
    assert not OfferEvent.objects.exists()


@pytest.mark.parametrize("event", ["click", "redeem", "", "impression\x00", "x" * 500])
def test_a_page_can_not_report_just_any_event(client, presentation, event):
    response = report(client, token_of(presentation), event)

    assert response.status_code == 400
    assert not OfferEvent.objects.exists()


def test_an_old_token_is_refused(client, presentation, settings):
    settings.PPX_LINK_MAX_AGE_DAYS = 90

    assert report(client, token_of(presentation, days=90)).status_code == 400
    assert report(client, token_of(presentation, days=89)).status_code == 204


def test_a_report_of_a_presentation_that_is_gone_is_refused(client, presentation):
    token = token_of(presentation)
    presentation.delete()

    assert report(client, token).status_code == 400


def test_reports_are_posted_never_fetched(client, presentation):
    response = client.get("/ppx/event/", {"token": token_of(presentation), "event": "impression"})

    assert response.status_code == 405
    assert not OfferEvent.objects.exists()


def test_a_link_leads_where_the_offer_says_and_counts_once(client, presentation):
    address = f"/ppx/go/{token_of(presentation)}/link/"

    first = client.get(address, headers=BROWSER)
    client.get(address, headers=BROWSER)

    assert (first.status_code, first["Location"]) == (302, "https://shop.example.com/care/")
    assert first["Cache-Control"] == "private, no-store"
    assert first["Referrer-Policy"] == "no-referrer"
    click = OfferEvent.objects.get()
    assert (click.name, click.source, click.bot_score) == ("click", "link", 0)
    assert OfferPresentation.objects.get().done_at is not None


def test_a_head_request_leads_on_and_counts_nothing(client, presentation):
    response = client.head(f"/ppx/go/{token_of(presentation)}/link/", headers=BROWSER)

    assert response.status_code == 302
    assert not OfferEvent.objects.exists()


def test_a_prefetch_counts_nothing(client, presentation):
    client.get(
        f"/ppx/go/{token_of(presentation)}/link/",
        headers={**BROWSER, "sec-purpose": "prefetch;prerender"},
    )

    assert not OfferEvent.objects.exists()


def test_a_machine_is_kept_apart_and_fulfils_nothing(client, presentation):
    client.get(
        f"/ppx/go/{token_of(presentation)}/link/", headers={"user-agent": "SafeLinks scanner"}
    )

    assert OfferEvent.objects.get().bot_score >= 50
    assert not OfferEvent.objects.human().exists()
    assert OfferPresentation.objects.get().done_at is None


@pytest.mark.parametrize("path", ["junk/link", "{token}/elsewhere", "{token}x/link"])
def test_a_wrong_link_says_the_same_whatever_is_wrong(client, presentation, path):
    response = client.get(f"/ppx/go/{path.format(token=token_of(presentation))}/", headers=BROWSER)

    assert response.status_code == 404
    assert "This link is no longer valid" in response.content.decode()
    assert "Care for it" not in response.content.decode()
    assert not OfferEvent.objects.exists()


def test_a_destination_that_is_no_web_address_is_not_followed(client, presentation):
    message = presentation.offer.message
    message.url = "javascript:alert(1)"
    message.save()

    response = client.get(f"/ppx/go/{token_of(presentation)}/link/", headers=BROWSER)

    assert response.status_code == 404


def test_a_dismissal_without_a_script_hides_the_offer_and_leads_back(client, presentation):
    response = client.post(
        "/ppx/dismiss/",
        {"token": token_of(presentation), "event": "dismiss"},
        headers={**BROWSER, "referer": "http://testserver/thanks/1001/"},
    )

    assert (response.status_code, response["Location"]) == (302, "http://testserver/thanks/1001/")
    assert OfferPresentation.objects.get().dismissed_at is not None


def test_a_dismissed_offer_is_not_on_the_page_any_more(client, presentation):
    report(client, token_of(presentation), "dismiss")
    Group.objects.all().delete()  # the host's page writes a row of a fixed name

    assert "Care for it" not in client.get("/thanks/1001/").content.decode()


def test_a_dismissal_never_leads_to_another_host(client, presentation):
    response = client.post(
        "/ppx/dismiss/",
        {"token": token_of(presentation)},
        headers={**BROWSER, "referer": "https://evil.example.com/"},
    )

    assert response.status_code == 200
    assert "Offer hidden" in response.content.decode()


def test_a_dismissal_needs_a_post(client, presentation):
    assert client.get("/ppx/dismiss/", {"token": token_of(presentation)}).status_code == 405
    assert OfferPresentation.objects.get().dismissed_at is None


def test_the_channel_tells_shares_apart(client, presentation):
    token = token_of(presentation)

    for channel in ("device", "", "device"):
        report(client, token, "share", channel=channel)

    assert sorted(OfferEvent.objects.values_list("channel", flat=True)) == ["", "device"]


def test_a_share_by_mail_opens_the_mail_program(client):
    prompt = make_offer("share_prompt", share_url="https://shop.example.com/bowl/")
    SharePromptText.objects.create(prompt=prompt, language="en", text="Look")
    client.get("/thanks/1001/")

    response = client.get(
        f"/ppx/go/{token_of(OfferPresentation.objects.get())}/share-email/", headers=BROWSER
    )

    assert response.status_code == 302
    assert response["Location"].startswith("mailto:?")
    assert OfferEvent.objects.values_list("name", "channel").get() == ("share", "email")


@pytest.mark.parametrize("channel", ["whatsapp", "a\x00b", "\ud800", "x" * 500])
def test_a_page_can_not_report_a_share_through_just_anything(client, presentation, channel):
    """Otherwise one card could fill the table; and the links say by themselves where they lead."""
    answer = client.post(
        "/ppx/event/",
        f"token={token_of(presentation)}&event=share&channel={quote(channel, errors='surrogatepass')}",
        content_type="application/x-www-form-urlencoded",
        headers=BROWSER,
    )

    assert answer.status_code == 400
    assert not OfferEvent.objects.exists()


def test_a_click_that_can_not_be_noted_leads_on_all_the_same(client, presentation, caplog):
    def refuse(execute, sql, params, many, context):
        if "offerevent" in sql:
            raise OperationalError("read-only")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        response = client.get(f"/ppx/go/{token_of(presentation)}/link/", headers=BROWSER)

    assert (response.status_code, response["Location"]) == (302, "https://shop.example.com/care/")
    assert [record.name for record in caplog.records if record.levelname == "ERROR"] == [
        "django_ppx"
    ]
    assert OfferPresentation.objects.get().done_at is None
