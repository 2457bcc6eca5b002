"""What the page of an offer says: theme, brief, reward, limits and licence, as ready values in one language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils import translation
from django.utils.translation import gettext, ngettext

from django_ppx.core.models import Purchase
from django_ppx.core.tokens import InvalidToken
from django_ppx.rewards.terms import FrozenTerms
from django_ppx.rewards.wording import conditions, summarize
from django_ppx.ugc.drafts import person_keys
from django_ppx.ugc.licensing import shown_licence
from django_ppx.ugc.links import read_page_token
from django_ppx.ugc.models import UGCRewardOffer
from django_ppx.ugc.models.licences import Scope
from django_ppx.ugc.places import has_place
from django_ppx.ugc.refusals import SubmissionRefused, size_in_words
from django_ppx.ugc.sniffing import Type, can_open
from django_ppx.ugc.uploading import MEGABYTE
from django_ppx.ugc.wording import in_language

PHOTO_TYPES: Final = ("image/jpeg", "image/png", "image/webp")
VIDEO_TYPES: Final = ("video/mp4", "video/quicktime", "video/webm")


@dataclass(frozen=True, kw_only=True, slots=True)
class Product:
    """One thing of the order that the pictures may show."""

    sku: str
    title: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Licence:
    """What the customer is asked to allow."""

    summary: str
    text: str
    uses: tuple[str, ...]
    term: str
    """"For 24 months, or until you revoke it"."""
    mark: str
    """Of what is shown: a form that was shown something else is asked again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Invitation:
    """An offer as one buyer is invited to it."""

    ugc_offer: UGCRewardOffer
    purchase: Purchase
    theme: str
    brief: str
    reward: str
    """The benefit in a few words: "10% off"."""
    reward_text: str
    reward_conditions: tuple[str, ...]
    reward_image_url: str
    accepted: tuple[str, ...]
    """"Up to 5 photos, each at most 20 MB", a line for each kind."""
    accept: str
    """For the file field: the types of files."""
    accept_camera: str
    products: tuple[Product, ...]
    """To choose among; empty where there is nothing to choose."""
    licence: Licence
    prepared_text: str
    """For a post: the disclosure, then the shop's words; "" where no posts are taken."""
    disclosure: str


def read_invitation(token: str, *, now: datetime) -> Invitation:
    """Return what the link leads to, in the active language. At most seven queries.

    :raises InvalidToken: when the link is unknown, changed or too old, or what it leads to is gone.
    """
    offer_id, purchase_id = read_page_token(token, now=now)
    ugc_offer = (
        UGCRewardOffer._base_manager.select_related("benefit", "licence")
        .filter(pk=offer_id)
        .first()
    )
    purchase = Purchase.objects.select_related("customer").filter(pk=purchase_id).first()
    if ugc_offer is None or purchase is None:
        raise InvalidToken
    invitation = invite(ugc_offer, purchase, products=products_of(purchase))
    if invitation is None:
        raise InvalidToken
    return invitation


def invite(
    ugc_offer: UGCRewardOffer, purchase: Purchase, *, products: tuple[Product, ...]
) -> Invitation | None:
    """Return the offer as this buyer is invited to it, in the active language; None while it has no text or licence."""
    language = translation.get_language() or ""
    text = in_language(ugc_offer.texts.all(), language)
    shown = shown_licence(ugc_offer, language=language)
    if text is None or shown is None:
        return None
    terms = FrozenTerms.of(ugc_offer.benefit)
    disclosure = text.disclosure if ugc_offer.max_posts else ""
    return Invitation(
        ugc_offer=ugc_offer,
        purchase=purchase,
        theme=text.theme,
        brief=text.brief,
        reward=summarize(terms, currency=purchase.currency),
        reward_text=text.reward_text,
        reward_conditions=conditions(terms, currency=purchase.currency),
        reward_image_url=ugc_offer.reward_image.url if ugc_offer.reward_image else "",
        accepted=accepted(ugc_offer),
        accept=",".join((*photo_types(ugc_offer), *video_types(ugc_offer))),
        accept_camera="image/*" if ugc_offer.max_photos else "video/*",
        products=products,
        licence=Licence(
            summary=shown.text.summary,
            text=shown.text.text,
            uses=tuple(str(Scope(scope).label) for scope in ugc_offer.licence.scopes),
            term=_term(ugc_offer.licence.term_months),
            mark=shown.mark,
        ),
        prepared_text=f"{disclosure} {text.post_text}".strip() if disclosure else "",
        disclosure=disclosure,
    )


def check_open(invitation: Invitation, *, now: datetime) -> None:
    """Refuse what can't be sent in: the offer is not open, or the order does not stand.

    :raises SubmissionRefused: when it is so.
    """
    check_takes(invitation.ugc_offer, invitation.purchase, now=now)


def check_takes(ugc_offer: UGCRewardOffer, purchase: Purchase, *, now: datetime) -> None:
    """Refuse the same of an offer and an order.

    :raises SubmissionRefused: when it is so.
    """
    if purchase.status != Purchase.Status.PLACED or not ugc_offer.is_open(now=now):
        raise SubmissionRefused(SubmissionRefused.Reason.NOT_OPEN)


def has_room(invitation: Invitation) -> bool:
    """Return whether the buyer could send in one more. One query."""
    return has_place(ugc_offer=invitation.ugc_offer, limit_keys=person_keys(invitation.purchase))


def accepted(ugc_offer: UGCRewardOffer) -> tuple[str, ...]:
    """Return which files one submission takes, a line for each kind, in the active language."""
    lines = []
    if most := ugc_offer.max_photos:
        lines.append(
            ngettext(
                "%(most)d photo of at most %(size)s", "Up to %(most)d photos, each at most %(size)s", most
            )
            % {"most": most, "size": size_in_words(ugc_offer.max_photo_megabytes * MEGABYTE)}
        )  # fmt: skip
    if most := ugc_offer.max_videos:
        lines.append(
            ngettext(
                "%(most)d video of at most %(size)s", "Up to %(most)d videos, each at most %(size)s", most
            )
            % {"most": most, "size": size_in_words(ugc_offer.max_video_megabytes * MEGABYTE)}
        )  # fmt: skip
    return tuple(lines)


def photo_types(ugc_offer: UGCRewardOffer) -> tuple[str, ...]:
    """Return the media types of photos that are taken. Named one by one, a phone turns its own format into JPEG."""
    photos: tuple[str, ...] = PHOTO_TYPES if ugc_offer.max_photos else ()
    return (*photos, "image/heic", "image/heif") if photos and can_open(Type.HEIC) else photos


def video_types(ugc_offer: UGCRewardOffer) -> tuple[str, ...]:
    """Return the media types of videos that are taken."""
    return VIDEO_TYPES if ugc_offer.max_videos else ()


def products_of(purchase: Purchase) -> tuple[Product, ...]:
    """Return the products of the order, each once; none where there is nothing to choose."""
    lines = purchase.lines.exclude(sku="").order_by("position").values_list("sku", "title")
    titles: dict[str, str] = {}
    for sku, title in lines:
        titles.setdefault(sku, title)
    found = tuple(Product(sku=sku, title=title) for sku, title in titles.items())
    return found if len(found) > 1 else ()


def _term(months: int | None) -> str:
    if months is None:
        return gettext("Until you revoke it")
    return ngettext(
        "For %(months)d month, or until you revoke it",
        "For %(months)d months, or until you revoke it",
        months,
    ) % {"months": months}
