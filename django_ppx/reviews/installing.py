"""Writing the ready-made review platforms into the shop's database."""

from __future__ import annotations

from django.db import transaction

from django_ppx.reviews.models import ReviewPlatform
from django_ppx.reviews.platform_rules import READY_PLATFORMS, ReadyPlatform


def install_platforms() -> tuple[ReviewPlatform, ...]:
    """Add the ready-made platforms that the shop does not have yet, and return them. Safe to run twice.

    They come switched off: staff put the shop's own address at the place of "YOUR-…" and switch them on. What staff
    changed in a platform they have is left alone.
    """
    with transaction.atomic():
        known = set(ReviewPlatform.objects.values_list("slug", flat=True))
        missing = [ready for ready in READY_PLATFORMS if ready.slug not in known]
        # Saved one by one: the snapshot hears of them by their signals.
        return tuple(
            ReviewPlatform.objects.get_or_create(slug=ready.slug, defaults=_defaults(ready))[0]
            for ready in missing
        )


def _defaults(ready: ReadyPlatform) -> dict[str, object]:
    return {
        "name": ready.name,
        "icon": ready.icon,
        "url_template": ready.url_template,
        "asking": ready.asking,
        "allows_reward": ready.allows_reward,
        "requires_all_customers": ready.requires_all_customers,
        "rules_source": ready.rules_source,
        "rules_checked_date": ready.rules_checked_date,
        "priority": ready.priority,
        "is_active": False,
    }
