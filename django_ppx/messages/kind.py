"""The message: words of the shop's own and, if wanted, one link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from django_ppx.messages.models import Message
from django_ppx.offers.kinds import CardContext, CardParts, Destination, OfferKind

FALLBACK_BUTTON: Final = _("Learn more")


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageConfig:
    """Where the button leads; empty means no button."""

    url: str = ""


class MessageKind(OfferKind):
    """A plain card. Without a link it is still a card."""

    name = "message"
    label = _("Message")
    description = _("A card with words and a picture of your own and, if you like, a button.")
    icon = "message"
    model = Message

    def configure(self, offer_ids: Sequence[int]) -> Mapping[int, Any]:
        rows = Message._base_manager.filter(pk__in=offer_ids).values_list("pk", "url")
        return {pk: MessageConfig(url=url) for pk, url in rows}

    def parts(self, config: Any, context: CardContext) -> CardParts:
        if not config.url:
            return CardParts()
        label = context.button
        if not label:
            with translation.override(context.language):
                label = str(FALLBACK_BUTTON)
        return CardParts(destinations=(Destination(key="link", label=label, url=config.url),))

    def starter_texts(self) -> Mapping[str, Mapping[str, str]]:
        return {
            "en": {"headline": "Good to know", "button": "Learn more"},
            "de": {"headline": "Gut zu wissen", "button": "Mehr erfahren"},
        }
