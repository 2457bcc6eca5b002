"""The gallery's items, and the tag: one query, whatever there is, and nothing of a visitor."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.test import RequestFactory

from django_ppx.core.models import PurchaseLine
from django_ppx.middleware import PersonalPageMiddleware
from django_ppx.testing import make_purchase, make_submission
from django_ppx.testing.ugc import NOW
from django_ppx.ugc import gallery as gallery_module
from django_ppx.ugc.gallery import gallery_item, gallery_slice
from django_ppx.ugc.models import UGCMedia, UGCSubmission
from django_ppx.ugc.serving import NotShown
from tests.ugc.published import offer, publish, publish_many, publish_video

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=1)


def describe(media: UGCMedia, **columns: Any) -> None:
    UGCSubmission.objects.filter(pk=media.submission_id).update(**columns)


def items(**asked: Any) -> tuple[gallery_module.GalleryItem, ...]:
    return gallery_slice(**{"limit": 12, "now": LATER, "language": "en", **asked}).items


def test_an_item_has_every_size_and_both_formats() -> None:
    media = publish(photos=1)
    root = f"/ppx/ugc/media/{media.key}"

    (item,) = items()

    assert item.picture is not None
    assert item.picture.srcset == f"{root}/list.jpg 320w, {root}/gallery.jpg 640w"
    assert item.picture.webp_srcset == f"{root}/list.webp 320w, {root}/gallery.webp 640w"
    assert item.picture.src == f"{root}/gallery.jpg"
    assert item.picture.full_url == f"{root}/gallery.jpg"
    assert (item.picture.width, item.picture.height) == (640, 480)
    assert (item.type, item.video_url, item.is_video) == ("photo", "", False)
    assert item.page_url == f"/ppx/gallery/{media.key}/"
    assert item.report_url == f"/ppx/gallery/{media.key}/report/"
    assert item.is_rewarded is True


@pytest.mark.parametrize("is_reversed", [True, False])
def test_the_order_in_the_column_does_not_matter(is_reversed: bool) -> None:
    media = publish()
    media.files = dict(sorted(media.files.items(), reverse=is_reversed))
    media.save()

    (item,) = items()

    assert item.picture is not None
    assert item.picture.src == f"/ppx/ugc/media/{media.key}/gallery.jpg"


def test_newest_first_and_no_more_than_asked_for() -> None:
    first, second, third = publish_many(3)

    found = gallery_slice(limit=2, now=LATER, language="en")
    rest = gallery_slice(limit=2, offset=2, now=LATER, language="en")

    assert [item.key for item in found.items] == [third.key, second.key]
    assert [item.key for item in rest.items] == [first.key]
    assert (found.has_more, rest.has_more) == (True, False)
    assert items(limit=0) == ()


def test_never_more_than_the_most(monkeypatch) -> None:
    publish_many(3)
    monkeypatch.setattr(gallery_module, "MOST", 2)

    assert len(items(limit=1_000_000)) == 2


def test_only_what_is_published_is_there() -> None:
    make_submission()
    over = publish()
    describe(over, published_until=LATER)

    assert items() == ()
    assert len(items(now=LATER - timedelta(microseconds=1))) == 1


@pytest.mark.parametrize(
    "product", ["CUP", SimpleNamespace(sku="CUP"), SimpleNamespace(sku=" CUP")]
)
def test_the_items_of_one_product(product: Any) -> None:
    cup, bowl = publish(), publish()
    describe(cup, product_sku="CUP")
    describe(bowl, product_sku="BOWL")

    assert [item.key for item in items(product=product)] == [cup.key]
    assert len(items()) == 2


@pytest.mark.parametrize("product", ["", SimpleNamespace(sku=""), SimpleNamespace(sku=None)])
def test_a_product_without_a_sku_has_no_items(product: Any) -> None:
    publish()

    assert items(product=product) == ()


@pytest.mark.parametrize(
    ("words", "alt"),
    [
        ({"alt_text": "A blue mug", "caption": "Mine", "product_title": "Mug"}, "A blue mug"),
        ({"caption": "Mine,\nat last", "product_title": "Mug"}, "Mine, at last"),
        ({"caption": "x" * 300}, "x" * 199 + "…"),
        ({"caption": "", "product_title": "Mug"}, "Mug"),
        ({"caption": "", "product_title": ""}, "A customer's photo"),
    ],
)
def test_what_is_read_out(words: dict[str, str], alt: str) -> None:
    describe(publish(), **words)

    (item,) = items()

    assert item.alt == alt


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("https://shop.example.com/cup/", "https://shop.example.com/cup/"),
        ("/cup/", "/cup/"),
        ("javascript:alert(1)", ""),
        ("//evil.example.com/", ""),
        ("/\\evil.example.com/", ""),
        ("", ""),
    ],
)
def test_the_product_is_linked_as_it_was_bought(stored: str, shown: str) -> None:
    purchase = make_purchase()
    line = PurchaseLine.objects.filter(purchase=purchase).first()
    assert line is not None
    PurchaseLine.objects.filter(pk=line.pk).update(sku="CUP", product_url=stored)
    media = publish(purchase=purchase, product_sku="CUP")
    describe(media, product_title="Cup")

    (item,) = items()

    assert (item.product_title, item.product_url) == ("Cup", shown)


def test_a_video_has_its_address_and_no_picture_without_a_poster() -> None:
    video = publish_video()

    item = gallery_item(video.key, now=LATER, language="en")

    assert item.is_video is True
    assert item.video_url == f"/ppx/ugc/media/{video.key}/video.mp4"
    assert item.picture is None
    assert (item.width, item.height) == (640, 360)


def test_a_video_with_a_poster_shows_it_and_loads_nothing_yet() -> None:
    poster = publish()
    video = publish_video()
    UGCMedia.objects.filter(pk=video.pk).update(files=video.files | poster.files)
    UGCSubmission.objects.filter(pk=poster.submission_id).update(published_at=None)
    UGCSubmission.objects.filter(pk=video.submission_id).update(published_at=LATER)
    UGCMedia.objects.filter(submission=video.submission_id, type="photo").delete()

    html = page("{% ppx_gallery %}")

    root = f"/ppx/ugc/media/{video.key}"
    tile, _template, slide = html.partition("<template")
    assert f'<img class="ppx-gallery__image" src="{root}/gallery.jpg"' in tile
    assert f' src="{root}/video.mp4" poster="{root}/gallery.jpg" width="640"' in slide
    assert 'preload="none"' in slide


def test_an_item_that_is_not_published_is_none() -> None:
    with pytest.raises(NotShown):
        gallery_item(make_submission().media.get().key, now=LATER, language="en")


@pytest.mark.parametrize("count", [1, 5])
def test_the_gallery_costs_one_query(count: int, django_assert_num_queries) -> None:
    publish_many(count)

    with django_assert_num_queries(1):
        assert len(items()) == count


def page(source: str, request: HttpRequest | None = None, **context: Any) -> str:
    request = request or RequestFactory().get("/")
    return Template("{% load ppx %}" + source).render(Context({"request": request, **context}))


@pytest.mark.django_db(transaction=True)  # as on a page of the shop: no savepoint is needed
@pytest.mark.parametrize("count", [1, 5])
def test_the_tag_costs_one_query(count: int, django_assert_num_queries) -> None:
    publish_many(count)

    with django_assert_num_queries(1):
        html = page("{% ppx_gallery %}")

    assert html.count("<template") == count


def test_the_tag_shows_nothing_where_there_is_nothing() -> None:
    assert page("{% ppx_gallery %}") == ""


def test_a_product_that_the_page_lacks_shows_nothing_of_the_others() -> None:
    publish()

    assert page("{% ppx_gallery product=nothing %}") == ""
    assert page("{% ppx_gallery product=None %}") == ""


def test_pictures_load_late_and_nothing_moves_meanwhile() -> None:
    media = publish(caption='"Blue" & <b>bold</b>')

    html = page("{% ppx_gallery %}")

    tile = html.partition("<template")[0]
    root = f"/ppx/ugc/media/{media.key}"
    assert f'srcset="{root}/list.webp 320w, {root}/gallery.webp 640w"' in tile
    assert f'srcset="{root}/list.jpg 320w, {root}/gallery.jpg 640w"' in tile
    assert 'width="640" height="480"' in tile
    assert 'loading="lazy"' in tile
    assert 'alt="&quot;Blue&quot; &amp; &lt;b&gt;bold&lt;/b&gt;"' in tile
    assert "<b>bold" not in html


def test_the_label_stands_on_the_tile_and_on_the_slide() -> None:
    media = publish()
    assert page("{% ppx_gallery %}").count("Received a reward") == 2

    describe(media, reward=None)

    assert "Received a reward" not in page("{% ppx_gallery %}")


def test_more_than_is_shown_has_a_link_to_all_of_it() -> None:
    for media in publish_many(3):
        describe(media, product_sku="CUP & SAUCER")

    few = page('{% ppx_gallery product="CUP & SAUCER" limit=2 heading="Seen at your homes" %}')
    whole = page("{% ppx_gallery limit=3 %}")

    assert 'href="/ppx/gallery/?product=CUP+%26+SAUCER"' in few
    assert ">Seen at your homes</h2>" in few
    assert "See all" not in whole
    assert ">From our customers</h2>" in whole


def test_a_fault_leaves_the_page_alone(monkeypatch, caplog) -> None:
    publish()

    def broken(**kwargs: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("django_ppx.templatetags.ppx.render_gallery", broken)

    assert page("before {% ppx_gallery %} after") == "before  after"
    assert len(caplog.records) == 1


def test_the_gallery_is_the_same_for_everybody_and_makes_no_page_personal(
    admin_user: Any,
) -> None:
    publish()
    pages = []

    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(page("{% ppx_gallery %}", request))

    for cookie in ("sessionid=one; csrftoken=two", ""):
        request = RequestFactory().get("/", headers={"Cookie": cookie} if cookie else {})
        request.user = admin_user
        pages.append(PersonalPageMiddleware(view)(request))

    assert pages[0].content == pages[1].content
    for response in pages:
        assert "no-store" not in response.get("Cache-Control", "")
        assert "Vary" not in response
        assert not response.cookies


def test_nothing_of_the_customer_is_in_the_gallery() -> None:
    purchase = make_purchase()
    publish(purchase=purchase)

    html = page("{% ppx_gallery %}")

    customer = purchase.customer
    for private in (purchase.order_ref, customer.email, "photo.jpg"):
        assert private
        assert not re.search(rf"\b{re.escape(private)}\b", html)


def test_many_products_do_not_share_their_items() -> None:
    one = offer()
    for sku in ("A", "B"):
        describe(publish(ugc_offer=one), product_sku=sku)

    assert len(items(product="A")) == len(items(product="B")) == 1
