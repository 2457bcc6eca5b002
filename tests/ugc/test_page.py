"""The page on which customers take part, as a browser without JavaScript sees it."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from django_ppx import purchases
from django_ppx.core.retrying import TransactionConflict
from django_ppx.offers.models import Offer
from django_ppx.shop.types import Customer, OrderLine
from django_ppx.testing import FakeShop, make_order, make_purchase, make_ugc_offer
from django_ppx.testing.ugc import photo
from django_ppx.ugc import taking_part, views
from django_ppx.ugc.links import page_path, proof_path
from django_ppx.ugc.models import UGCLicenceGrant, UGCMedia, UGCPost, UGCSubmission
from django_ppx.ugc.storage import media_storage, new_key
from tests.ugc.senders import a_sender
from tests.ugc.sending import AGREED, Sender, bad_file, path_of

pytestmark = pytest.mark.django_db

LICENCE_CHANGED = (
    "The licence has changed since you opened this page. Please read it and agree again."
)
POST_URL = "https://www.instagram.com/p/Cx1abc/"


@pytest.fixture(autouse=True)
def shop(settings):
    settings.PPX_SHOP = "django_ppx.testing.FakeShop"
    FakeShop.clear()
    yield
    FakeShop.clear()


@pytest.fixture
def ugc_offer():
    return make_ugc_offer(minimum_age=16)


@pytest.fixture
def purchase():
    return make_purchase()


@pytest.fixture
def sender(client, ugc_offer, purchase) -> Sender:
    return Sender(client, path_of(ugc_offer, purchase))


def rows() -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table but the sessions'."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values_list())
        for model in apps.get_models()
        if model._meta.label != "sessions.Session"
    }


def state_path(key: str) -> str:
    return reverse("ppx:ugc_state", args=[key])


def the_one() -> UGCSubmission:
    return UGCSubmission.objects.get()


def sent_by(sender: Sender) -> UGCSubmission:
    response = sender.post(photo(), caption="At the harbour", **AGREED)
    assert response.status_code == 302, response.context["form"].errors
    return UGCSubmission.objects.get(form_key=sender.key)


def is_dead_link(response) -> bool:
    return response.status_code == 404 and "This link is no longer valid" in response.text


def test_the_page_says_what_is_asked_for_and_what_it_earns(sender) -> None:
    text = sender.page.text

    assert sender.page.status_code == 200
    assert "Your mornings</h1>" in text
    assert "Show us the mug in the morning light." in text
    assert "10% off" in text
    assert "Up to 5 photos, each at most 20 MB" in text
    assert "1 video of at most 100 MB" in text
    assert "I am at least 16 years old." in text
    assert text.count("#ad") == 3  # said, shown, and to copy
    assert "checked" not in re.sub(r"<input[^>]*radio[^>]*>", "", text)


def test_looking_at_it_changes_nothing(client, ugc_offer, purchase) -> None:
    path = path_of(ugc_offer, purchase)
    before = rows()

    client.get(path)
    client.head(path)

    assert rows() == before


def test_everything_at_once_is_one_submission(sender, purchase) -> None:
    response = sender.post(photo(), photo(), caption=" At the harbour ", post_1=POST_URL, **AGREED)

    assert response.status_code == 302
    assert response["Location"] == state_path(sender.key)
    sent = the_one()
    assert (sent.status, sent.caption) == ("waiting", "At the harbour")
    assert sent.purchase == purchase
    assert sent.media.count() == 2
    assert UGCPost.objects.get().url == POST_URL
    grant = UGCLicenceGrant.objects.get()
    assert (grant.page, grant.minimum_age, grant.people_agreed) == ("/ppx/ugc/…/", 16, True)


def test_a_bad_file_gets_a_sentence_and_the_good_ones_are_kept(sender) -> None:
    response = sender.post(photo(), bad_file("no<tes.jpg"), photo(), caption="Words", **AGREED)

    assert response.status_code == 200
    assert "no&lt;tes.jpg" in response.text
    assert "Please choose a photo (JPEG, PNG, WebP) or a video (MP4, MOV, WebM)." in response.text
    assert response.text.count("<img") == 2
    assert "Words</textarea>" in response.text
    assert response.text.count("checked") == 3
    assert the_one().status == "draft"

    assert sender.post(caption="Words", **AGREED).status_code == 302
    assert (the_one().status, the_one().media.count()) == ("waiting", 2)


def test_files_are_added_and_removed_without_a_script(sender) -> None:
    sender.post(photo(), photo(), do="add")
    first, second = the_one().media.order_by("position")

    response = sender.post(remove=first.key, do="add", caption="Kept")

    assert response.status_code == 200
    assert "Kept</textarea>" in response.text
    assert list(the_one().media.all()) == [second]
    assert 'role="alert"' not in response.text


def test_what_is_missing_is_said_at_its_field_and_nothing_is_sent(sender) -> None:
    response = sender.post(photo(), post_1="https://example.com/me")

    assert response.status_code == 200
    errors = {name: list(found) for name, found in response.context["form"].errors.items()}
    assert errors == {
        "has_agreed": ["Please tick the box: without it nothing may be shown."],
        "is_old_enough": ["Please confirm your age."],
        "people_agreed": ["Please confirm that the people shown agreed."],
        "post_1": [
            "Please paste a link from Instagram, TikTok, YouTube, Facebook, X or Pinterest."
        ],
    }
    for name in errors:
        assert f'id="id_{name}_error"' in response.text
        assert f'aria-describedby="id_{name}_error"' in response.text
    assert the_one().status == "draft"


def test_a_licence_that_changed_meanwhile_is_asked_for_again(sender, ugc_offer) -> None:
    ugc_offer.licence.texts.update(text="The shop may show the pictures everywhere.")

    response = sender.post(photo(), **AGREED)

    assert response.context["form"].errors == {"has_agreed": [LICENCE_CHANGED]}
    assert "The shop may show the pictures everywhere." in response.text
    assert response.text.count("checked") == 2  # of three boxes: this one is to be ticked anew
    assert UGCLicenceGrant.objects.count() == 0
    sender.licence = response.context["invitation"].licence.mark
    assert sender.post(**AGREED).status_code == 302
    assert UGCLicenceGrant.objects.get().text == "The shop may show the pictures everywhere."


def test_a_licence_that_changes_while_it_is_sent_in_is_asked_for_again(sender, ugc_offer) -> None:
    def change(execute, sql, params, many, context):
        if sql.startswith("UPDATE") and "ugcplacecount" in sql:
            with connection.cursor() as cursor:
                cursor.cursor.execute("UPDATE django_ppx_ugclicencetext SET text = 'Everywhere.'")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(change):
        response = sender.post(photo(), **AGREED)

    assert response.context["form"].errors == {"has_agreed": [LICENCE_CHANGED]}
    assert UGCLicenceGrant.objects.count() == 0
    assert the_one().status == "draft"


def test_a_licence_that_changes_while_the_files_are_looked_at_is_not_granted(
    sender, ugc_offer, monkeypatch
) -> None:
    storage = media_storage()
    save = storage.save

    def save_meanwhile(*args, **options):
        ugc_offer.licence.texts.update(text="The shop may sell the pictures.")
        return save(*args, **options)

    monkeypatch.setattr(storage, "save", save_meanwhile)

    response = sender.post(photo(), caption="Words", **AGREED)

    assert response.status_code == 200
    assert response.context["form"].errors == {"has_agreed": [LICENCE_CHANGED]}
    assert UGCLicenceGrant.objects.count() == 0
    assert the_one().status == "draft"
    again = sender.post(**AGREED)
    assert "The shop may sell the pictures." in again.text
    assert again.text.count("checked") == 2


def test_nothing_at_all_is_refused(sender) -> None:
    response = sender.post(**AGREED)

    assert "Please add a photo, a video or a link first." in response.text
    assert the_one().status == "draft"


def test_sent_twice_it_is_one_and_leads_to_the_same_page(sender) -> None:
    sent_by(sender)

    again = sender.post(photo(), caption="Another", **AGREED)

    assert again["Location"] == state_path(sender.key)
    assert (the_one().caption, UGCMedia.objects.count()) == ("At the harbour", 1)


def test_a_reload_brings_the_files_back(sender) -> None:
    sender.post(photo(), do="add")

    page = sender.client.get(sender.path)

    assert page.context["form_key"] == sender.key
    assert page.text.count("<img") == 1


def test_a_product_of_the_order_is_chosen(client, ugc_offer) -> None:
    def line(sku: str) -> OrderLine:
        money = Decimal(5)
        return OrderLine(
            sku=sku, title=sku.title(), quantity=Decimal(1), unit_price=money, total=money
        )

    purchase = make_purchase(lines=(line("cup"), line("bowl"), line("cup")))
    sender = Sender(client, path_of(ugc_offer, purchase))
    assert sender.page.text.count('type="radio"') == 3

    wrong = sender.post(photo(), product_sku="hat", **AGREED)
    assert wrong.context["form"].errors["product_sku"] == ["Please choose a product of this order."]
    assert sender.post(product_sku="bowl", **AGREED).status_code == 302

    assert (the_one().product_sku, the_one().product_title) == ("bowl", "Bowl")


def test_the_state_page_shows_what_was_sent_and_withdraws_it(sender) -> None:
    sent = sent_by(sender)

    page = sender.client.get(state_path(sender.key))

    assert page.status_code == 200
    assert "Thank you, it has arrived" in page.text
    assert "At the harbour" in page.text
    image = re.search(r'src="([^"]+list\.jpg)"', page.text)
    picture = sender.client.get(image.group(1))
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/jpeg")
    assert picture["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in picture["Cache-Control"]

    withdraw_path = reverse("ppx:ugc_withdraw", args=[sender.key])
    asked = sender.client.get(withdraw_path)
    assert "Withdraw what you sent?" in asked.text
    assert UGCSubmission.objects.get(pk=sent.pk).status == "waiting"
    assert sender.client.post(withdraw_path)["Location"] == state_path(sender.key)

    assert UGCSubmission.objects.get(pk=sent.pk).status == "withdrawn"
    assert UGCLicenceGrant.objects.get().revoked_at is not None
    assert "You have withdrawn it" in sender.client.get(state_path(sender.key)).text


def test_a_link_alone_shows_nothing_of_what_was_sent(sender) -> None:
    sent_by(sender)
    stranger = Client()
    image = reverse("ppx:ugc_preview", args=[sender.key, UGCMedia.objects.get().key, "list.jpg"])

    page = stranger.get(sender.path)

    assert page.status_code == 200
    assert "All places are taken" in page.text
    assert "At the harbour" not in page.text
    assert sender.key not in page.text
    assert is_dead_link(stranger.get(state_path(sender.key)))
    assert is_dead_link(stranger.get(image))
    assert is_dead_link(stranger.post(reverse("ppx:ugc_withdraw", args=[sender.key])))
    assert the_one().status == "waiting"


def test_a_strangers_form_can_neither_go_on_with_anothers_nor_prove_it(sender) -> None:
    sender.post(photo(), do="add")
    stranger = Sender(Client(), sender.path)
    assert stranger.key != sender.key
    assert stranger.page.text.count("<img") == 0

    stranger.key = sender.key
    response = stranger.post(photo(), **AGREED)
    answer = stranger.upload(photo()).json()
    removed = stranger.client.post(
        f"{sender.path}remove/", {"form_key": sender.key, "key": UGCMedia.objects.get().key}
    )

    assert "This page is out of date. Please open the link again." in response.text
    assert answer == {
        "is_ok": False,
        "error": "This page is out of date. Please open the link again.",
    }
    assert removed.json()["is_ok"] is False
    assert (the_one().status, the_one().media.count()) == ("draft", 1)
    sent_by(sender)
    assert is_dead_link(stranger.client.get(state_path(sender.key)))


def test_another_customers_session_does_not_help(sender, ugc_offer) -> None:
    sent_by(sender)
    other = Sender(Client(), path_of(ugc_offer, make_purchase()))
    sent_by(other)

    assert is_dead_link(other.client.get(state_path(sender.key)))
    assert other.client.get(state_path(other.key)).status_code == 200


def test_the_account_that_bought_sees_it_and_no_other(client, ugc_offer) -> None:
    buyer = User.objects.create_user("buyer")
    other = User.objects.create_user("other")
    staff = User.objects.create_user("staff", is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_purchase"))
    order = FakeShop.place(make_order(customer=Customer(account_id=str(buyer.pk))))
    sender = Sender(client, path_of(ugc_offer, make_purchase(order)))
    sent_by(sender)

    seen = {}
    for user in (buyer, other, staff):
        visitor = Client()
        visitor.force_login(user)
        seen[user.username] = visitor.get(state_path(sender.key)).status_code

    assert seen == {"buyer": 200, "other": 404, "staff": 404}


def test_staff_are_not_the_buyers_of_guests_orders(sender, settings) -> None:
    sent_by(sender)
    FakeShop.place(make_order(number=the_one().purchase.order_ref))
    staff = User.objects.create_superuser("staff")
    visitor = Client()
    visitor.force_login(staff)

    assert is_dead_link(visitor.get(state_path(sender.key)))


def test_the_shop_may_show_the_order_to_a_guest(sender, monkeypatch) -> None:
    sent_by(sender)
    FakeShop.place(make_order(number=the_one().purchase.order_ref))
    monkeypatch.setattr(FakeShop, "can_view", lambda self, request, order: True)

    assert Client().get(state_path(sender.key)).status_code == 200


def test_the_shop_can_not_show_it_to_another_account(client, ugc_offer, monkeypatch) -> None:
    buyer, other = (User.objects.create_user(name) for name in ("buyer", "other"))
    order = FakeShop.place(make_order(customer=Customer(account_id=str(buyer.pk))))
    sender = Sender(client, path_of(ugc_offer, make_purchase(order)))
    sent_by(sender)
    monkeypatch.setattr(FakeShop, "can_view", lambda self, request, order: True)
    visitor = Client()
    visitor.force_login(other)

    assert is_dead_link(visitor.get(state_path(sender.key)))


def test_a_link_from_a_mail_is_proof_and_head_is_none(sender) -> None:
    sent = sent_by(sender)
    path = proof_path(submission_id=sent.pk, now=timezone.now())
    visitor = Client()

    assert visitor.head(path).status_code == 302
    assert is_dead_link(visitor.get(state_path(sender.key)))

    assert visitor.get(path)["Location"] == state_path(sender.key)
    assert visitor.get(state_path(sender.key)).status_code == 200
    assert is_dead_link(visitor.get(path[:-2] + "/"))
    late = proof_path(submission_id=sent.pk, now=timezone.now() - timedelta(days=90))
    assert is_dead_link(visitor.get(late))


def test_unknown_changed_and_expired_links_are_one_answer(client, ugc_offer, purchase) -> None:
    good = path_of(ugc_offer, purchase)
    now = timezone.now()
    dead = [
        "/ppx/ugc/nothing/",
        good[:-3] + "xx/",
        page_path(
            ugc_offer_id=ugc_offer.pk, purchase_id=purchase.pk, now=now - timedelta(days=365)
        ),
        page_path(ugc_offer_id=ugc_offer.pk + 999, purchase_id=purchase.pk, now=now),
        page_path(ugc_offer_id=ugc_offer.pk, purchase_id=purchase.pk + 999, now=now),
        good.replace("/ugc/", "/ugc/mine/"),
        state_path(new_key()),
    ]

    answers = {client.get(path).content for path in dead}

    assert len(answers) == 1
    assert all(is_dead_link(client.get(path)) for path in dead)


def test_what_comes_from_another_site_is_refused(sender) -> None:
    strict = Client(enforce_csrf_checks=True)
    visitor = Sender(strict, sender.path)

    assert visitor.post(photo(), **AGREED).status_code == 403
    assert visitor.upload(photo()).status_code == 403
    assert strict.post(f"{sender.path}remove/", {"form_key": visitor.key}).status_code == 403
    assert UGCSubmission.objects.count() == 0

    token = strict.cookies["csrftoken"].value
    assert visitor.upload(photo(), csrfmiddlewaretoken=token).json()["is_ok"] is True
    assert visitor.post(csrfmiddlewaretoken=token, **AGREED).status_code == 302
    assert strict.post(reverse("ppx:ugc_withdraw", args=[visitor.key])).status_code == 403
    assert the_one().status == "waiting"


def test_the_pages_are_kept_out_of_caches_and_have_a_form_that_works(sender) -> None:
    sent_by(sender)
    withdraw_path = reverse("ppx:ugc_withdraw", args=[sender.key])

    for path, referrer in (
        (sender.path, "same-origin"),  # no-referrer makes browsers post a form with "Origin: null"
        (withdraw_path, "same-origin"),
        (state_path(sender.key), "no-referrer"),
    ):
        response = sender.client.get(path)
        assert set(response["Cache-Control"].split(", ")) == {"private", "no-store"}
        assert "Cookie" in response["Vary"]
        assert response["X-Robots-Tag"] == "noindex, nofollow"
        assert response["Referrer-Policy"] == referrer


@pytest.mark.parametrize("undo", [purchases.cancelled, purchases.refunded])
def test_an_order_that_was_undone_sends_nothing_in(sender, purchase, undo) -> None:
    undo(purchase.order_ref)

    posted = sender.post(photo(), **AGREED)
    answer = sender.upload(photo()).json()

    assert "Nothing can be sent in here at the moment." in posted.text
    assert answer["error"] == "Nothing can be sent in here at the moment."
    assert UGCSubmission.objects.count() == 0


def test_a_paused_offer_says_so_kindly(sender, ugc_offer) -> None:
    Offer.objects.filter(pk=ugc_offer.pk).update(status=Offer.Status.PAUSED)

    page = sender.client.get(sender.path)

    assert page.status_code == 200
    assert "Nothing can be sent in here at the moment." in page.text
    assert "<form" not in page.text


def test_another_can_be_sent_while_there_are_places(client, purchase) -> None:
    offer = make_ugc_offer(max_per_customer=2)
    first = Sender(client, path_of(offer, purchase))
    sent_by(first)
    page = client.get(state_path(first.key))
    assert "Send another" in page.text

    second = Sender(client, page.context["again_url"])
    assert second.page.text.count(state_path(first.key)) == 1  # the session sent it
    sent_by(second)

    assert "Send another" not in client.get(state_path(second.key)).text


def test_a_busy_shop_loses_nothing(sender, monkeypatch) -> None:
    def conflict(**_options):
        raise TransactionConflict

    monkeypatch.setattr(views, "send_submission", conflict)

    response = sender.post(photo(), caption="Words", **AGREED)

    assert response.status_code == 503
    assert "The shop is busy. Please try again in a moment; nothing is lost." in response.text
    assert "Words</textarea>" in response.text
    assert response.text.count("checked") == 3
    monkeypatch.undo()
    assert sender.post(caption="Words", **AGREED).status_code == 302
    assert the_one().media.count() == 1


def test_uploads_are_not_held_in_the_hosts_transaction(sender, settings, monkeypatch) -> None:
    held = []
    take = views.take_file

    def take_noting(*args, **options):
        held.append(len(connection.savepoint_ids) + connection.in_atomic_block)
        return take(*args, **options)

    monkeypatch.setattr(views, "take_file", take_noting)
    before = len(connection.savepoint_ids) + connection.in_atomic_block
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)

    sender.upload(photo())

    assert held == [before]


def test_the_script_is_told_the_file_and_its_preview(sender) -> None:
    answer = sender.upload(photo()).json()

    media = UGCMedia.objects.get()
    assert answer == {
        "is_ok": True,
        "media": {
            "key": media.key,
            "name": "photo.jpg",
            "is_video": False,
            "preview_url": f"/ppx/ugc/sent/{sender.key}/{media.key}/list.jpg",
        },
    }
    assert sender.client.get(answer["media"]["preview_url"]).status_code == 200
    removed = sender.client.post(
        f"{sender.path}remove/", {"form_key": sender.key, "key": media.key}
    )
    assert removed.json() == {"is_ok": True}
    assert UGCMedia.objects.count() == 0


def test_the_script_is_told_why_in_a_sentence(sender, settings) -> None:
    settings.PPX_UGC_FILES_PER_HOUR = 1
    again = photo(seed=1)
    assert sender.upload(photo(seed=1)).json()["is_ok"] is True

    assert sender.upload(again).json() == {
        "is_ok": False,
        "error": "You have uploaded very much. Please go on in an hour; what you added is kept.",
    }
    assert sender.upload().json() == {
        "is_ok": False,
        "error": "Nothing arrived. Please try again.",
    }


PAGE_QUERIES = 13 + 4  # in the test's own transaction, two savepoints
STATE_QUERIES = 11


def test_a_page_costs_the_same_with_one_file_and_with_five(
    sender, django_assert_num_queries
) -> None:
    sender.post(photo(), do="add")
    sender.client.get(sender.path)
    with django_assert_num_queries(PAGE_QUERIES):
        sender.client.get(sender.path)

    sender.post(*(photo() for _ in range(4)), do="add")
    with django_assert_num_queries(PAGE_QUERIES):
        assert sender.client.get(sender.path).text.count("<img") == 5

    sender.post(**AGREED)
    with django_assert_num_queries(STATE_QUERIES):
        sender.client.get(state_path(sender.key))


@pytest.mark.parametrize("key", ["\x00", "a\x00b", "x" * 100_000])
def test_a_file_of_no_name_that_we_give_is_not_there(sender, key: str) -> None:
    sender.upload(photo())

    answer = sender.client.post(f"{sender.path}remove/", {"form_key": sender.key, "key": key})
    page = sender.client.post(sender.path, {"form_key": sender.key, "remove": key})

    assert answer.json() == {"is_ok": False}
    assert page.status_code == 200
    assert UGCMedia.objects.count() == 1


def test_a_form_that_is_anothers_by_now_is_answered_for_each_file(sender) -> None:
    sender.upload(photo())
    late = a_sender(form_key=sender.key)

    problem = taking_part.take_file(late, photo(), now=timezone.now())

    assert problem == taking_part.FileProblem(
        name="photo.jpg", sentence="This page is out of date. Please open the link again."
    )
