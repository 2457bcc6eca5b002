"""The shop's communities, the invitation to them, and the encouragement to share a purchase."""

from __future__ import annotations

from django.core.validators import URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.offers.models import Offer
from django_ppx.social.validators import default_networks, validate_networks, validate_share_text


class SocialChannel(models.Model):
    """One account or community of the shop."""

    class Network(models.TextChoices):
        INSTAGRAM = "instagram", "Instagram"
        TIKTOK = "tiktok", "TikTok"
        YOUTUBE = "youtube", "YouTube"
        FACEBOOK = "facebook", "Facebook"
        X = "x", "X"
        PINTEREST = "pinterest", "Pinterest"
        LINKEDIN = "linkedin", "LinkedIn"
        DISCORD = "discord", "Discord"
        TELEGRAM = "telegram", "Telegram"
        WHATSAPP = "whatsapp", "WhatsApp"
        OTHER = "other", _("Own address")

    network = models.CharField(_("network"), max_length=20, choices=Network.choices)
    label = models.CharField(
        _("label"), max_length=80, blank=True, help_text=_("Empty: the network's name.")
    )
    handle = models.CharField(
        _("handle"), max_length=100, blank=True, help_text=_("Without @; used in share texts.")
    )
    url = models.CharField(
        _("address"), max_length=1000, validators=[URLValidator(schemes=["http", "https"])]
    )
    priority = models.PositiveSmallIntegerField(
        _("order"), default=100, help_text=_("Lowest first.")
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("social channel")
        verbose_name_plural = _("social channels")
        ordering = ["priority", "network", "pk"]

    def __str__(self) -> str:
        return self.label or str(self.get_network_display())


class SocialInvite(Offer):
    """An offer that invites to the shop's communities."""

    offer = models.OneToOneField(
        Offer, on_delete=models.CASCADE, parent_link=True, related_name="social_invite"
    )
    channels = models.ManyToManyField(
        SocialChannel, related_name="social_invites", verbose_name=_("channels")
    )

    class Meta:
        verbose_name = _("social invite")
        verbose_name_plural = _("offers: social invites")


class SharePrompt(Offer):
    """An offer that encourages to share the purchase, with a prepared text."""

    offer = models.OneToOneField(
        Offer, on_delete=models.CASCADE, parent_link=True, related_name="share_prompt"
    )
    tagged_channel = models.ForeignKey(
        SocialChannel,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="share_prompts",
        verbose_name=_("account to tag"),
        help_text=_("Its handle fills {handle} in the text."),
    )
    networks = models.JSONField(
        _("share on"),
        default=default_networks,
        blank=True,
        validators=[validate_networks],
        help_text=_("The networks offered where the browser has no share dialog."),
    )
    share_url = models.CharField(
        _("link to share"),
        max_length=1000,
        blank=True,
        validators=[URLValidator(schemes=["http", "https"])],
        help_text=_("Empty: the page of the first product in the order."),
    )

    class Meta:
        verbose_name = _("share prompt")
        verbose_name_plural = _("offers: share prompts")


class SharePromptText(models.Model):
    """The prepared text in one language."""

    prompt = models.ForeignKey(
        SharePrompt, on_delete=models.CASCADE, related_name="texts", verbose_name=_("prompt")
    )
    language = models.CharField(_("language"), max_length=15)
    text = models.TextField(
        _("prepared text"),
        max_length=1000,
        validators=[validate_share_text],
        help_text=_("May contain {product}, {handle}, {hashtags} and {shop}."),
    )
    hashtags = models.CharField(
        _("hashtags"), max_length=200, blank=True, help_text=_("Such as #slowmornings #handmade.")
    )

    class Meta:
        verbose_name = _("prepared text")
        verbose_name_plural = _("prepared texts")
        constraints = [
            models.UniqueConstraint(
                fields=["prompt", "language"], name="ppx_shareprompttext_language_unique"
            )
        ]

    def __str__(self) -> str:
        return self.language
