"""The review platforms that come ready-made, with the rules they set (GUARD 7 of the design). Data, no database.

A row in the database may be stricter than what is known of its host here, never looser. A date stands only where the
rules were looked up on that day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from django_ppx.reviews.url_templates import host_of

ALLOWED: Final = "allowed"
BADGE_ONLY: Final = "badge_only"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadyPlatform:
    """One platform as `installing.install_platforms` writes it.

    `domains` are the names before the public suffix that belong to the platform ("google" is google.com, google.de …).
    They are empty where any host may be meant: there are no rules to hold a row to.
    """

    name: str
    slug: str
    url_template: str
    domains: tuple[str, ...] = ()
    icon: str = "star"
    asking: str = ALLOWED
    allows_reward: bool = False
    requires_all_customers: bool = True
    rules_source: str = ""
    rules_checked_date: date | None = None
    priority: int = 100


READY_PLATFORMS: Final = (
    ReadyPlatform(
        name="Google",
        slug="google",
        url_template="https://search.google.com/local/writereview?placeid=YOUR-PLACE-ID",
        domains=("google", "g.page"),
        rules_source="https://support.google.com/business/answer/14114287",
        rules_checked_date=date(2026, 11, 22),
        priority=10,
    ),
    ReadyPlatform(
        name="Trustpilot",
        slug="trustpilot",
        url_template="https://www.trustpilot.com/evaluate/YOUR-DOMAIN",
        domains=("trustpilot",),
        rules_source="https://support.trustpilot.com/hc/en-us/articles/235472148",
        rules_checked_date=date(2026, 11, 22),
        priority=20,
    ),
    ReadyPlatform(
        name="Amazon",
        slug="amazon",
        url_template="https://www.amazon.com/review/create-review/?asin=YOUR-ASIN",
        domains=("amazon",),
        rules_source="https://sellercentral.amazon.com/gp/help/external/G201972160",
        rules_checked_date=date(2026, 11, 22),
        priority=30,
    ),
    ReadyPlatform(
        name="Yelp",
        slug="yelp",
        url_template="https://www.yelp.com/biz/YOUR-BUSINESS",
        domains=("yelp",),
        asking=BADGE_ONLY,
        rules_source="https://www.yelp-support.com/article/Don-t-Ask-for-Reviews",
        rules_checked_date=date(2026, 11, 22),
        priority=40,
    ),
    ReadyPlatform(
        name="Tripadvisor",
        slug="tripadvisor",
        url_template="https://www.tripadvisor.com/UserReviewEdit-YOUR-ID",
        domains=("tripadvisor",),
        priority=50,
    ),
    ReadyPlatform(
        name="Facebook",
        slug="facebook",
        url_template="https://www.facebook.com/YOUR-PAGE/reviews",
        domains=("facebook",),
        icon="facebook",
        priority=60,
    ),
    ReadyPlatform(
        name="Our own shop",
        slug="own-shop",
        url_template="https://YOUR-SHOP.example.com/reviews/new?sku={sku}",
        priority=70,
    ),
)


def rules_for(url_template: str) -> ReadyPlatform | None:
    """Return the ready-made platform that an address belongs to, or None for a host nothing is known of.

    "https://www.google.de/…" and "https://search.google.co.uk/…" are Google; "https://google.example.com/…" is not.
    """
    host = host_of(url_template)
    for platform in READY_PLATFORMS:
        if any(_is_of(host, domain) for domain in platform.domains):
            return platform
    return None


def _is_of(host: str, domain: str) -> bool:
    labels = host.split(".")
    if "." in domain:
        wanted = domain.split(".")
        return labels[-len(wanted) :] == wanted
    # The name stands before a public suffix of one label (.com) or two short ones (.co.uk, .com.au).
    if len(labels) >= 2 and labels[-2] == domain:
        return True
    return (
        len(labels) >= 3 and labels[-3] == domain and len(labels[-2]) <= 3 and len(labels[-1]) == 2
    )
