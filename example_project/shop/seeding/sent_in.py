"""What customers of the demo have sent in: pictures in every state that staff meet, a duplicate, an open report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile

from django_ppx.core.models import Purchase, PurchaseLine
from django_ppx.offers.activating import activate_offers
from django_ppx.rewards.models import Benefit
from django_ppx.ugc.deciding import approve, reject
from django_ppx.ugc.drafts import Sender, open_draft
from django_ppx.ugc.ending import withdraw
from django_ppx.ugc.models import (
    UGCLicence,
    UGCLicenceText,
    UGCReason,
    UGCReasonText,
    UGCReport,
    UGCRewardOffer,
    UGCRewardOfferText,
    UGCSubmission,
)
from django_ppx.ugc.reporting import Complaint, file_report
from django_ppx.ugc.submitting import Sending, send_submission
from django_ppx.ugc.uploading import add_file

from ...artwork.photos import POTS, photo
from ..models import Product
from .people import STAFF
from .variants import CARD, Words, say

REASONS = (
    (
        "Not sharp, or too dark",
        "The picture is not sharp enough for the shop. We would love to see it again by a window.",
        "Das Bild ist für den Shop nicht scharf genug. Am Fenster wird es bestimmt etwas.",
    ),
    (
        "Our piece can't be seen",
        "We could not find our piece in the picture. Let it stand in front, the table may stay lively.",
        "Wir konnten unser Stück nicht entdecken. Stell es nach vorn, der Tisch darf lebendig bleiben.",
    ),
    (
        "People who may not have agreed",
        "Somebody can be recognised who may not know of it. Please send a picture without them.",
        "Darauf ist jemand zu erkennen, der vielleicht nichts davon weiß. Bitte ein Bild ohne diese Person.",
    ),
    (
        "Not your own picture",
        "This looks like a picture that somebody else took. Please send one of your own.",
        "Das sieht nach einem fremden Bild aus. Bitte schick uns ein eigenes.",
    ),
    (
        "Other brands in front",
        "Another brand takes up much of the picture. Please send one without it.",
        "Eine andere Marke nimmt viel Platz ein. Bitte schick uns ein Bild ohne sie.",
    ),
)


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One submission: what is seen, what is said, when, and what becomes of it."""

    slug: str
    caption: str
    days_ago: float
    fate: str = "waiting"
    seeds: tuple[int, ...] = ()
    posts: tuple[str, ...] = ()
    language: str = "en"
    quality: int = 88


POST = "https://www.instagram.com/p/Demo123bowl/"

# Oldest first. The duplicate is a picture of another one, saved anew.
SENT = (
    Sent(slug="tide-mug", caption="First coffee, before anybody is up.", days_ago=24, seeds=(0, 5), fate="approved"),
    Sent(slug="bud-vase", caption="Ein Zweig genügt.", days_ago=20, seeds=(12,), fate="approved", language="de"),
    Sent(slug="morning-bowl", caption="Porridge, but make it sunny.", days_ago=17, seeds=(4,), fate="approved"),
    Sent(slug="bottle-vase", caption="It found its place in the hall.", days_ago=13, seeds=(16,), fate="approved"),
    Sent(slug="teapot", caption="Sonntag, halb vier.", days_ago=9, seeds=(9, 11), fate="approved", language="de"),
    Sent(slug="pillar-vase", caption="Night shift.", days_ago=8, seeds=(23,), fate="rejected"),
    Sent(slug="low-tide-bowl", caption="Taking this one back.", days_ago=7, seeds=(15,), fate="withdrawn"),
    Sent(slug="harbour-cup", caption="The harbour in a cup, as promised.", days_ago=4, seeds=(18,)),
    Sent(slug="moon-cup", caption="Zwei Monde zum Frühstück.", days_ago=3.2, seeds=(6, 22), language="de"),
    Sent(slug="tide-mug", caption="My mornings", days_ago=2.6, seeds=(0,), quality=70),
    Sent(slug="espresso-pair", caption="Short, strong, gone.", days_ago=1.8, seeds=(2,)),
    Sent(slug="morning-bowl", caption="Lemons live here now.", days_ago=1.1, seeds=(19,), posts=(POST,)),
    Sent(slug="bud-vase", caption="", days_ago=0.4, seeds=(7,)),
)  # fmt: skip


class SentIn:
    """Sends in through the services that the customers' page uses, and decides as staff do."""

    def __init__(self, *, now: datetime) -> None:
        self.now = now
        self.staff = User.objects.get(username=STAFF)
        self.reasons = create_reasons()
        self.offer = create_offer()
        self.skus = dict(Product.objects.filter(slug__in=POTS).values_list("slug", "sku"))
        self.buyers: set[int] = set()

    def write(self) -> None:
        for number, sent in enumerate(SENT):
            self.settle(sent, self.send(sent, number), at=self.at(sent) + timedelta(hours=7))
        self.report()

    def at(self, sent: Sent) -> datetime:
        return self.now - timedelta(days=sent.days_ago)

    def send(self, sent: Sent, number: int) -> UGCSubmission:
        at = self.at(sent)
        purchase = self.buyer_of(sent, before=at)
        sender = Sender(
            ugc_offer=self.offer,
            purchase=purchase,
            form_key=f"demo{number:028}",
            language=sent.language,
        )
        draft = open_draft(sender, now=at)
        for seed in sent.seeds:
            content = photo(sent.slug, seed=seed, quality=sent.quality)
            upload = SimpleUploadedFile("photo.jpg", content, content_type="image/jpeg")
            add_file(draft=draft, upload=upload, name=f"IMG_{4000 + seed}.jpg", now=at)
        sending = Sending(
            page="/ppx/ugc/",
            caption=sent.caption,
            product_sku=self.skus[sent.slug],
            posts=sent.posts,
            has_agreed=True,
            people_agreed=True,
        )
        return send_submission(sender=sender, sending=sending, now=at)

    def buyer_of(self, sent: Sent, *, before: datetime) -> Purchase:
        """Return the newest order with the product, of a customer who has sent nothing in yet."""
        lines = PurchaseLine.objects.filter(
            sku=self.skus[sent.slug],
            purchase__placed_at__lt=before,
            purchase__status=Purchase.Status.PLACED,
        ).exclude(purchase__customer__in=self.buyers)
        line = lines.order_by("-purchase__placed_at").select_related("purchase__customer")[0]
        self.buyers.add(line.purchase.customer_id)
        return line.purchase

    def settle(self, sent: Sent, submission: UGCSubmission, *, at: datetime) -> None:
        if sent.fate == "approved":
            approve(submission_id=submission.pk, by_id=self.staff.pk, now=at)
        elif sent.fate == "rejected":
            reject(
                submission_id=submission.pk,
                reason_id=self.reasons[0].pk,
                by_id=self.staff.pk,
                now=at,
                words="The glaze is lovely at noon, too.",
            )
        elif sent.fate == "withdrawn":
            withdraw(submission_id=submission.pk, now=at)

    def report(self) -> None:
        shown = UGCSubmission.objects.filter(status=UGCSubmission.Status.APPROVED)
        submission = shown.order_by("-sent_at", "-pk")[0]
        media = submission.media.order_by("position")[0]
        complaint = Complaint(
            form_key="demo-report-00000000000000000000",
            submission_id=submission.pk,
            media_key=media.key,
            cause=UGCReport.Cause.MINE,
            text="I took this picture; it was on my own page last week.",
            email="visitor@example.com",
            language="en",
        )
        file_report(complaint=complaint, now=self.now - timedelta(days=1))


def create_reasons() -> list[UGCReason]:
    reasons = []
    for priority, (name, en, de) in enumerate(REASONS, start=1):
        reason = UGCReason.objects.create(name=name, priority=priority * 10)
        for language, text in (("en", en), ("de", de)):
            UGCReasonText.objects.create(reason=reason, language=language, text=text)
        reasons.append(reason)
    return reasons


def create_licence() -> UGCLicence:
    licence = UGCLicence.objects.create(
        name="Gallery and channels", scopes=["website", "social"], term_months=36
    )
    texts = (
        (
            "en",
            "I took these pictures myself, and Kiln & Tide may show them in the shop and on its channels.",
            "You keep all your rights. For three years we may show the pictures in our shop and on our "
            "social channels, cropped and resized where needed, with or without your first name.\n\n"
            "You can take this back at any time, without a reason: on your page, or by mail. The pictures "
            "are gone from the shop at once.",
        ),
        (
            "de",
            "Die Bilder sind von mir, und Kiln & Tide darf sie im Shop und auf seinen Kanälen zeigen.",
            "Alle Rechte bleiben bei dir. Drei Jahre lang dürfen wir die Bilder in unserem Shop und auf "
            "unseren Kanälen zeigen, wo nötig beschnitten und verkleinert, mit oder ohne deinen Vornamen.\n\n"
            "Du kannst das jederzeit und ohne Grund zurücknehmen: auf deiner Seite oder per E-Mail. Die "
            "Bilder sind dann sofort aus dem Shop verschwunden.",
        ),
    )
    for language, summary, text in texts:
        UGCLicenceText.objects.create(
            licence=licence, language=language, summary=summary, text=text
        )
    return licence


def create_offer() -> UGCRewardOffer:
    """Create the offer and switch it on: before the share prompt, so that no page is too short for it."""
    benefit = Benefit.objects.create(
        name="15 % for a picture",
        type=Benefit.Type.PERCENT,
        percent=15,
        valid_days=90,
        code_prefix="PHOTO",
    )
    offer = UGCRewardOffer.objects.create(
        name="Pictures from your table",
        slug="your-table",
        kind="ugc_reward",
        placements=["thank_you", "order_status"],
        priority=35,
        benefit=benefit,
        licence=create_licence(),
        max_posts=2,
    )
    say(
        offer,
        Words(
            design=CARD,
            en=(
                "Show us where it lives now",
                "A picture of your table for our shop, 15 % off the next piece for you.",
                "Send a picture",
            ),
            de=(
                "Zeig uns, wo es jetzt wohnt",
                "Ein Bild von deinem Tisch für unseren Shop, 15 % auf das nächste Stück für dich.",
                "Bild schicken",
            ),
        ),
    )
    texts = (
        (
            "en",
            "From your table",
            "We make the pot; the picture is yours. Show the piece in use, by daylight, with whatever "
            "stands around it anyway.\n\nNo filters, no other brands in front, and nobody in the picture "
            "who does not know of it.",
            "At home with @kilntide",
        ),
        (
            "de",
            "Von deinem Tisch",
            "Das Gefäß ist von uns, das Bild von dir. Zeig das Stück in Gebrauch, bei Tageslicht, mit dem, "
            "was ohnehin herumsteht.\n\nOhne Filter, ohne andere Marken im Vordergrund und ohne Menschen, "
            "die nichts davon wissen.",
            "Zu Hause mit @kilntide",
        ),
    )
    for language, theme, brief, post in texts:
        UGCRewardOfferText.objects.create(
            ugc_offer=offer,
            language=language,
            theme=theme,
            brief=brief,
            post_text=post,
            disclosure="#ad" if language == "en" else "#Anzeige",
        )
    result = activate_offers(offers=[offer])
    if result.refused:
        raise RuntimeError(f"The demo's offer is incomplete: {result.refused}")
    return UGCRewardOffer.objects.select_related("licence", "benefit").get(pk=offer.pk)
