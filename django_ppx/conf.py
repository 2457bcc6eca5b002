"""Every `PPX_…` setting: one uncached, typed property each, its unit in the docstring.

`from django_ppx.conf import ppx_settings`. What is not listed here is not a setting, and `django_ppx.W001` says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.conf import settings

DEFAULT_KINDS: Final = (
    "django_ppx.discounts.kind.NextPurchaseDiscountKind",
    "django_ppx.reviews.kind.ReviewRequestKind",
    "django_ppx.social.kind.SocialInviteKind",
    "django_ppx.social.kind.SharePromptKind",
    "django_ppx.ugc.kind.UGCRewardKind",
    "django_ppx.messages.kind.MessageKind",
)

DEFAULT_CLIENT_ADDRESS: Final = "django_ppx.rewards.addresses.remote_address"
DEFAULT_EVENT_SINK: Final = "django_ppx.events.sinks.DatabaseSink"


class Settings:
    """The settings of the package, read from `django.conf.settings` at each access."""

    @property
    def PPX_SHOP(self) -> str:
        """Dotted path of the `ShopAdapter` subclass. The default reads `PPX_ORDER_FIELDS`."""
        return getattr(settings, "PPX_SHOP", "django_ppx.shop.mapped.MappedShop")

    @property
    def PPX_ORDER_FIELDS(self) -> Mapping[str, Any]:
        """For `MappedShop`: which attribute of the shop's order holds what, as dotted paths."""
        return getattr(settings, "PPX_ORDER_FIELDS", {})

    @property
    def PPX_CURRENCY(self) -> str:
        """ISO 4217 code for shops whose orders carry no currency. Empty: each order must say."""
        return getattr(settings, "PPX_CURRENCY", "")

    @property
    def PPX_BASE_CURRENCY(self) -> str:
        """ISO 4217 code that revenue is reported in. Empty: `PPX_CURRENCY`; that empty too: each order's own."""
        return getattr(settings, "PPX_BASE_CURRENCY", "")

    @property
    def PPX_REVENUE_INCLUDES(self) -> Sequence[str]:
        """What is not taken off an order's total for its net: "tax", "shipping", both or neither."""
        return getattr(settings, "PPX_REVENUE_INCLUDES", ())

    @property
    def PPX_SHOP_NAME(self) -> str:
        """The shop's name as customers know it, for share texts."""
        return getattr(settings, "PPX_SHOP_NAME", "")

    @property
    def PPX_OFFER_KINDS(self) -> Sequence[str]:
        """Dotted paths of the offer kinds, in the order that staff see them."""
        return getattr(settings, "PPX_OFFER_KINDS", DEFAULT_KINDS)

    @property
    def PPX_TRAITS(self) -> Sequence[str]:
        """Dotted paths of a host's own `Trait` objects, added to the built-in ones."""
        return getattr(settings, "PPX_TRAITS", ())

    @property
    def PPX_PAGE_LIMIT(self) -> int:
        """How many offers one placement shows at most, unless the tag says otherwise."""
        return getattr(settings, "PPX_PAGE_LIMIT", 3)

    @property
    def PPX_LINK_MAX_AGE_DAYS(self) -> int:
        """Days for which the signed links of a card (click, dismiss, events) are honoured."""
        return getattr(settings, "PPX_LINK_MAX_AGE_DAYS", 90)

    @property
    def PPX_CODE_LENGTH(self) -> int:
        """Random characters of a discount code, without its prefix (8 to 32)."""
        return getattr(settings, "PPX_CODE_LENGTH", 12)

    @property
    def PPX_RESERVATION_MINUTES(self) -> int:
        """Minutes for which `codes.reserve` holds a use, unless the call says otherwise."""
        return getattr(settings, "PPX_RESERVATION_MINUTES", 30)

    @property
    def PPX_BASKET_URL(self) -> str:
        """Where a link that applies a code leads: a path, an URL, or the name of one. Empty: to a page of ours."""
        return getattr(settings, "PPX_BASKET_URL", "")

    @property
    def PPX_APPLY_LINK_DAYS(self) -> int:
        """Days for which a link that applies a code works. The code's own expiry may end it sooner."""
        return getattr(settings, "PPX_APPLY_LINK_DAYS", 365)

    @property
    def PPX_GUESSES_PER_ADDRESS(self) -> int:
        """Failed attempts at codes that one address has per window."""
        return getattr(settings, "PPX_GUESSES_PER_ADDRESS", 60)

    @property
    def PPX_GUESSES_PER_SESSION(self) -> int:
        """Failed attempts at codes that one session has per window."""
        return getattr(settings, "PPX_GUESSES_PER_SESSION", 10)

    @property
    def PPX_GUESS_WINDOW_MINUTES(self) -> int:
        """Minutes of a window; with the next one, attempts count anew."""
        return getattr(settings, "PPX_GUESS_WINDOW_MINUTES", 15)

    @property
    def PPX_GUESS_ALARM_PER_HOUR(self) -> int:
        """Failed attempts in one clock hour, of all visitors together, above which there is an alarm."""
        return getattr(settings, "PPX_GUESS_ALARM_PER_HOUR", 200)

    @property
    def PPX_FAILED_ATTEMPT_DAYS(self) -> int:
        """Days for which failed attempts are kept for staff."""
        return getattr(settings, "PPX_FAILED_ATTEMPT_DAYS", 90)

    @property
    def PPX_MAIL_FROM(self) -> str:
        """The sender of our mails: an address, or a name and an address. Empty: `DEFAULT_FROM_EMAIL`."""
        return getattr(settings, "PPX_MAIL_FROM", "")

    @property
    def PPX_OUTBOX_DAYS(self) -> int:
        """Days for which the text and address of a mail are kept once it is over."""
        return getattr(settings, "PPX_OUTBOX_DAYS", 90)

    @property
    def PPX_CLIENT_ADDRESS(self) -> str:
        """Dotted path of a function that returns the shopper's IP address for a request."""
        return getattr(settings, "PPX_CLIENT_ADDRESS", DEFAULT_CLIENT_ADDRESS)

    @property
    def PPX_SITE_URL(self) -> str:
        """Where the shop is reached, such as "https://shop.example.com": links in mails begin with it."""
        return getattr(settings, "PPX_SITE_URL", "")

    @property
    def PPX_UGC_STORAGE(self) -> str:
        """The name in `STORAGES` of the private storage for customers' photos and videos."""
        return getattr(settings, "PPX_UGC_STORAGE", "ppx_ugc")

    @property
    def PPX_UGC_FILES_PER_HOUR(self) -> int:
        """Files that one customer may upload in an hour, refused ones included."""
        return getattr(settings, "PPX_UGC_FILES_PER_HOUR", 60)

    @property
    def PPX_UGC_MEGABYTES_PER_CUSTOMER(self) -> int:
        """Megabytes (10^6 bytes) of photos and videos that are kept of one customer at most."""
        return getattr(settings, "PPX_UGC_MEGABYTES_PER_CUSTOMER", 2000)

    @property
    def PPX_UGC_DRAFT_DAYS(self) -> int:
        """Days after which uploads that were never sent in are removed."""
        return getattr(settings, "PPX_UGC_DRAFT_DAYS", 7)

    @property
    def PPX_UGC_REJECTED_DAYS(self) -> int:
        """Days for which the files of a rejected submission are kept."""
        return getattr(settings, "PPX_UGC_REJECTED_DAYS", 30)

    @property
    def PPX_UGC_REMINDER_DAYS(self) -> int:
        """Days before a reward expires at which its customer is reminded. 0: never."""
        return getattr(settings, "PPX_UGC_REMINDER_DAYS", 7)

    @property
    def PPX_UGC_LINK_DAYS(self) -> int:
        """Days for which the link to the page of an offer works, in mails and in the parcel."""
        return getattr(settings, "PPX_UGC_LINK_DAYS", 365)

    @property
    def PPX_HOLDOUT_PERCENT(self) -> int:
        """Percent of customers who see no offer at all for a quarter (0 to 50), to judge all of them. 0: nobody."""
        return getattr(settings, "PPX_HOLDOUT_PERCENT", 0)

    @property
    def PPX_ORDER_TOKEN_DAYS(self) -> int:
        """Days for which an order token opens the API to the customer of that order."""
        return getattr(settings, "PPX_ORDER_TOKEN_DAYS", 90)

    @property
    def PPX_API_CORS_ORIGINS(self) -> Sequence[str]:
        """Origins of front ends, such as "https://www.example.com", whose pages may call what is for shoppers."""
        return getattr(settings, "PPX_API_CORS_ORIGINS", ())

    @property
    def PPX_API_MAX_BODY_KILOBYTES(self) -> int:
        """Kilobytes (10^3 bytes) that the JSON of one request may have. Uploads have limits of their own."""
        return getattr(settings, "PPX_API_MAX_BODY_KILOBYTES", 1000)

    @property
    def PPX_API_RATES(self) -> Mapping[str, str]:
        """Requests that one caller may make, such as "60/min": `anonymous` (by address), `shopper` (by order) and
        `backend` (by key or account). One that is left out has its default (docs/api.md), None is no limit."""
        return getattr(settings, "PPX_API_RATES", {})

    @property
    def PPX_IDEMPOTENCY_HOURS(self) -> int:
        """Hours for which the answer to a write is kept under its Idempotency-Key."""
        return getattr(settings, "PPX_IDEMPOTENCY_HOURS", 48)

    @property
    def PPX_EVENT_SINK(self) -> str:
        """Dotted path of the sink that takes what pages report: the database, or a Redis stream."""
        return getattr(settings, "PPX_EVENT_SINK", DEFAULT_EVENT_SINK)

    @property
    def PPX_REDIS_URL(self) -> str:
        """Where the Redis of the event sink is, such as "redis://127.0.0.1:6379/0". Needed by that sink alone."""
        return getattr(settings, "PPX_REDIS_URL", "")

    @property
    def PPX_WEBHOOKS_TO_PRIVATE_ADDRESSES(self) -> bool:
        """Whether webhooks may go to private and loopback addresses, and over plain HTTP."""
        return getattr(settings, "PPX_WEBHOOKS_TO_PRIVATE_ADDRESSES", False)

    @property
    def PPX_TIME_ZONE(self) -> str:
        """The shop's time zone, in which "valid N days" counts. Default: `TIME_ZONE`."""
        return getattr(settings, "PPX_TIME_ZONE", settings.TIME_ZONE)

    @property
    def PPX_IDENTITY_SECRET(self) -> str:
        """Key of the HMAC under which addresses are looked up. Default: `SECRET_KEY`. Changing it forgets guests."""
        return getattr(settings, "PPX_IDENTITY_SECRET", settings.SECRET_KEY)


ppx_settings: Final = Settings()
