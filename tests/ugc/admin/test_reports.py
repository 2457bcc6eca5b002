"""Reports from the public and reasons for decisions in admin."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from django_ppx.testing import make_reason, make_submission
from django_ppx.testing.ugc import NOW
from django_ppx.ugc.deciding import approve
from django_ppx.ugc.models import UGCReason, UGCReport, UGCSubmission
from django_ppx.ugc.reporting import Complaint, decide_report, file_report
from tests.admin_pages import count_queries, error_texts, form_data
from tests.offers.admin_users import staff_client

pytestmark = pytest.mark.django_db

REPORTS = "/admin/django_ppx/ugcreport/"
REASONS = "/admin/django_ppx/ugcreason/"


def reported(*, hours: int = 0, **overrides: Any) -> UGCReport:
    sent = make_submission()
    approve(submission_id=sent.pk, by_id=None, now=NOW)
    values = {"cause": "mine", "email": "visitor@example.com", "language": "en", **overrides}
    complaint = Complaint(
        form_key=f"form{sent.pk}",
        submission_id=sent.pk,
        media_key=sent.media.get().key,
        **values,
    )
    return file_report(complaint=complaint, now=NOW + timedelta(hours=hours))


@pytest.fixture
def decider() -> Client:
    return staff_client("decide_ugcreport")


def test_open_reports_come_first_the_oldest_of_them_at_the_top(decider: Client) -> None:
    oldest, newer, newest = reported(hours=0), reported(hours=1), reported(hours=2)
    decide_report(report_id=oldest.pk, upholds=False, decision="Fine", by_id=None, now=NOW)

    rows = decider.get(REPORTS).context["cl"].result_list

    assert [row.pk for row in rows] == [newer.pk, newest.pk, oldest.pk]


def test_upholding_takes_the_content_down_and_goes_on(decider: Client) -> None:
    first, second = reported(), reported(hours=1)

    response = decider.post(
        f"{REPORTS}{first.pk}/decide/", {"upholds": "1", "decision": "It is theirs."}
    )

    assert response["Location"] == f"{REPORTS}{second.pk}/change/"
    first.refresh_from_db()
    assert (first.status, first.decision) == ("upheld", "It is theirs.")
    assert first.decided_by is not None
    assert UGCSubmission.objects.get(pk=first.submission_id).status == "taken_down"


def test_dismissing_leaves_it(decider: Client) -> None:
    report = reported()

    decider.post(f"{REPORTS}{report.pk}/decide/", {"upholds": "0", "decision": "All is well."})

    report.refresh_from_db()
    assert report.status == "dismissed"
    assert UGCSubmission.objects.get().status == "approved"


@pytest.mark.parametrize("data", [{"upholds": "1"}, {"upholds": "1", "decision": " "}, {}])
def test_a_decision_needs_a_reason(decider: Client, data: dict[str, str]) -> None:
    report = reported()

    response = decider.post(f"{REPORTS}{report.pk}/decide/", data)

    assert response["Location"] == f"{REPORTS}{report.pk}/change/"
    report.refresh_from_db()
    assert report.status == "open"


def test_the_second_of_two_is_told(decider: Client) -> None:
    report = reported()
    decide_report(report_id=report.pk, upholds=False, decision="Fine", by_id=None, now=NOW)

    response = decider.post(f"{REPORTS}{report.pk}/decide/", {"upholds": "1", "decision": "No"})

    [sentence] = get_messages(response.wsgi_request)
    assert str(sentence) == "Somebody else has decided on this already."
    report.refresh_from_db()
    assert (report.status, report.decision) == ("dismissed", "Fine")


def test_deciding_needs_permission_and_a_post(decider: Client) -> None:
    report = reported()
    url = f"{REPORTS}{report.pk}/decide/"
    onlooker = staff_client("view_ugcreport", "change_ugcreport")

    assert onlooker.post(url, {"upholds": "1", "decision": "x"}).status_code == 403
    assert decider.get(url).status_code == 405
    assert decider.post(url.replace(f"/{report.pk}/", "/999/"), {}).status_code == 404
    assert "ppx-decide" not in onlooker.get(f"{REPORTS}{report.pk}/change/").content.decode()
    assert UGCReport.objects.get().status == "open"


def test_who_reported_is_shortened(decider: Client) -> None:
    report = reported(text="<script>alert(1)</script>")
    url = f"{REPORTS}{report.pk}/change/"

    page = decider.get(url).content.decode()
    whole = staff_client("decide_ugcreport", "view_customer_addresses").get(url).content.decode()

    assert "visitor@example.com" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "visitor@example.com" in whole


def test_reports_cost_the_same_with_more_rows(admin_client: Client) -> None:
    reported()
    with_one = count_queries(lambda: admin_client.get(REPORTS))
    reported(hours=1)
    reported(hours=2)

    assert count_queries(lambda: admin_client.get(REPORTS)) == with_one


def test_staff_write_a_reason_in_a_language(admin_client: Client) -> None:
    data = form_data(
        admin_client.get(f"{REASONS}add/"), name="Blurred", texts__0__text="Sharper, please."
    )

    response = admin_client.post(f"{REASONS}add/", data)

    assert response.status_code == 302, error_texts(response)
    reason = UGCReason.objects.get()
    assert list(reason.texts.values_list("language", "text")) == [("en", "Sharper, please.")]


def test_a_reason_without_words_is_none(admin_client: Client) -> None:
    data = form_data(admin_client.get(f"{REASONS}add/"), name="Blurred")

    response = admin_client.post(f"{REASONS}add/", data)

    assert error_texts(response)["texts"] == ["Write the text in at least one language."]


def test_the_list_of_reasons_says_what_customers_read(admin_client: Client) -> None:
    make_reason("Sharper, please.")

    with_one = count_queries(lambda: admin_client.get(REASONS))
    assert "Sharper, please." in admin_client.get(REASONS).content.decode()
    make_reason("Brighter, please.")

    assert count_queries(lambda: admin_client.get(REASONS)) == with_one


@pytest.mark.parametrize("query", ["?status=%00", "?cause=a%00b"])
@pytest.mark.parametrize("url", [REPORTS, "/admin/django_ppx/ugcsubmission/"])
def test_a_nul_in_the_address_is_no_filter(admin_client: Client, url: str, query: str) -> None:
    response = admin_client.get(f"{url}{query}")

    assert (response.status_code, response["Location"]) == (302, f"{url}?e=1")
