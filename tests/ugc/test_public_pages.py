"""The gallery's own pages, and reports from the public."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib import messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from django_ppx.core.tokens import make_token
from django_ppx.outbox.models import OutboxMail
from django_ppx.rewards.models import AttemptCount
from django_ppx.testing import make_submission
from django_ppx.testing.ugc import NOW
from django_ppx.ugc import public_views, report_views
from django_ppx.ugc.ending import withdraw
from django_ppx.ugc.models import UGCMedia, UGCReport, UGCSubmission
from django_ppx.ugc.storage import new_key
from tests.ugc.published import publish, publish_many, publish_video

pytestmark = pytest.mark.django_db
GALLERY = "/ppx/gallery/"


def text_of(response: Any) -> str:
    return response.content.decode()


def shown(response: Any) -> list[str]:
    return re.findall(r'href="/ppx/gallery/(\w{32})/" data-ppx-open', text_of(response))


def directives(response: Any) -> set[str]:
    return set(response["Cache-Control"].split(", "))


def test_the_pages_follow_each_other(client: Client, monkeypatch, settings) -> None:
    settings.PPX_SITE_URL = "https://shop.example.com"
    monkeypatch.setattr(public_views, "PAGE_SIZE", 2)
    keys = [media.key for media in reversed(publish_many(5))]

    pages = [client.get(GALLERY, {"page": number} if number > 1 else {}) for number in (1, 2, 3)]

    assert [shown(page) for page in pages] == [keys[:2], keys[2:4], keys[4:]]
    links = [
        re.findall(r'<link rel="(canonical|prev|next)" href="([^"]+)">', text_of(page))
        for page in pages
    ]
    site = f"https://shop.example.com{GALLERY}"
    assert links == [
        [("canonical", site), ("next", f"{GALLERY}?page=2")],
        [("canonical", f"{site}?page=2"), ("prev", GALLERY), ("next", f"{GALLERY}?page=3")],
        [("canonical", f"{site}?page=3"), ("prev", f"{GALLERY}?page=2")],
    ]
    assert "noindex" not in text_of(pages[0])


@pytest.mark.parametrize("page", ["0", "-1", "2", "x", "", "501", "1e3", "٣", "9" * 5000])
def test_a_page_that_is_none_is_404(client: Client, page: str) -> None:
    publish()

    assert client.get(GALLERY, {"page": page}).status_code == 404


def test_the_gallery_of_one_product_keeps_to_it(client: Client, monkeypatch) -> None:
    monkeypatch.setattr(public_views, "PAGE_SIZE", 1)
    first, second, other = publish_many(3)
    for media, sku in ((first, "A&B"), (second, "A&B"), (other, "C")):
        UGCSubmission.objects.filter(pk=media.submission_id).update(product_sku=sku)

    page = client.get(GALLERY, {"product": "A&B"})

    assert shown(page) == [second.key]
    assert f'<a class="ppx-button ppx-button--quiet" href="{GALLERY}?product=A%26B&amp;page=2"' in (
        text_of(page)
    )
    assert f'href="{GALLERY}">Of all products</a>' in text_of(page)
    assert shown(client.get(GALLERY, {"product": "A\x00&B"})) == [second.key]


def test_an_empty_gallery_says_so(client: Client) -> None:
    page = client.get(GALLERY)

    assert page.status_code == 200
    assert "Nothing is shown here yet." in text_of(page)
    assert "<dialog" not in text_of(page)


@pytest.mark.parametrize("count", [1, 5])
def test_the_page_costs_two_queries(client: Client, count: int, django_assert_num_queries) -> None:
    publish_many(count)
    client.get(GALLERY)  # the snapshot that the theme comes from

    with django_assert_num_queries(4):  # the gallery, whether the theme changed, its savepoint
        assert len(shown(client.get(GALLERY))) == count


def test_everybody_may_keep_the_page_for_a_minute(client: Client) -> None:
    media = publish()

    for url in (GALLERY, f"{GALLERY}{media.key}/"):
        page = client.get(url)
        assert directives(page) == {"public", "max-age=60"}
        assert "Cookie" not in page.get("Vary", "")
        assert not page.cookies
        client.cookies["sessionid"] = "somebody"
        assert client.get(url).content == page.content


@pytest.mark.parametrize("touch", ["session", "form"])
def test_a_frame_that_shows_something_of_the_visitor_keeps_the_page_private(touch: str) -> None:
    class Session:
        accessed = touch == "session"

    request = RequestFactory().get(GALLERY)
    request.session = Session()  # type: ignore[assignment]
    if touch == "form":
        request.META["CSRF_COOKIE_NEEDS_UPDATE"] = True

    response = public_views._public(request, HttpResponse())

    assert directives(response) == {"private", "no-cache"}


def test_a_frame_that_says_something_to_the_visitor_keeps_the_page_private(
    client: Client, settings
) -> None:
    frame = "{% for each in messages %}{{ each }}{% endfor %}{% block content %}{% endblock %}"
    loaders = [
        ("django.template.loaders.locmem.Loader", {"django_ppx/base.html": frame}),
        "django.template.loaders.app_directories.Loader",
    ]
    processor = "django.contrib.messages.context_processors.messages"
    backend = {**settings.TEMPLATES[0], "APP_DIRS": False, "DIRS": []}
    backend["OPTIONS"] = {"loaders": loaders, "context_processors": [processor]}
    settings.TEMPLATES = [backend]
    settings.MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
    assert directives(client.get(GALLERY)) == {"public", "max-age=60"}
    request = RequestFactory().get("/")
    request.COOKIES = {}
    storage = CookieStorage(request)
    storage.add(messages.INFO, "Welcome back, Ada")
    answer = HttpResponse()
    storage.update(answer)
    client.cookies["messages"] = answer.cookies["messages"].value

    page = client.get(GALLERY)

    assert "Welcome back, Ada" in page.text
    assert directives(page) == {"private", "no-cache"}


def test_an_item_has_a_page_of_its_own(client: Client) -> None:
    media = publish(caption="In the morning")

    page = text_of(client.get(f"{GALLERY}{media.key}/"))

    assert f'src="/ppx/ugc/media/{media.key}/gallery.jpg"' in page
    assert "<title>In the morning</title>" in page
    assert f'href="{GALLERY}{media.key}/report/"' in page
    assert page.count("Received a reward") == 1


def test_a_video_has_controls_and_does_not_start(client: Client) -> None:
    video = publish_video()

    page = text_of(client.get(f"{GALLERY}{video.key}/"))

    assert f'<video class="ppx-slide__media" src="/ppx/ugc/media/{video.key}/video.mp4"' in page
    assert " controls playsinline" in page
    assert "autoplay" not in page


def test_what_is_not_shown_is_one_answer(client: Client) -> None:
    waiting, gone = make_submission().media.get(), publish()
    withdraw(submission_id=gone.submission_id, now=NOW)

    for end in ("", "report/"):
        found = {
            (page.status_code, page.content, page["Cache-Control"])
            for page in (
                client.get(f"{GALLERY}{key}/{end}")
                for key in (waiting.key, gone.key, new_key(), "x", "%00")
            )
        }
        assert len(found) == 1
        ((status, body, cache),) = found
        assert status == 404
        assert b"This is not shown" in body
        assert "no-store" in cache


# Reports


def report(client: Client, media: UGCMedia, **fields: str) -> Any:
    sent = {"form_key": new_key(), "cause": "offensive", "text": "", "email": "", **fields}
    return client.post(f"{GALLERY}{media.key}/report/", sent)


def test_a_report_is_stored_and_answered_with_its_number(client: Client) -> None:
    media = publish()

    sent = report(client, media, text=" It is me.\r\n", email="me@example.com", cause="shows_me")

    stored = UGCReport.objects.get()
    assert (stored.submission_id, stored.media_key) == (media.submission_id, media.key)
    assert (stored.cause, stored.text, stored.email) == ("shows_me", "It is me.", "me@example.com")
    assert (stored.language, stored.status) == ("en", "open")
    assert sent.status_code == 302
    receipt = client.get(sent.url)
    assert stored.receipt in text_of(receipt)
    assert UGCSubmission.objects.get(pk=media.submission_id).status == "approved"
    assert OutboxMail.objects.filter(key__contains="report").count() == 1


def test_sent_twice_it_is_one_report_with_one_number(client: Client) -> None:
    media, key = publish(), new_key()

    first, second = (report(client, media, form_key=key) for _time in range(2))

    assert UGCReport.objects.count() == 1
    number = UGCReport.objects.get().receipt
    assert [number in text_of(client.get(sent.url)) for sent in (first, second)] == [True, True]


def test_the_form_has_a_key_of_its_own_each_time(client: Client) -> None:
    url = f"{GALLERY}{publish().key}/report/"

    keys = [
        re.search(r'name="form_key" value="(\w{32})"', text_of(client.get(url))) for _time in (1, 2)
    ]

    assert keys[0]
    assert keys[1]
    assert keys[0].group(1) != keys[1].group(1)


def test_the_form_is_private_and_can_be_sent_under_a_strict_referrer_policy(client: Client) -> None:
    page = client.get(f"{GALLERY}{publish().key}/report/")

    assert {"private", "no-store"} <= directives(page)
    assert page["Referrer-Policy"] == "same-origin"
    assert page["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"cause": ""}, "Please choose what is wrong."),
        ({"cause": "other"}, "Please say in your words what is wrong."),
        ({"email": "me@"}, "Enter a valid email address."),
        ({"text": "x" * 2001}, "at most 2000 characters"),
        ({"form_key": ""}, "This page is out of date."),
        ({"form_key": "x' OR 1=1"}, "This page is out of date."),
        ({"website": "https://spam.example.com"}, "Please send this once more."),
    ],
)
def test_what_can_not_be_taken_says_why(
    client: Client, fields: dict[str, str], sentence: str
) -> None:
    page = report(client, publish(), **fields)

    assert page.status_code == 200
    assert sentence in text_of(page)
    assert "spam.example.com" not in text_of(page)
    assert UGCReport.objects.count() == 0


def test_what_was_typed_stays_where_something_is_missing(client: Client) -> None:
    page = report(client, publish(), cause="", text="My words", email="me@example.com")

    assert "My words</textarea>" in text_of(page)
    assert 'value="me@example.com"' in text_of(page)


def test_a_report_on_what_is_gone_is_not_taken(client: Client) -> None:
    media = publish()
    withdraw(submission_id=media.submission_id, now=NOW)

    assert report(client, media).status_code == 404
    assert UGCReport.objects.count() == 0


@pytest.mark.parametrize("has_middleware", [True, False])
def test_a_form_of_another_site_is_refused(settings, has_middleware: bool) -> None:
    if not has_middleware:
        settings.MIDDLEWARE = [path for path in settings.MIDDLEWARE if "csrf" not in path]
    client, media = Client(enforce_csrf_checks=True), publish()

    assert report(client, media).status_code == 403
    assert UGCReport.objects.count() == 0


def test_one_address_reports_so_often_and_no_more(client: Client, monkeypatch) -> None:
    monkeypatch.setattr(report_views, "REPORTS_PER_HOUR", 2)
    media = publish()

    answers = [report(client, media, text="My words") for _time in range(3)]
    elsewhere = client.post(
        f"{GALLERY}{media.key}/report/",
        {"form_key": new_key(), "cause": "mine"},
        REMOTE_ADDR="198.51.100.7",
    )

    assert [answer.status_code for answer in answers] == [302, 302, 429]
    assert "There were many reports" in text_of(answers[2])
    assert "My words" in text_of(answers[2])
    assert elsewhere.status_code == 302
    assert UGCReport.objects.count() == 3


def test_the_next_hour_counts_anew(rf: RequestFactory, monkeypatch) -> None:
    monkeypatch.setattr(report_views, "REPORTS_PER_HOUR", 1)
    at = datetime(2026, 3, 10, 12, 59, 59, tzinfo=UTC)
    request: HttpRequest = rf.post("/")

    counted = [
        report_views._may_report(request, now) for now in (at, at, at + timedelta(seconds=1))
    ]

    assert counted == [True, False, True]


def test_addresses_are_counted_without_being_kept(client: Client) -> None:
    report(client, publish())

    source = AttemptCount.objects.get().source
    assert re.fullmatch(r"report:[0-9a-f]{32}", source)


def test_a_report_goes_through_where_the_address_can_not_be_read(
    client: Client, settings, caplog
) -> None:
    settings.PPX_CLIENT_ADDRESS = "no.such.function"

    assert report(client, publish()).status_code == 302
    assert "Counting a report failed" in caplog.text


def test_a_changed_receipt_shows_nothing(client: Client) -> None:
    token = make_token(purpose="ugc-report", payload="ABCDEFGHJKMN", now=timezone.now())
    old = make_token(
        purpose="ugc-report", payload="ABCDEFGHJKMN", now=timezone.now() - timedelta(days=7)
    )

    good = client.get(reverse("ppx:gallery_reported", args=[token]))
    bad = [client.get(reverse("ppx:gallery_reported", args=[each])) for each in (token[:-1], old)]

    assert (good.status_code, "ABCDEFGHJKMN" in text_of(good)) == (200, True)
    assert {"private", "no-store"} <= directives(good)
    assert [page.status_code for page in bad] == [404, 404]
