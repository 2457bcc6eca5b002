"""What the mails say: to the address as it is written, in the language of the page, with what is true."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from django_ppx.core.models import Customer as StoredCustomer
from django_ppx.outbox.models import OutboxMail
from django_ppx.rewards.models import DiscountCode
from django_ppx.shop.types import Customer
from django_ppx.testing import (
    make_benefit,
    make_licence,
    make_purchase,
    make_reason,
    make_ugc_offer,
)
from django_ppx.testing.ugc import NOW
from django_ppx.ugc.deciding import approve, reject
from django_ppx.ugc.due import run_due_ugc
from django_ppx.ugc.ending import end_licence, revoke_licence, take_down, withdraw
from django_ppx.ugc.models import UGCReasonText, UGCRewardOfferText, UGCSubmission
from django_ppx.ugc.reporting import decide_report, file_report
from tests.ugc.senders import complaint_about, make_sent

pytestmark = pytest.mark.django_db


def mail(name: str) -> OutboxMail:
    return OutboxMail.objects.get(key__startswith=f"ugc-{name}:")


def said(name: str) -> str:
    """Return the text without the links, whose tokens differ."""
    return re.sub(r"https://shop.example.com/\S+", "LINK", mail(name).text) + "\n"


def make_approved(offer=None, **overrides) -> UGCSubmission:
    return approve(submission_id=make_sent(offer, **overrides).pk, by_id=None, now=NOW)


def with_benefit(**overrides):
    return make_ugc_offer(benefit=make_benefit(**overrides))


def test_received() -> None:
    make_sent(photos=2)

    assert mail("received").subject == "Thank you – we have what you sent in"
    assert said("received") == (
        "Thank you – we have what you sent in\n\n"
        "Hello Ada,\n\n"
        "We have received 2 photos and 1 link from you for “Your mornings”. We look at everything ourselves, and write "
        "to you as soon as we have decided.\n\n"
        "Nothing is shown before that. You can look at it, or withdraw it, at any time.\n\n"
        "See what you sent in: LINK\n\n"
        "-- \n"
        "You get this mail because you sent something in to our shop.\n"
    )


def test_approved_with_a_code() -> None:
    make_approved()
    code = DiscountCode.objects.get()
    grouped = "-".join(re.findall("....", code.code))

    assert mail("approved").subject == "Approved – here is your reward"
    assert said("approved") == (
        "Approved – here is your reward\n\n"
        "Hello Ada,\n\n"
        "We love what you sent in for “Your mornings”. Thank you! It is in our shop from now on.\n\n"
        "Your reward: 10% off.\n\n"
        f"    {grouped}\n\n"
        "It is valid through April 9, 2026.\n"
        "Can't be combined with other codes.\n\n"
        "Use the code: LINK\n\n"
        "See or withdraw what you sent in: LINK\n\n"
        "-- \n"
        "You get this mail because you sent something in to our shop.\n"
    )
    assert grouped in mail("approved").html


def test_approved_with_conditions_in_the_currency_of_the_order() -> None:
    make_approved(
        with_benefit(
            type="amount",
            amounts={"EUR": {"amount": 5, "minimum_total": 30}, "CHF": {"amount": 6}},
        )
    )

    assert "Your reward: €5.00 off.\n" in said("approved")
    assert "€30.00" in said("approved")
    assert "CHF" not in said("approved")


def test_approved_with_a_code_that_has_to_wait() -> None:
    make_approved(with_benefit(vesting_days=14, valid_days=None))

    assert "\n\nYou can use it from March 25, 2026 on.\nCan't be combined" in said("approved")
    assert "valid through" not in said("approved")


@pytest.mark.parametrize(
    ("benefit", "summary"),
    [({"type": "gift", "gift": "A mug"}, "A mug"), ({"type": "points", "points": 1}, "1 point")],
)
def test_approved_with_what_is_no_code(benefit, summary: str) -> None:
    make_approved(with_benefit(**benefit))

    assert mail("approved").subject == "Approved – thank you!"
    assert f"Your reward: {summary}.\n\nWe take care of it; you need not do anything.\n" in said(
        "approved"
    )
    assert "Use the code" not in mail("approved").html


def test_approved_with_a_gift_that_has_to_wait() -> None:
    make_approved(with_benefit(type="gift", gift="A mug", vesting_days=14))

    assert "You get it on March 25, 2026; you need not do anything.\n" in said("approved")


def test_what_is_not_for_the_website_is_not_said_to_be_there() -> None:
    make_approved(make_ugc_offer(licence=make_licence(scopes=["ads"])))

    assert "in our shop from now on" not in said("approved")


def test_rejected_with_the_reason_and_a_way_to_answer() -> None:
    sent = make_sent()
    reason = make_reason("Too dark.\nTry by daylight.")

    reject(submission_id=sent.pk, reason_id=reason.pk, by_id=None, now=NOW, words="<b>Nearly</b>!")

    assert said("rejected") == (
        "About what you sent in\n\n"
        "Hello Ada,\n\n"
        "Thank you for taking part in “Your mornings”. This time we can’t use what you sent in.\n\n"
        "Too dark.\nTry by daylight.\n\n"
        "<b>Nearly</b>!\n\n"
        "You are welcome to try again. If you think that we are wrong, just answer this mail: somebody reads it.\n\n"
        "Try again: LINK\n\n"
        "-- \n"
        "You get this mail because you sent something in to our shop.\n"
    )
    assert "&lt;b&gt;Nearly&lt;/b&gt;!" in mail("rejected").html
    assert "Too dark.<br>Try by daylight." in mail("rejected").html


def test_where_nothing_is_taken_any_more_nobody_is_asked_to_try_again() -> None:
    offer = make_ugc_offer(ends_at=NOW + timedelta(days=1))
    sent = make_sent(offer)

    reject(
        submission_id=sent.pk,
        reason_id=make_reason().pk,
        by_id=None,
        now=NOW + timedelta(days=1),
    )

    assert "try again" not in said("rejected").lower()


def test_the_reason_is_in_the_language_of_the_page() -> None:
    offer = make_ugc_offer()
    UGCRewardOfferText.objects.create(ugc_offer=offer, language="de", theme="Morgens", brief="…")
    sent = make_sent(offer)
    UGCSubmission.objects.filter(pk=sent.pk).update(language="de-at")
    reason = make_reason("Too dark.")
    UGCReasonText.objects.create(reason=reason, language="de", text="Zu dunkel.")

    reject(submission_id=sent.pk, reason_id=reason.pk, by_id=None, now=NOW)

    assert "Zu dunkel." in mail("rejected").text
    assert "Morgens" in mail("rejected").text
    assert "Too dark." not in mail("rejected").text


@pytest.mark.parametrize(
    ("end", "subject", "sentence"),
    [
        (
            lambda pk: withdraw(submission_id=pk, now=NOW),
            "You have withdrawn what you sent in",
            "You have withdrawn what you sent in for “Your mornings”. It is gone from our shop, its files are "
            "deleted, and your consent is revoked.",
        ),
        (
            lambda pk: revoke_licence(
                submission_id=pk, why="Rude on the phone", by_id=None, now=NOW
            ),
            "We have deleted what you sent in",
            "As you asked us to, we have deleted what you sent in for “Your mornings”. Your consent is revoked.",
        ),
        (
            lambda pk: end_licence(submission_id=pk, now=NOW),
            "We no longer show what you sent in",
            "The time for which you allowed us to show what you sent in for “Your mornings” is over. We don’t show "
            "it any more, and its files are deleted.",
        ),
    ],
    ids=["withdrawn", "revoked", "licence ended"],
)
def test_ended(end, subject: str, sentence: str) -> None:
    end(make_approved().pk)

    assert mail("ended").subject == subject
    assert said("ended") == (
        f"{subject}\n\nHello Ada,\n\n{sentence}\n\nYou keep your reward.\n\n-- \n"
        "You get this mail because you sent something in to our shop.\n"
    )


def test_taken_down_with_the_whole_reason() -> None:
    why = "Because " + "x" * 900
    take_down(submission_id=make_approved().pk, takes_back=True, why=why, by_id=None, now=NOW)

    assert said("ended") == (
        "We no longer show what you sent in\n\n"
        "Hello Ada,\n\n"
        "What you sent in for “Your mornings” is no longer shown in our shop, and its files are deleted.\n\n"
        f"{why}\n\n"
        "The reward for it is no longer valid.\n\n"
        "If you think that we are wrong, just answer this mail: somebody reads it.\n\n"
        "-- \n"
        "You get this mail because you sent something in to our shop.\n"
    )


def test_ended_before_there_was_a_reward_none_is_spoken_of() -> None:
    withdraw(submission_id=make_sent().pk, now=NOW)

    assert "reward" not in said("ended")


def test_about_to_expire() -> None:
    approved = make_approved()
    run_due_ugc(now=approved.reward.expires_at - timedelta(days=1))
    grouped = "-".join(re.findall("....", DiscountCode.objects.get().code))

    assert mail("expiring").subject == "Your reward is about to expire"
    assert said("expiring") == (
        "Your reward is about to expire\n\n"
        "Hello Ada,\n\n"
        "You earned this with “Your mornings”, and have not used it yet: 10% off. It is valid through "
        "April 9, 2026.\n\n"
        f"    {grouped}\n\n"
        "Can't be combined with other codes.\n\n"
        "Use the code: LINK\n\n"
        "-- \n"
        "You get this mail because you sent something in to our shop.\n"
    )


def test_the_receipt_of_a_report_repeats_none_of_its_words() -> None:
    """Whoever wrote it may have written to somebody else's address."""
    report = file_report(
        complaint=complaint_about(make_approved(), text="Buy at https://evil.test"), now=NOW
    )

    assert mail("report-received").subject == f"We have your report {report.receipt}"
    assert said("report-received") == (
        f"We have your report {report.receipt}\n\n"
        f"Thank you for telling us. The number of your report is {report.receipt}.\n\n"
        "Somebody looks at it, and we write to you what we have decided, and why.\n\n"
        "-- \n"
        "You get this mail because you reported something in our shop.\n"
    )
    assert "evil" not in mail("report-received").html


@pytest.mark.parametrize(
    ("upholds", "sentence"),
    [
        (True, "Thank you for telling us. We have taken the content down."),
        (False, "Thank you for telling us. We have looked at it, and left the content as it is."),
    ],
)
def test_the_decision_on_a_report(upholds: bool, sentence: str) -> None:
    report = file_report(complaint=complaint_about(make_approved()), now=NOW)
    decide_report(
        report_id=report.pk, upholds=upholds, decision="As you see it.", by_id=None, now=NOW
    )

    assert said("report-decided") == (
        f"Our decision on your report {report.receipt}\n\n"
        f"{sentence}\n\n"
        "As you see it.\n\n"
        "If you think that we are wrong, just answer this mail: somebody reads it.\n\n"
        "-- \n"
        "You get this mail because you reported something in our shop.\n"
    )


def test_a_mail_goes_to_the_address_as_it_was_written() -> None:
    purchase = make_purchase(customer=Customer(email="Ada.Example+Shop@example.com"))

    make_sent(purchase=purchase)

    assert mail("received").to == "Ada.Example+Shop@example.com"


@pytest.mark.parametrize("email", ["", "no address", "ada@localhost"])
def test_an_address_that_takes_no_mail_does_not_stand_in_the_way(email: str) -> None:
    purchase = make_purchase(customer=Customer(account_id="9"))
    StoredCustomer.objects.filter(pk=purchase.customer_id).update(email=email)
    purchase.refresh_from_db()

    assert make_approved(purchase=purchase).status == "approved"
    assert OutboxMail.objects.exclude(to=email).count() == 0


@pytest.mark.parametrize("name", ["Ada", "José", "Anna-Maria", "J. R.", "O’Neil", "Пётр", "阿达"])
def test_a_name_is_greeted(name: str) -> None:
    make_sent(purchase=make_purchase(customer=Customer(email="a@example.com", first_name=name)))

    assert f"\n\nHello {name},\n\n" in mail("received").text


@pytest.mark.parametrize(
    "name", ["", "Win 100 $ at evil.test", "https://evil.test", "a@b", "x" * 41, "A\nB"]
)
def test_what_is_no_name_is_not_written_to_anybody(name: str) -> None:
    make_sent(purchase=make_purchase(customer=Customer(email="a@example.com", first_name=name)))

    assert "Hello" not in mail("received").text
    assert "Hello" not in mail("received").html


def test_without_the_shops_address_there_are_no_links(settings) -> None:
    settings.PPX_SITE_URL = ""

    make_approved()

    for row in OutboxMail.objects.all():
        assert "http" not in row.text
        assert "<a " not in row.html


def test_no_text_has_more_than_one_empty_line() -> None:
    approved = make_approved()
    file_report(complaint=complaint_about(approved), now=NOW)
    reject(
        submission_id=make_sent().pk, reason_id=make_reason("A\n\n\n\nB").pk, by_id=None, now=NOW
    )
    take_down(submission_id=approved.pk, takes_back=False, why="No.", by_id=None, now=NOW)

    texts = list(OutboxMail.objects.values_list("text", flat=True))
    assert len(texts) == 6
    assert not [text for text in texts if "\n\n\n" in text]
