"""From a decided offer to the card that a template gets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import urljoin

from django.core.files.storage import default_storage
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language_info

from django_ppx.offers.cards import Card, CardImage, CardLink
from django_ppx.offers.compiled import CompiledOffer, CompiledText, CompiledVariant
from django_ppx.offers.kinds import CardContext, Destination
from django_ppx.offers.links import card_token
from django_ppx.offers.moments import Moment, StoredCode


@dataclass(frozen=True, kw_only=True, slots=True)
class CardUrls:
    """Where cards report to and lead through, resolved once per page: resolving an address is not free."""

    event: str
    dismiss: str
    go: str
    """The signed redirect, with `_TOKEN` and `_KEY` in the places of its two parts."""
    base: str = ""
    """The origin that all of them begin with ("https://shop.example.com/"), "" on the shop's own pages."""

    @classmethod
    def resolve(cls, base: str = "") -> CardUrls:
        return cls(
            event=absolute(reverse("ppx:event"), base),
            dismiss=absolute(reverse("ppx:dismiss"), base),
            go=absolute(reverse("ppx:go", args=[_TOKEN, _KEY]), base),
            base=base,
        )

    def link(self, token: str, key: str) -> str:
        """Return the address of one link; a token is URL-safe, and a key is a slug."""
        return self.go.replace(_TOKEN, token).replace(_KEY, key)


_TOKEN: Final = "0token0"  # noqa: S105 - the place of one
_KEY: Final = "0key0"


@dataclass(frozen=True, kw_only=True, slots=True)
class CardSource:
    """What one card is made from. Without `urls` it is a preview: no token, no report, direct links."""

    offer: CompiledOffer
    variant: CompiledVariant
    moment: Moment
    code: StoredCode | None = None
    presentation_id: str = ""
    urls: CardUrls | None = None
    element_prefix: str = "ppx"


def build_card(source: CardSource) -> Card:
    """Return the card of one offer in the moment's language. No query."""
    offer, variant, moment = source.offer, source.variant, source.moment
    text = variant.text(moment.language) or _NO_TEXT
    parts = offer.kind.parts(
        offer.config,
        CardContext(moment=moment, language=text.language, button=text.button, code=source.code),
    )
    urls = source.urls
    token = card_token(source.presentation_id, now=moment.now) if urls else ""
    return Card(
        kind=offer.kind.name,
        design=variant.design,
        template=offer.kind.template,
        design_template=f"django_ppx/designs/{variant.design}.html",
        element_id=f"{source.element_prefix}-{moment.placement}-{offer.id}",
        headline=text.headline,
        text=text.text,
        button=text.button,
        language=text.language,
        direction=direction(text.language),
        icon=offer.kind.icon,
        image=card_image(text, base=urls.base if urls else ""),
        code=parts.code,
        links=tuple(_link(destination, token, urls) for destination in parts.destinations),
        details=parts.details,
        token=token,
        event_url=urls.event if urls else "",
        dismiss_url=urls.dismiss if urls else "",
        is_dismissible=offer.is_dismissible,
        offer_slug=offer.slug,
        variant_label=variant.label,
    )


def absolute(url: str, base: str) -> str:
    """Return `url` as it is called from another origin; as it is where `base` is ""."""
    return urljoin(base, url) if base else url


def card_image(text: CompiledText, *, base: str = "") -> CardImage | None:
    """Return the picture with its address, asked of the storage now: signed addresses expire."""
    if not text.image:
        return None
    return CardImage(
        url=absolute(default_storage.url(text.image), base),
        width=text.image_width,
        height=text.image_height,
        alt=text.image_alt,
    )


def icons_url(base: str = "") -> str:
    """Return the address of the icon sprite: our own where the static files, or the page, are on another host.

    Browsers draw no `<use>` from another origin, whatever its headers say; but a script may read it from ours.
    """
    url = static("django_ppx/icons.svg")
    is_here = url.startswith("/") and not url.startswith("//")
    return url if is_here and not base else absolute(reverse("ppx:icons"), base)


@lru_cache(maxsize=64)
def direction(language: str) -> str:
    """Return "rtl" or "ltr" for a language code; what Django does not know is read left to right."""
    try:
        return "rtl" if get_language_info(language)["bidi"] else "ltr"
    except KeyError:
        return "ltr"


def _link(destination: Destination, token: str, urls: CardUrls | None) -> CardLink:
    return CardLink(
        label=destination.label,
        url=urls.link(token, destination.key) if urls else destination.url,
        key=destination.key,
        icon=destination.icon,
        event=destination.event,
        channel=destination.channel,
    )


_NO_TEXT = CompiledText(language="", headline="", text="", button="")
