"""Licences and the register: fixed once agreed to, listed by whom, exported, revoked."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from django_ppx.rewards.models import Reward
from django_ppx.testing import make_licence, make_purchase, make_submission, make_ugc_offer
from django_ppx.testing.ugc import NOW
from django_ppx.ugc.deciding import approve
from django_ppx.ugc.models import UGCLicence, UGCLicenceGrant, UGCSubmission
from tests.admin_pages import count_queries, error_texts, form_data
from tests.offers.admin_users import staff_client

pytestmark = pytest.mark.django_db

LICENCES = "/admin/django_ppx/ugclicence/"
REGISTER = "/admin/django_ppx/ugclicencegrant/"


def granted(**licence: Any) -> UGCLicenceGrant:
    offer = make_ugc_offer(licence=make_licence(**licence))
    return UGCLicenceGrant.objects.get(submission=make_submission(ugc_offer=offer))


def exported(client: Client, query: str = "") -> list[dict[str, str]]:
    response = client.get(f"{REGISTER}export.csv{query}")
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(response.getvalue().decode())))


def test_staff_write_a_licence_with_its_texts(admin_client: Client) -> None:
    data = form_data(
        admin_client.get(f"{LICENCES}add/"),
        name="Gallery",
        scopes=["website", "ads"],
        term_months="12",
        texts__0__summary="I allow it.",
        texts__0__text="All of it.",
    )

    response = admin_client.post(f"{LICENCES}add/", data)

    assert response.status_code == 302, error_texts(response)
    licence = UGCLicence.objects.get()
    assert (licence.scopes, licence.term_months, licence.version) == (["website", "ads"], 12, 1)
    assert list(licence.texts.values_list("language", "summary")) == [("en", "I allow it.")]


def test_a_licence_without_a_text_is_none(admin_client: Client) -> None:
    data = form_data(admin_client.get(f"{LICENCES}add/"), name="Gallery", scopes=["website"])

    response = admin_client.post(f"{LICENCES}add/", data)

    assert error_texts(response)["texts"] == ["Write the text in at least one language."]


def test_what_a_customer_agreed_to_stays_as_it_is(admin_client: Client) -> None:
    licence = granted().licence
    url = f"{LICENCES}{licence.pk}/change/"

    page = admin_client.get(url)
    posted = admin_client.post(url, {"name": "Another", "scopes": ["ads"]})
    deleted = admin_client.post(f"{LICENCES}{licence.pk}/delete/", {"post": "yes"})

    assert "1 customer agreed to this text" in page.content.decode()
    assert 'name="name"' not in page.content.decode()
    assert (posted.status_code, deleted.status_code) == (403, 403)
    assert UGCLicence.objects.get().name == licence.name


def test_before_that_it_can_be_changed(admin_client: Client) -> None:
    licence = make_licence()
    url = f"{LICENCES}{licence.pk}/change/"

    response = admin_client.post(url, form_data(admin_client.get(url), name="Renamed"))

    assert response.status_code == 302, error_texts(response)
    assert UGCLicence.objects.get().name == "Renamed"


def test_a_new_version_copies_the_texts_and_follows_the_last(admin_client: Client) -> None:
    first = granted(name="Gallery", scopes=["social"], term_months=6).licence
    make_licence(name="Gallery", version=4)

    response = admin_client.post(f"{LICENCES}{first.pk}/new-version/")

    made = UGCLicence.objects.get(version=5)
    assert response["Location"] == f"{LICENCES}{made.pk}/change/"
    assert (made.name, made.scopes, made.term_months) == ("Gallery", ["social"], 6)
    assert made.texts.get().summary == first.texts.get().summary


def test_a_new_version_needs_permission_and_a_post() -> None:
    licence = make_licence()
    url = f"{LICENCES}{licence.pk}/new-version/"

    assert staff_client("change_ugclicence").post(url).status_code == 403
    assert staff_client("add_ugclicence").get(url).status_code == 405
    missing = f"{LICENCES}{licence.pk + 1}/new-version/"
    assert staff_client("add_ugclicence").post(missing).status_code == 404
    assert UGCLicence.objects.count() == 1


def test_the_register_is_filtered_by_use_and_standing() -> None:
    web = granted(scopes=["website"])
    ads = granted(scopes=["website", "ads"])
    ended, revoked = granted(scopes=["ads"]), granted(scopes=["social"])
    now = timezone.now()
    UGCLicenceGrant.objects.filter(pk=ended.pk).update(ends_at=now - timedelta(seconds=1))
    UGCLicenceGrant.objects.filter(pk=revoked.pk).update(revoked_at=now)
    client = staff_client("view_ugclicencegrant")

    def listed(query: str) -> set[int]:
        return {row.pk for row in client.get(f"{REGISTER}{query}").context["cl"].result_list}

    assert listed("?scope=ads") == {ads.pk, ended.pk}
    assert listed("?scope=website") == {web.pk, ads.pk}
    assert listed("?standing=valid") == {web.pk, ads.pk}
    assert listed("?standing=ended") == {ended.pk}
    assert listed("?standing=revoked") == {revoked.pk}
    assert {row["submission"] for row in exported(client, "?scope=ads&standing=valid")} == {
        str(ads.submission_id)
    }


def test_exported_cells_run_nothing_and_name_nobody() -> None:
    purchase = make_purchase()
    sent = make_submission(purchase=purchase)
    UGCSubmission.objects.update(product_title="=1+1")

    [row] = exported(staff_client("view_ugclicencegrant"))

    assert row["product"] == "'=1+1"
    assert row["submission"] == str(sent.pk)
    assert row["scopes"] == "website"
    assert row["files"] == "1"
    assert row["standing"] == "valid"
    assert row["granted_at"] == "2026-03-10T12:00:00+00:00"
    assert (row["customer"], "example.com" in row["email"]) == ("A. E.", False)
    [whole] = exported(staff_client("view_ugclicencegrant", "view_customer_addresses"))
    assert (whole["customer"], whole["email"]) == ("Ada Example", purchase.customer.email)


def test_the_export_needs_permission_and_is_kept_nowhere() -> None:
    granted()

    assert staff_client("view_ugclicence").get(f"{REGISTER}export.csv").status_code == 403
    response = staff_client("view_ugclicencegrant").get(f"{REGISTER}export.csv")
    assert "no-store" in response["Cache-Control"]
    assert response.streaming


def test_revoking_says_what_it_does_and_does_it() -> None:
    offer = make_ugc_offer(after_withdrawal="take_back")
    sent = make_submission(ugc_offer=offer)
    approve(submission_id=sent.pk, by_id=None, now=NOW)
    grant = sent.licence_grant
    client = staff_client("view_ugclicencegrant", "revoke_ugclicencegrant")
    url = f"{REGISTER}{grant.pk}/revoke/"

    page = client.get(url).content.decode()
    nothing = client.post(url, {"reason": ""})
    assert "The reward is taken back, unless it was used" in page
    assert nothing.status_code == 200
    assert UGCSubmission.objects.get().status == "approved"

    response = client.post(url, {"reason": "Asked by phone"})

    assert response["Location"] == f"{REGISTER}{grant.pk}/change/"
    grant.refresh_from_db()
    assert (grant.revoked_why, grant.revoked_by is not None) == ("Asked by phone", True)
    stored = UGCSubmission.objects.get()
    assert (stored.status, stored.published_at) == ("withdrawn", None)
    assert Reward.objects.get().status == "reversed"
    [sentence] = get_messages(response.wsgi_request)
    assert str(sentence).endswith("The reward is taken back.")
    assert "withdrawn or taken down already" in client.get(url).content.decode()


@pytest.mark.parametrize(
    "permissions", [("view_ugclicencegrant", "change_ugclicencegrant"), ("revoke_ugclicencegrant",)]
)
def test_revoking_needs_both_permissions(permissions: tuple[str, ...]) -> None:
    grant = granted()

    response = staff_client(*permissions).post(f"{REGISTER}{grant.pk}/revoke/", {"reason": "x"})

    assert response.status_code == 403
    grant.refresh_from_db()
    assert grant.revoked_at is None


def test_the_register_costs_the_same_with_more_rows(admin_client: Client) -> None:
    granted()
    with_one = count_queries(lambda: admin_client.get(REGISTER))
    licences = count_queries(lambda: admin_client.get(LICENCES))
    for _number in range(3):
        granted()

    assert count_queries(lambda: admin_client.get(REGISTER)) == with_one
    assert count_queries(lambda: admin_client.get(LICENCES)) == licences


@pytest.mark.parametrize("query", ["?status=x", "?scope=%00", "?q=a%00b"])
def test_an_address_that_is_none_leads_from_the_export_to_the_list(
    admin_client: Client, query: str
) -> None:
    granted()

    response = admin_client.get(f"{REGISTER}export.csv{query}")

    assert (response.status_code, response["Location"]) == (302, f"{REGISTER}?e=1")
