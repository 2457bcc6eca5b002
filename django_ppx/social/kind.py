"""The social invite and the share prompt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from django_ppx.conf import ppx_settings
from django_ppx.offers.kinds import CardContext, CardParts, Destination, KindRows, OfferKind
from django_ppx.offers.models import Offer
from django_ppx.offers.moments import LineFacts, Moment
from django_ppx.social.channel_urls import OWN_ADDRESS, host_of
from django_ppx.social.forms import (
    SharePromptForm,
    SharePromptTextForm,
    SharePromptTextFormSet,
    SocialInviteForm,
)
from django_ppx.social.models import SharePrompt, SharePromptText, SocialChannel, SocialInvite
from django_ppx.social.share_links import EMAIL, Shared, share_links
from django_ppx.social.share_texts import ShareText, choose, fill, placeholders

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

_WEB: Final = ("https://", "http://")


@dataclass(frozen=True, kw_only=True, slots=True)
class InviteConfig:
    """The channels of one invite, ready as links."""

    channels: tuple[Destination, ...] = ()


class SocialInviteKind(OfferKind):
    """An invitation to the shop's channels, all alike."""

    name = "social_invite"
    label = _("Social invite")
    description = _("Invites customers to follow the shop or to join its communities.")
    icon = "heart"
    model = SocialInvite
    form = SocialInviteForm
    sources = (SocialChannel,)

    def configure(self, offer_ids: Sequence[int]) -> Mapping[int, Any]:
        found: dict[int, list[Destination]] = {pk: [] for pk in offer_ids}
        through = SocialInvite.channels.through
        rows = (
            through._default_manager.filter(
                socialinvite__in=offer_ids, socialchannel__is_active=True
            )
            .select_related("socialchannel")
            .order_by("socialchannel__priority", "socialchannel__network", "socialchannel_id")
        )
        for row in rows:
            found[row.socialinvite_id].append(_channel_link(row.socialchannel))
        return {pk: InviteConfig(channels=tuple(channels)) for pk, channels in found.items()}

    def is_available(self, config: Any, moment: Moment) -> bool:
        return bool(config.channels)

    def parts(self, config: Any, context: CardContext) -> CardParts:
        return CardParts(destinations=config.channels)

    def problems(self, offer: Offer) -> Sequence[_StrOrPromise]:
        if SocialChannel.objects.filter(social_invites=offer.pk, is_active=True).exists():
            return ()
        return (_("Choose at least one channel that is switched on."),)

    def copy_children(self, source: Offer, copy: Offer) -> None:
        channels = SocialChannel.objects.filter(social_invites=source.pk)
        SocialInvite._base_manager.get(pk=copy.pk).channels.set(channels)

    def starter_texts(self) -> Mapping[str, Mapping[str, str]]:
        return {
            "en": {"headline": "Stay in touch", "text": "New pieces and a look behind the scenes."},
            "de": {
                "headline": "Bleiben wir in Kontakt",
                "text": "Neues und ein Blick hinter die Kulissen.",
            },
        }


def _channel_link(channel: SocialChannel) -> Destination:
    is_own = channel.network == OWN_ADDRESS
    fallback = host_of(channel.url) if is_own else channel.get_network_display()
    return Destination(
        key=f"channel-{channel.pk}",
        label=channel.label or str(fallback),
        url=channel.url,
        icon="link" if is_own else channel.network,
        channel=channel.network,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class ShareConfig:
    """The prepared texts by lower-case language code, and what fills them."""

    texts: Mapping[str, ShareText] = field(default_factory=dict)
    handle: str = ""
    url: str = ""
    networks: tuple[str, ...] = ()


class SharePromptKind(OfferKind):
    """A prepared text to share: the device's own dialog where there is one, plain links everywhere."""

    name = "share_prompt"
    label = _("Share prompt")
    description = _("Encourages customers to share what they bought, with a text you prepared.")
    icon = "share"
    model = SharePrompt
    form = SharePromptForm
    rows = (
        KindRows(
            name="texts",
            model=SharePromptText,
            form=SharePromptTextForm,
            formset=SharePromptTextFormSet,
            link="prompt",
        ),
    )
    sources = (SharePromptText, SocialChannel)
    done_events = frozenset({"share"})

    def configure(self, offer_ids: Sequence[int]) -> Mapping[int, Any]:
        texts: dict[int, dict[str, ShareText]] = defaultdict(dict)
        for row in SharePromptText.objects.filter(prompt__in=offer_ids).order_by("pk"):
            texts[row.prompt_id][row.language.lower()] = ShareText(
                text=row.text, hashtags=row.hashtags
            )
        prompts = SharePrompt._base_manager.filter(pk__in=offer_ids).values_list(
            "pk", "share_url", "networks", "tagged_channel__handle", "tagged_channel__is_active"
        )
        return {
            pk: ShareConfig(
                texts=texts.get(pk, {}),
                handle=f"@{handle}" if handle and is_active else "",
                url=url,
                networks=tuple(networks),
            )
            for pk, url, networks, handle, is_active in prompts
        }

    def is_available(self, config: Any, moment: Moment) -> bool:
        """A text that names the product needs one: half a sentence is worse than no card."""
        chosen = _text(config, moment.language)
        if chosen is None:
            return False
        return "product" not in placeholders(chosen.text) or _first_product(moment) is not None

    def parts(self, config: Any, context: CardContext) -> CardParts:
        shared = _shared(config, context)
        with translation.override(context.language):
            email_label = str(_("E-mail"))
        return CardParts(
            destinations=tuple(
                Destination(
                    key=f"share-{link.network}",
                    label=email_label if link.network == EMAIL else link.label,
                    url=link.url,
                    icon=link.icon,
                    event="share",
                    channel=link.network,
                )
                for link in share_links(shared, config.networks)
            ),
            details={
                "share_text": shared.text,
                "share_url": shared.url,
                "share_title": shared.title,
                "copy_text": shared.whole,
            },
        )

    def problems(self, offer: Offer) -> Sequence[_StrOrPromise]:
        if SharePromptText.objects.filter(prompt=offer.pk).exists():
            return ()
        return (_("Write the prepared text in at least one language."),)

    def copy_children(self, source: Offer, copy: Offer) -> None:
        # Saved one by one: the snapshot hears of them by their signals.
        for row in SharePromptText.objects.filter(prompt=source.pk).order_by("pk"):
            SharePromptText.objects.create(
                prompt_id=copy.pk, language=row.language, text=row.text, hashtags=row.hashtags
            )

    def starter_texts(self) -> Mapping[str, Mapping[str, str]]:
        return {
            "en": {"headline": "Tell your friends", "text": "Share what you have found."},
            "de": {"headline": "Erzählen Sie davon", "text": "Teilen Sie, was Sie gefunden haben."},
        }


def _text(config: ShareConfig, language: str) -> ShareText | None:
    return choose(config.texts, language=language, default=settings.LANGUAGE_CODE)


def _first_product(moment: Moment) -> LineFacts | None:
    """Return the first line with a title; of lines that have a product page too, the first of those."""
    lines = moment.purchase.lines if moment.purchase else ()
    titled = [line for line in lines if line.title]
    with_page = (line for line in titled if line.product_url.startswith(_WEB))
    return next(with_page, titled[0] if titled else None)


def _shared(config: ShareConfig, context: CardContext) -> Shared:
    product = _first_product(context.moment)
    chosen = _text(config, context.language) or ShareText(text="")
    title = product.title if product else ""
    url = config.url or (product.product_url if product else "")
    text = fill(
        chosen.text,
        {
            "product": title,
            "handle": config.handle,
            "hashtags": chosen.hashtags,
            "shop": ppx_settings.PPX_SHOP_NAME,
        },
    )
    return Shared(
        text=text,
        url=url if url.startswith(_WEB) else "",
        title=title or ppx_settings.PPX_SHOP_NAME,
    )
