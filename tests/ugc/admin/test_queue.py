"""“Moderate”: who may open it, what stands there, in how many queries, and how staff get through it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from django_ppx.testing import make_purchase, make_reason, make_submission, make_ugc_offer
from django_ppx.testing.ugc import NOW
from django_ppx.ugc.deciding import reject
from django_ppx.ugc.models import UGCMedia, UGCSubmission
from tests.offers.admin_users import staff_client
from tests.ugc.admin.waiting import fill_queue

pytestmark = pytest.mark.django_db

ONE = "/admin/django_ppx/ugcsubmission/moderate/"
GRID = f"{ONE}grid/"


@pytest.fixture
def moderator() -> Client:
    return staff_client("moderate_ugcsubmission")


def shown(client: Client, **query: object) -> int | None:
    """Return the number of the submission that the page of one shows."""
    card = client.get(ONE, query).context.get("card")
    return card.pk if card is not None else None


def tiles(client: Client, **query: object) -> list[int]:
    return [card.pk for card in client.get(GRID, query).context["cards"]]


@pytest.mark.parametrize("path", [ONE, GRID])
def test_looking_is_not_moderating(path: str) -> None:
    assert staff_client("view_ugcsubmission").get(path).status_code == 403
    assert staff_client("moderate_ugcsubmission").get(path).status_code == 200
    assert Client().get(path).status_code == 302


@pytest.mark.parametrize("path", [ONE, GRID])
@pytest.mark.parametrize("count", [1, 500])
def test_a_long_queue_opens_in_ten_queries(
    path: str, count: int, moderator: Client, django_assert_max_num_queries
) -> None:
    fill_queue(count)
    make_reason()
    moderator.get(path)

    with django_assert_max_num_queries(10):
        response = moderator.get(path)

    assert response.status_code == 200
    assert (response.context.get("left") or response.context.get("total")) == count


def test_the_page_is_kept_nowhere(moderator: Client) -> None:
    response = moderator.get(ONE)

    assert response["Cache-Control"] == "private, no-store, max-age=0, no-cache, must-revalidate"


def test_the_longest_waiting_comes_first_and_skipping_goes_on(moderator: Client) -> None:
    first, second, third = (row.pk for row in fill_queue(3))

    assert shown(moderator) == first
    assert shown(moderator, after=first) == second
    assert shown(moderator, **{"from": second}) == second
    assert shown(moderator, before=third) == second
    assert shown(moderator, before=first) == first
    assert shown(moderator, order="newest") == third
    assert shown(moderator, order="newest", after=third) == second
    end = moderator.get(ONE, {"after": third})
    assert "That was the last one" in end.content.decode()


@pytest.mark.parametrize("value", ["x", "-1", "9" * 30, "٣", ""])
def test_a_place_that_is_none_shows_the_first(moderator: Client, value: str) -> None:
    [first] = fill_queue(1)

    assert shown(moderator, after=value) == first.pk


def test_an_empty_queue_says_so(moderator: Client) -> None:
    assert "Nothing waits" in moderator.get(ONE).content.decode()
    assert "Nothing waits" in moderator.get(GRID).content.decode()


def test_the_order_brief_and_customer_stand_beside_the_pictures() -> None:
    purchase = make_purchase(number="A-77")
    make_submission(purchase=purchase, caption="<b>Morning</b>")
    page = staff_client("moderate_ugcsubmission").get(ONE).content.decode()
    whole = staff_client("moderate_ugcsubmission", "view_customer_addresses").get(ONE)

    assert "A-77" in page
    assert "Show us the mug in the morning light." in page
    assert "&lt;b&gt;Morning&lt;/b&gt;" in page
    assert purchase.customer.email
    assert purchase.customer.email not in page
    assert purchase.customer.email in whole.content.decode()


def test_links_to_posts_tell_nobody_where_staff_come_from(moderator: Client) -> None:
    make_submission(photos=0, posts=("https://www.instagram.com/p/Abc123/",))

    page = moderator.get(ONE).content.decode()

    link = re.search(r'<a href="https://www\.instagram\.com/p/Abc123/"[^>]*>', page)
    assert link is not None
    assert 'rel="noopener noreferrer nofollow"' in link[0]


def test_the_same_file_and_the_same_post_are_flagged(moderator: Client) -> None:
    one, two, three = fill_queue(3)
    UGCMedia.objects.filter(submission=two).update(
        digest=UGCMedia.objects.get(submission=one).digest
    )
    three.posts.update(url_digest=one.posts.get().url_digest)

    cards = {card.pk: card for card in moderator.get(GRID).context["cards"]}

    assert [each.how for each in cards[one.pk].duplicates] == [
        "The same file as in",
        "The same post as in",
    ]
    assert f"/ugcsubmission/{one.pk}/change/" in cards[two.pk].duplicates[0].link
    assert cards[three.pk].duplicates[0].status == "waiting"
    assert tiles(moderator, duplicates="on") == [one.pk, two.pk, three.pk]


def test_a_picture_that_looks_alike_is_flagged_and_another_is_not(moderator: Client) -> None:
    one, two, three = fill_queue(3)
    UGCMedia.objects.filter(submission=one).update(fingerprint=0)
    UGCMedia.objects.filter(submission=two).update(fingerprint=(1 << 10) - 1)
    # Eleven bits from the first, and the sign is one of them; 21 from the second.
    UGCMedia.objects.filter(submission=three).update(fingerprint=-(1 << 63) + (0x3FF << 20))

    cards = {card.pk: card for card in moderator.get(GRID).context["cards"]}

    assert [len(cards[row.pk].duplicates) for row in (one, two, three)] == [1, 1, 0]
    assert cards[one.pk].duplicates[0].how == "Looks like a picture of"


def test_filters_narrow_the_queue_and_stay_with_it(moderator: Client) -> None:
    rows = fill_queue(4)
    other = make_submission(
        photos=0, posts=("https://x.com/a/status/1",), now=NOW + timedelta(hours=1)
    )

    assert tiles(moderator, offer=other.ugc_offer_id) == [other.pk]
    assert tiles(moderator, product="S1") == [rows[1].pk]
    assert tiles(moderator, type="photo") == [row.pk for row in rows]
    assert tiles(moderator, type="video") == []
    assert tiles(moderator, product="S0", order="newest") == [rows[3].pk, rows[0].pk]
    page = moderator.get(ONE, {"product": "S0"})
    assert page.context["filtered_to"] == ["Piece 0"]
    assert page.context["next_url"] == f"{ONE}?product=S0&after={rows[0].pk}"
    assert tiles(moderator, offer="x", type="nonsense") == [*(row.pk for row in rows), other.pk]


def test_customers_are_told_apart_by_their_record(moderator: Client) -> None:
    offer = make_ugc_offer(max_per_customer=None)
    buyer, newcomer = make_purchase(), make_purchase()
    before = make_submission(ugc_offer=offer, purchase=buyer)
    reject(submission_id=before.pk, reason_id=make_reason().pk, by_id=None, now=NOW)
    again = make_submission(ugc_offer=offer, purchase=buyer)
    first = make_submission(ugc_offer=offer, purchase=newcomer)

    assert tiles(moderator, record="rejected") == [again.pk]
    assert tiles(moderator, record="new") == [first.pk]
    assert tiles(moderator, record="approved") == []
    cards = {card.pk: card.record for card in moderator.get(GRID).context["cards"]}
    assert cards == {again.pk: "1 rejected", first.pk: "nothing decided before"}


def test_a_grid_has_pages(moderator: Client) -> None:
    fill_queue(49)

    assert len(tiles(moderator)) == 48
    assert len(tiles(moderator, p=2)) == 1


def test_everything_can_be_done_without_javascript(moderator: Client) -> None:
    [row] = fill_queue(1)
    make_reason(name="Blurred")

    page = moderator.get(ONE).content.decode()

    url = reverse("admin:django_ppx_ugcsubmission_decide", args=[row.pk])
    assert page.count(f'method="post" action="{url}"') == 2
    assert re.search(r'<button[^>]* name="reason" value="\d+">.*Blurred</button>', page)
    assert f'href="{ONE}?after={row.pk}"' in page
    assert UGCSubmission.objects.get().status == "waiting"
