"""Offers that ask or tell something: reviews, channels, sharing, messages."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from django_ppx.messages.models import Message
from django_ppx.offers.activating import activate_offers
from django_ppx.offers.models import Audience, Offer
from django_ppx.reviews.models import ReviewPlatform, ReviewRequest
from django_ppx.social.models import SharePrompt, SharePromptText, SocialChannel, SocialInvite

from .variants import BANNER, CARD, Words, say


def create_review_request() -> Offer:
    google = ReviewPlatform.objects.create(
        name="Google",
        slug="google",
        url_template="https://search.google.com/local/writereview?placeid=EXAMPLE",
        rules_source="https://support.google.com/contributionpolicy/answer/7400114",
        priority=10,
    )
    trustpilot = ReviewPlatform.objects.create(
        name="Trustpilot",
        slug="trustpilot",
        url_template="https://www.trustpilot.com/evaluate/example.com",
        countries=["GB", "US", "DK", "SE", "NL"],
        rules_source="https://www.trustpilot.com/trust/trustpilot-guidelines-for-businesses",
        priority=5,
    )
    offer = ReviewRequest.objects.create(
        name="How is it in the hand?",
        slug="review",
        kind="review_request",
        placements=["order_status", "account"],
        priority=30,
        cap_count=2,
        cap_days=365,
        hide_when_done=True,
        max_platforms=1,
    )
    offer.platforms.set([google, trustpilot])
    say(
        offer,
        Words(
            design=CARD,
            en=(
                "How is it in the hand?",
                "Once you have had your coffee from it: tell others what you think, whatever it is.",
                "Write a review",
            ),
            de=(
                "Wie liegt es in der Hand?",
                "Wenn du daraus getrunken hast: Sag anderen, was du davon hältst, was immer es ist.",
                "Bewertung schreiben",
            ),
        ),
    )
    return offer


def create_social_invite() -> Offer:
    channels = [
        SocialChannel.objects.create(
            network=network, handle=handle, url=url, label=label, priority=priority
        )
        for priority, (network, handle, url, label) in enumerate(
            (
                ("instagram", "kilnandtide.example", "https://www.instagram.com/kilnandtide.example/", ""),
                ("pinterest", "kilnandtideexample", "https://www.pinterest.com/kilnandtideexample/", ""),
                ("youtube", "kilnandtideexample", "https://www.youtube.com/@kilnandtideexample", ""),
            ),
            start=1,
        )
    ]  # fmt: skip
    offer = SocialInvite.objects.create(
        name="Watch the kiln",
        slug="watch-the-kiln",
        kind="social_invite",
        placements=["thank_you", "account"],
        priority=50,
        cap_count=3,
        cap_days=180,
    )
    offer.channels.set(channels)
    say(
        offer,
        Words(
            design=CARD,
            en=(
                "Watch the kiln",
                "We open it on Fridays and film what comes out, the cracked ones too.",
                "",
            ),
            de=(
                "Schau in den Ofen",
                "Freitags öffnen wir ihn und filmen, was herauskommt. Auch das Zersprungene.",
                "",
            ),
        ),
        Words(
            label="B",
            design=CARD,
            en=(
                "See how yours was made",
                "Wheel, dip, fire: a minute a step, new every week.",
                "",
            ),
            de=(
                "Sieh, wie deins entstanden ist",
                "Scheibe, Bad, Feuer: eine Minute je Schritt, jede Woche neu.",
                "",
            ),
        ),
    )
    return offer


def create_share_prompt() -> Offer:
    offer = SharePrompt.objects.create(
        name="Show the new piece",
        slug="share",
        kind="share_prompt",
        placements=["thank_you", "order_status"],
        priority=40,
        networks=["whatsapp", "pinterest", "facebook", "email"],
        tagged_channel=SocialChannel.objects.filter(network="instagram").first(),
    )
    for language, text, hashtags in (
        ("en", "On its way to my table: {product} from {shop}. {hashtags}", "#slowmornings #stoneware"),
        ("de", "Unterwegs auf meinen Tisch: {product} von {shop}. {hashtags}", "#langsamemorgen #steinzeug"),
    ):  # fmt: skip
        SharePromptText.objects.create(
            prompt=offer, language=language, text=text, hashtags=hashtags
        )
    say(
        offer,
        Words(
            design=CARD,
            en=("Somebody would like this too", "Tell them what is on its way to you.", "Share"),
            de=("Das gefiele noch jemandem", "Erzähl, was zu dir unterwegs ist.", "Teilen"),
        ),
    )
    return offer


def create_messages(audiences: dict[str, Audience]) -> list[Offer]:
    care = Message.objects.create(
        name="First wash",
        slug="first-wash",
        kind="message",
        placements=["thank_you", "order_status"],
        priority=60,
        cap_count=1,
        audience=audiences["Orders of 50 EUR and more"],
    )
    say(
        care,
        Words(
            design=BANNER,
            en=(
                "Before the first coffee",
                "Rinse it warm, let it dry in the air. After that the dishwasher may have it.",
                "",
            ),
            de=(
                "Vor dem ersten Kaffee",
                "Warm ausspülen, an der Luft trocknen. Danach darf es in die Maschine.",
                "",
            ),
        ),
    )
    beans = Message.objects.create(
        name="Beans for the cup",
        slug="beans",
        kind="message",
        placements=["account"],
        priority=70,
        audience=audiences["Coffee and tea people"],
        url=f"{settings.SHOP_URL}/shop/coffee-tea/",
    )
    say(
        beans,
        Words(
            design=CARD,
            en=("Roasted on Tuesday", "The house blend is at its best in its second week.", "See the coffee"),
            de=("Dienstag geröstet", "Die Hausmischung ist in der zweiten Woche am besten.", "Zum Kaffee"),
        ),
    )  # fmt: skip
    return [care, beans]


def create_draft() -> None:
    offer = Message.objects.create(
        name="Open studio in spring",
        slug="open-studio",
        kind="message",
        placements=["thank_you"],
        priority=80,
    )
    say(
        offer,
        Words(
            design=CARD,
            en=("Come and see us", "The studio is open on the first Sunday in spring.", ""),
            de=("Komm vorbei", "Am ersten Frühlingssonntag ist die Werkstatt offen.", ""),
        ),
    )


def create_ended(*, now: datetime) -> None:
    offer = Message.objects.create(
        name="Kiln holidays",
        slug="kiln-holidays",
        kind="message",
        placements=["thank_you"],
        priority=5,
        starts_at=now - timedelta(days=120),
        ends_at=now - timedelta(days=92),
    )
    say(
        offer,
        Words(
            design=BANNER,
            en=("The kiln is on holiday", "Parcels leave a week later than usual.", ""),
            de=("Der Ofen macht Ferien", "Pakete gehen eine Woche später ab als sonst.", ""),
        ),
    )
    activate_offers(offers=[offer])
