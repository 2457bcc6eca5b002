"""Taking part in a UGC reward through the API, for the customer of one order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from django_ppx.core.models import PurchaseLine
from django_ppx.offers.models import Offer
from django_ppx.testing import (
    FakeShop,
    make_audience,
    make_order,
    make_purchase,
    make_reason,
    make_ugc_offer,
)
from django_ppx.testing.ugc import photo
from django_ppx.ugc.deciding import approve, reject
from django_ppx.ugc.models import (
    UGCLicenceGrant,
    UGCMedia,
    UGCRewardOffer,
    UGCSubmission,
    UGCUploadAllowance,
)
from django_ppx.ugc.storage import media_storage
from tests.api.shoppers import API, Shopper, said
from tests.ugc.hostile import MARK, PICTURES
from tests.ugc.movie_files import movie
from tests.ugc.senders import stored_files

pytestmark = pytest.mark.django_db
POST_URL = "https://www.instagram.com/p/Cx1abc/"


@pytest.fixture(autouse=True)
def shop(settings):
    settings.PPX_SITE_URL = "https://shop.example.com"
    settings.PPX_SHOP = "django_ppx.testing.FakeShop"
    settings.STORAGES = {**settings.STORAGES}
    FakeShop.clear()
    yield
    FakeShop.clear()


@pytest.fixture
def ugc_offer() -> UGCRewardOffer:
    return make_ugc_offer(slug="mornings", minimum_age=16)


@pytest.fixture
def shopper(ugc_offer) -> Shopper:
    return Shopper()


def agreed(shopper: Shopper, **overrides: Any) -> dict[str, Any]:
    (offering,) = shopper.get("ugc/offers/").json()["results"]
    return {
        "has_agreed": True,
        "licence_mark": offering["licence"]["mark"],
        "is_old_enough": True,
        "people_agreed": True,
        "page": "https://front.example.com/thanks",
        **overrides,
    }


def film() -> bytes:
    return movie(in_moov=b"", after=b"\0\0\x20\0free" + bytes(0x2000 - 8))


def test_the_whole_way(shopper, ugc_offer, django_capture_on_commit_callbacks) -> None:
    draft = shopper.begin("mornings")
    first = shopper.add(draft, photo())
    content = film()
    upload = shopper.begin_upload(draft, content)
    third = len(content) // 3 + 1
    shopper.piece(upload, content[:third], 0)
    shopper.piece(upload, content[third : 2 * third], third)
    lost = shopper.piece(upload, content[third : 2 * third], third)
    assert (lost.status_code, lost.json()["offset"]) == (200, 2 * third)
    with django_capture_on_commit_callbacks(execute=True):
        last = shopper.piece(upload, content[2 * third :], 2 * third)
    again = shopper.piece(upload, content[2 * third :], 2 * third)
    assert last.json() == again.json()
    assert last.json()["media"]["type"] == "video"

    sent = shopper.post(
        f"ugc/submissions/{draft}/send/",
        agreed(shopper, caption="In the morning", posts=[POST_URL]),
    )

    assert sent.status_code == 200
    assert sent.json()["state"] == "waiting"
    assert sent.json()["title"] == "Thank you, it has arrived"
    assert [file["key"] for file in sent.json()["files"]] == [
        first.json()["key"],
        last.json()["media"]["key"],
    ]
    grant = UGCLicenceGrant.objects.get()
    assert (grant.page, grant.minimum_age) == ("https://front.example.com/thanks", 16)
    approve(submission_id=UGCSubmission.objects.get().pk, by_id=None, now=timezone.now())
    stands = shopper.get(f"ugc/submissions/{draft}/").json()
    assert (stands["state"], stands["reward"]["state"]) == ("approved", "given")
    assert stands["reward"]["code"]["value"]

    with django_capture_on_commit_callbacks(execute=True):
        gone = shopper.post(f"ugc/submissions/{draft}/withdraw/")

    assert (gone.status_code, gone.json()["state"]) == (200, "withdrawn")
    assert stored_files() == set()
    again = shopper.post(f"ugc/submissions/{draft}/withdraw/")
    assert (again.status_code, again.json()["state"]) == (200, "withdrawn")


def test_an_offer_says_all_that_a_front_end_needs(shopper, ugc_offer) -> None:
    (offering,) = shopper.get("ugc/offers/").json()["results"]

    mark = offering["licence"].pop("mark")
    assert len(mark) == 64
    assert offering == {
        "offer": "mornings",
        "theme": "Your mornings",
        "brief": "Show us the mug in the morning light.",
        "accepted": {
            "photos": {
                "most": 5,
                "max_bytes": 20_000_000,
                "media_types": ["image/jpeg", "image/png", "image/webp"],
            },
            "videos": {
                "most": 1,
                "max_bytes": 100_000_000,
                "media_types": ["video/mp4", "video/quicktime", "video/webm"],
            },
            "posts": 2,
            "texts": ["Up to 5 photos, each at most 20 MB", "1 video of at most 100 MB"],
        },
        "reward": {
            "summary": "10% off",
            "text": "",
            "conditions": ["Can't be combined with other codes"],
            "image_url": "",
        },
        "licence": {
            "summary": "I took these pictures, and the shop may show them.",
            "text": "The shop may show the pictures on its website.",
            "scopes": ["website"],
            "term": "Until you revoke it",
            "term_months": None,
        },
        "minimum_age": 16,
        "asks_people_agreed": True,
        "disclosure": "#ad",
        "prepared_text": "#ad",
        "products": [],
        "ends_at": None,
        "has_room": True,
    }


def test_products_are_offered_where_there_is_a_choice(shopper) -> None:
    for position, sku in enumerate(("MUG", "BOWL", "MUG"), start=10):
        PurchaseLine.objects.create(
            purchase=shopper.purchase,
            position=position,
            sku=sku,
            title=sku.title(),
            quantity=1,
            unit_price_minor=100,
            total_minor=100,
        )

    (offering,) = shopper.get("ugc/offers/").json()["results"]

    assert {"sku": "MUG", "title": "Mug"} in offering["products"]
    assert {"sku": "BOWL", "title": "Bowl"} in offering["products"]


def test_only_what_is_open_is_offered(shopper, ugc_offer) -> None:
    now = timezone.now()
    make_ugc_offer(slug="paused", status="paused")
    make_ugc_offer(slug="over", ends_at=now - timedelta(seconds=1))
    make_ugc_offer(slug="soon", starts_at=now + timedelta(hours=1))

    assert [each["offer"] for each in shopper.get("ugc/offers/").json()["results"]] == ["mornings"]
    for slug, expected in {
        "paused": (404, "not_found"),
        "nothing": (404, "not_found"),
        "over": (409, "not_open"),
        "soon": (409, "not_open"),
    }.items():
        assert said(shopper.post("ugc/submissions/", {"offer": slug})) == expected
    assert not UGCSubmission.objects.exists()


def test_an_offer_is_for_its_audience_alone(shopper, ugc_offer) -> None:
    audience = make_audience([("country", "is", "FR")])
    Offer.objects.update(audience=audience)

    assert shopper.get("ugc/offers/").json() == {"results": []}
    assert said(shopper.post("ugc/submissions/", {"offer": "mornings"})) == (404, "not_found")


def test_a_cancelled_order_takes_no_part(shopper) -> None:
    type(shopper.purchase).objects.update(status="cancelled")

    assert shopper.get("ugc/offers/").json() == {"results": []}
    assert said(shopper.post("ugc/submissions/", {"offer": "mornings"})) == (409, "not_open")


def test_places_that_are_taken_are_said(shopper) -> None:
    draft = shopper.begin("mornings")
    answer = shopper.post(f"ugc/submissions/{draft}/send/", agreed(shopper, posts=[POST_URL]))
    assert answer.status_code == 200

    (offering,) = shopper.get("ugc/offers/").json()["results"]

    assert offering["has_room"] is False


def test_offers_cost_the_same_however_many_there_are(shopper, django_assert_num_queries) -> None:
    shopper.get("ugc/offers/")
    with django_assert_num_queries(11):
        shopper.get("ugc/offers/")
    for _offer in range(4):
        make_ugc_offer()
    shopper.get("ugc/offers/")

    with django_assert_num_queries(11):
        assert len(shopper.get("ugc/offers/").json()["results"]) == 5


def test_an_order_that_the_shop_knows_is_met_here_first(ugc_offer) -> None:
    order = FakeShop.place(make_order(number="S-1"))
    purchase = make_purchase()
    type(purchase).objects.update(order_ref="elsewhere")
    shopper = Shopper(purchase)
    purchase.order_ref = order.number
    shopper = Shopper(purchase)

    assert len(shopper.get("ugc/offers/").json()["results"]) == 1


def test_an_order_that_nobody_knows_is_not_there(ugc_offer) -> None:
    purchase = make_purchase()
    shopper = Shopper(purchase)
    type(purchase).objects.update(order_ref="elsewhere")

    assert said(shopper.get("ugc/offers/")) == (404, "not_found")
    assert said(shopper.post("ugc/submissions/", {"offer": "mornings"})) == (404, "not_found")
    assert shopper.get("ugc/submissions/").json()["results"] == []


def test_without_a_token_nothing_is_said(client, ugc_offer) -> None:
    for path in ("offers", "submissions", "submissions/abc", "uploads/abc"):
        assert said(client.get(f"{API}ugc/{path}/")) == (401, "not_authenticated")


def test_the_same_reference_is_the_same_draft(shopper) -> None:
    first = shopper.post("ugc/submissions/", {"offer": "mornings", "reference": "basket 7"})
    second = shopper.post("ugc/submissions/", {"offer": "mornings", "reference": "basket 7"})
    other = shopper.post("ugc/submissions/", {"offer": "mornings", "reference": "basket 8"})

    assert (first.status_code, second.status_code, other.status_code) == (201, 200, 201)
    assert first.json() == second.json()
    assert first.headers["Location"].endswith(f"/v1/ugc/submissions/{first.json()['id']}/")
    assert other.json()["id"] != first.json()["id"]
    assert UGCSubmission.objects.count() == 2


def test_a_reference_of_another_order_is_another_draft(shopper) -> None:
    mine = shopper.begin("mornings", reference="a")

    assert Shopper().begin("mornings", reference="a") != mine


def test_an_order_has_so_many_drafts_and_no_more(shopper) -> None:
    drafts = [shopper.begin("mornings") for _draft in range(10)]

    answer = shopper.post("ugc/submissions/", {"offer": "mornings"})

    assert said(answer) == (409, "too_many_drafts")
    shopper.post(f"ugc/submissions/{drafts[0]}/withdraw/")
    answer = shopper.post("ugc/submissions/", {"offer": "mornings"})
    assert said(answer) == (409, "too_many_drafts")
    yesterday = timezone.now() - timedelta(days=1)
    UGCSubmission.objects.filter(form_key=drafts[0]).update(created_at=yesterday)
    assert shopper.begin("mornings")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"offer": 7},
        {"offer": ""},
        {"offer": "mornings", "reference": "x" * 65},
        {"offer": "mornings", "extra": 1},
    ],
)
def test_a_body_that_is_not_as_it_must_be_begins_nothing(shopper, body) -> None:
    assert said(shopper.post("ugc/submissions/", body)) == (400, "invalid")
    assert not UGCSubmission.objects.exists()


def test_a_file_is_taken_and_can_be_looked_at(shopper) -> None:
    draft = shopper.begin("mornings")

    answer = shopper.add(draft, photo(size=(640, 480)))

    media = answer.json()
    assert answer.status_code == 201
    assert (media["type"], media["name"], media["width"]) == ("photo", "photo.jpg", 640)
    assert [each["media_type"] for each in media["previews"]] == ["image/jpeg", "image/jpeg"]
    small = media["previews"][0]
    assert small["url"].startswith("http://testserver/ppx/api/v1/ugc/submissions/")
    served = shopper.client.get(small["url"], headers={"Accept": "image/webp"})
    assert served.status_code == 200
    assert b"".join(served.streaming_content).startswith(b"\xff\xd8\xff")
    assert served.headers["Content-Type"] == "image/jpeg"
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert served.headers["Cache-Control"] == "private, no-store"
    part = shopper.client.get(small["url"], headers={"Range": "bytes=0-1"})
    assert (part.status_code, b"".join(part.streaming_content)) == (206, b"\xff\xd8")
    assert said(shopper.client.get(small["url"].replace("list", "full")))[0] == 404
    assert said(Shopper().client.get(small["url"]))[0] == 404
    assert said(Client().get(small["url"]))[0] == 401


def test_the_same_file_again_is_the_same_and_counts_once(shopper) -> None:
    draft, content = shopper.begin("mornings"), photo().read()

    answers = [shopper.add(draft, SimpleUploadedFile("a.jpg", content)) for _answer in range(2)]

    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()
    assert UGCUploadAllowance.objects.get().files_this_hour == 1


def test_a_key_answers_the_same_file_again_and_no_other(shopper) -> None:
    draft, content = shopper.begin("mornings"), photo().read()
    key = {"Idempotency-Key": "file 1".replace(" ", "-")}

    first = shopper.add(draft, SimpleUploadedFile("a.jpg", content), headers=key)
    second = shopper.add(draft, SimpleUploadedFile("a.jpg", content), headers=key)
    other = shopper.add(draft, photo(), headers=key)

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.content == first.content
    assert said(other) == (422, "idempotency_key_reused")
    assert UGCMedia.objects.count() == 1


@pytest.mark.parametrize(
    "case",
    [
        case
        for case in PICTURES
        if case.name
        in {
            "SVG that claims to be a JPEG",
            "JPEG and HTML",
            "PHP after a PNG",
            "PNG of 900 million pixels",
            "two megabytes more than allowed",
            "a name with a NUL",
        }
    ],
    ids=lambda case: case.name,
)
def test_hostile_files_are_refused_or_harmless(case, shopper) -> None:
    draft = shopper.begin("mornings")

    answer = shopper.add(draft, SimpleUploadedFile(case.claimed, case.make(), case.content_type))

    if case.expected == "taken":
        assert answer.status_code == 201
    else:
        assert said(answer) == (409, case.expected)
        assert (UGCMedia.objects.count(), stored_files()) == (0, set())
    assert not [name for name in stored_files() if MARK in media_storage().open(name).read()]


def test_a_file_that_turns_out_too_large_stops_being_read(settings) -> None:
    make_ugc_offer(slug="small", max_photo_megabytes=1, max_videos=1, max_video_megabytes=50)
    shopper = Shopper()
    draft = shopper.begin("small")
    large = SimpleUploadedFile("a.jpg", photo().read() + bytes(2_000_000), "image/jpeg")

    answer = shopper.add(draft, large)

    assert said(answer) == (409, "too_large")
    assert answer.json()["detail"] == ("This file is too large. Please choose one of at most 1 MB.")


def test_a_form_without_its_file_or_with_several_is_refused(shopper) -> None:
    draft = shopper.begin("mornings")
    path = f"{API}ugc/submissions/{draft}/files/"

    nothing = shopper.client.post(path, {"other": "words"})
    several = shopper.client.post(path, {"file": [photo(), photo()]})
    elsewhere = shopper.client.post(path, {"files": photo()})
    no_form = shopper.client.post(path, b"\xff\xd8\xff", content_type="image/jpeg")
    broken = shopper.client.post(path, b"no form", content_type="multipart/form-data; boundary=")

    assert said(nothing) == (400, "invalid")
    assert nothing.json()["errors"][0]["pointer"] == "/file"
    assert said(several) == (409, "enough")
    assert said(elsewhere) == (409, "enough")
    assert said(no_form) == (415, "unsupported_media_type")
    assert said(broken) == (400, "malformed")
    assert not UGCMedia.objects.exists()


def test_a_host_that_read_the_body_already_is_no_fault(shopper, settings) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "tests.ugc.test_receiving.reading_middleware"]
    draft = shopper.begin("mornings")

    assert shopper.add(draft, photo()).status_code == 201


def test_a_file_is_taken_out_until_it_is_sent(shopper, django_capture_on_commit_callbacks) -> None:
    draft = shopper.begin("mornings")
    keys = [shopper.add(draft, photo()).json()["key"] for _file in range(2)]

    with django_capture_on_commit_callbacks(execute=True):
        gone = shopper.delete(f"ugc/submissions/{draft}/files/{keys[0]}/")

    assert (gone.status_code, gone.content) == (204, b"")
    assert said(shopper.delete(f"ugc/submissions/{draft}/files/{keys[0]}/")) == (404, "not_found")
    assert not [name for name in stored_files() if keys[0] in name]
    shopper.post(f"ugc/submissions/{draft}/send/", agreed(shopper))
    assert said(shopper.delete(f"ugc/submissions/{draft}/files/{keys[1]}/")) == (409, "sent")
    assert said(shopper.add(draft, photo())) == (409, "sent")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"has_agreed": False}, "no_licence"),
        ({"licence_mark": "0" * 64}, "licence_changed"),
        ({"is_old_enough": False}, "too_young"),
        ({"people_agreed": False}, "people"),
        ({"product_sku": "ANOTHER"}, "unknown_product"),
        ({"posts": ["https://example.com/"]}, "unknown_network"),
        ({"posts": [f"{POST_URL[:-2]}{n}/" for n in range(3)]}, "too_many_posts"),
        ({"posts": []}, "nothing"),
    ],
)
def test_what_can_not_be_sent_stays_a_draft(shopper, change, reason: str) -> None:
    draft = shopper.begin("mornings")
    body = agreed(shopper, **{"posts": [POST_URL], **change})

    answer = shopper.post(f"ugc/submissions/{draft}/send/", body)

    assert said(answer) == (409, reason)
    assert shopper.get(f"ugc/submissions/{draft}/").json()["state"] == "draft"


@pytest.mark.parametrize(
    "page", ["", "javascript:alert(1)", "//example.com/", "thanks", "/" + "x" * 300, "http://[", 7]
)
def test_the_page_is_an_address_or_a_path(shopper, page) -> None:
    draft = shopper.begin("mornings")
    body = agreed(shopper, posts=[POST_URL], page=page)

    answer = shopper.post(f"ugc/submissions/{draft}/send/", body)

    assert said(answer) == (400, "invalid")
    assert answer.json()["errors"][0]["pointer"] == "/page"


@pytest.mark.parametrize("field", ["has_agreed", "licence_mark", "page"])
def test_what_the_register_needs_is_required(shopper, field: str) -> None:
    draft = shopper.begin("mornings")
    body = agreed(shopper, posts=[POST_URL])
    del body[field]

    assert said(shopper.post(f"ugc/submissions/{draft}/send/", body)) == (400, "invalid")


def test_sent_twice_it_is_one(shopper) -> None:
    draft = shopper.begin("mornings")
    body = agreed(shopper, posts=[POST_URL])

    first = shopper.post(f"ugc/submissions/{draft}/send/", body)
    second = shopper.post(f"ugc/submissions/{draft}/send/", body)

    assert first.json() == second.json()
    assert UGCLicenceGrant.objects.count() == 1


def test_a_rejection_says_why(shopper) -> None:
    draft = shopper.begin("mornings")
    shopper.post(f"ugc/submissions/{draft}/send/", agreed(shopper, posts=[POST_URL]))
    reject(
        submission_id=UGCSubmission.objects.get().pk,
        reason_id=make_reason("Please send a sharper picture.").pk,
        by_id=None,
        now=timezone.now(),
        words="Nearly!",
    )

    stands = shopper.get(f"ugc/submissions/{draft}/").json()

    assert (stands["state"], stands["title"]) == ("rejected", "We can't use this one")
    assert (stands["reason"], stands["note"]) == ("Please send a sharper picture.", "Nearly!")
    assert stands["reward"] is None


def test_an_order_whose_number_differs_in_case_alone_is_another(shopper) -> None:
    shopper.purchase.order_ref = "aB3"
    shopper.purchase.save()
    mine = Shopper(shopper.purchase)
    draft = mine.begin("mornings")
    shopper.purchase.order_ref = "ab3"  # known to the shop, not to us
    other = Shopper(shopper.purchase)

    assert [row["id"] for row in mine.get("ugc/submissions/").json()["results"]] == [draft]
    assert other.get("ugc/submissions/").json()["results"] == []
    assert other.get(f"ugc/submissions/{draft}/").status_code == 404
    assert other.post(f"ugc/submissions/{draft}/withdraw/").status_code == 404


def test_what_is_another_orders_is_not_there(shopper) -> None:
    draft = shopper.begin("mornings")
    key = shopper.add(draft, photo()).json()["key"]
    content = film()
    upload = shopper.begin_upload(draft, content)
    stranger = Shopper()
    body = agreed(stranger, posts=[POST_URL])
    one = f"ugc/submissions/{draft}/"

    answers = [
        stranger.get(one),
        stranger.add(draft, photo()),
        stranger.delete(f"{one}files/{key}/"),
        stranger.get(f"{one}files/{key}/list.jpg"),
        stranger.post(f"{one}send/", body),
        stranger.post(f"{one}withdraw/"),
        stranger.post(f"{one}uploads/", {"name": "a.mp4", "size": 100}),
        stranger.get(f"ugc/uploads/{upload}/"),
        stranger.piece(upload, content, 0),
        stranger.delete(f"ugc/uploads/{upload}/"),
    ]

    nowhere = stranger.get(f"ugc/submissions/{'a' * 32}/")
    assert {answer.content for answer in answers} == {nowhere.content}
    assert {said(answer) for answer in answers} == {(404, "not_found")}
    assert stranger.get("ugc/submissions/").json()["results"] == []
    stands = shopper.get(one).json()
    assert (stands["state"], len(stands["files"])) == ("draft", 1)
    assert stands["uploads"][0]["offset"] == 0


def test_the_list_costs_the_same_however_long_it_is(shopper, django_assert_num_queries) -> None:
    def made() -> None:
        draft = shopper.begin("mornings")
        shopper.add(draft, photo(size=(64, 64)))
        UGCRewardOffer._base_manager.update(max_per_customer=None)
        body = agreed(shopper, posts=[POST_URL])
        assert shopper.post(f"ugc/submissions/{draft}/send/", body).status_code == 200
        approve(submission_id=UGCSubmission.objects.latest("pk").pk, by_id=None, now=timezone.now())

    made()
    with django_assert_num_queries(10):
        shopper.get("ugc/submissions/")
    made()
    made()

    with django_assert_num_queries(10):
        page = shopper.get("ugc/submissions/").json()

    assert (len(page["results"]), page["next"], page["previous"]) == (3, None, None)
    assert page["results"][0]["reward"]["code"]["value"]


def test_a_long_list_comes_in_pages(shopper) -> None:
    drafts = [shopper.begin("mornings") for _draft in range(3)]

    first = shopper.get("ugc/submissions/?limit=2").json()
    rest = shopper.client.get(first["next"]).json()

    assert [each["id"] for each in first["results"] + rest["results"]] == drafts[::-1]
    assert said(shopper.get("ugc/submissions/?limit=0")) == (400, "invalid")


def test_sentences_are_in_the_callers_language(ugc_offer) -> None:
    shopper = Shopper(**{"Accept-Language": "de"})

    (offering,) = shopper.get("ugc/offers/").json()["results"]

    assert offering["licence"]["term"] == "Bis zum Widerruf"


def session_client(purchase, **options: Any) -> Client:
    account = User.objects.create_user("ada", password="x")
    client = Client(headers={"PPX-Order": purchase.order_ref}, **options)
    client.force_login(account)
    return client


class OpenShop(FakeShop):
    """Shows every order to whoever is logged in."""

    def can_view(self, request: Any, order: Any) -> bool:
        return bool(request.user.is_authenticated)


@pytest.fixture
def own_session(settings, ugc_offer):
    settings.PPX_SHOP = f"{__name__}.OpenShop"
    order = FakeShop.place(make_order())
    purchase = make_purchase()
    type(purchase).objects.update(order_ref=order.number)
    purchase.order_ref = order.number
    client = session_client(purchase, enforce_csrf_checks=True)
    client.cookies["csrftoken"] = "a" * 32
    return client


def test_a_session_needs_the_csrf_header_before_anything_is_read(own_session, monkeypatch) -> None:
    token = {"X-CSRFToken": "a" * 32}
    begun = own_session.post(
        f"{API}ugc/submissions/", {"offer": "mornings"}, "application/json", headers=token
    )
    assert begun.status_code == 201
    path = f"{API}ugc/submissions/{begun.json()['id']}/files/"

    in_form = own_session.post(path, {"csrfmiddlewaretoken": "a" * 32, "file": photo()})
    without = own_session.post(path, {"file": photo()})
    wrong = own_session.post(path, {"file": photo()}, headers={"X-CSRFToken": "b" * 32})

    assert {answer.status_code for answer in (in_form, without, wrong)} == {403}
    assert not UGCMedia.objects.exists()
    assert own_session.post(path, {"file": photo()}, headers=token).status_code == 201


def test_the_caps_hold_for_sessions_too(own_session) -> None:
    UGCRewardOffer._base_manager.update(max_photo_megabytes=1)
    token = {"X-CSRFToken": "a" * 32}
    begun = own_session.post(
        f"{API}ugc/submissions/", {"offer": "mornings"}, "application/json", headers=token
    )
    path = f"{API}ugc/submissions/{begun.json()['id']}/files/"
    large = SimpleUploadedFile("a.jpg", photo().read() + bytes(2_000_000), "image/jpeg")

    answer = own_session.post(path, {"file": large}, headers=token)

    assert said(answer) == (409, "too_large")
    assert UGCUploadAllowance.objects.count() == 0  # it stopped before the file was looked at
