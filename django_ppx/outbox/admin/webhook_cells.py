"""How webhooks are drawn in lists: their state, and how the last ones went."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext

from django_ppx.outbox.models import OutboxWebhook

_BADGES: Final = {
    "waiting": "scheduled",
    "sent": "running",
    "failed": "paused",
    "cancelled": "ended",
}


def status_badge(status: str) -> SafeString:
    return badge(_BADGES[status], capfirst(str(OutboxWebhook.Status(status).label)))


def badge(look: str, label: str) -> SafeString:
    return format_html('<span class="ppx-badge ppx-badge--{}">{}</span>', look, label)


def chips(words: Iterable[str]) -> SafeString:
    return format_html_join(" ", '<span class="ppx-chip">{}</span>', ((word,) for word in words))


def dots(statuses: Sequence[str]) -> SafeString:
    """Return a dot for each delivery, the newest first, and the same in words for who does not see them."""
    if not statuses:
        return format_html('<span class="ppx-dots__none">{}</span>', gettext("none yet"))
    words = ", ".join(
        gettext("%(count)d %(status)s")
        % {"count": statuses.count(status), "status": OutboxWebhook.Status(status).label}
        for status in OutboxWebhook.Status.values
        if status in statuses
    )
    drawn = format_html_join(
        "",
        '<i class="ppx-dots__dot ppx-dots__dot--{}"></i>',
        ((_BADGES[each],) for each in statuses),
    )
    return format_html(
        '<span class="ppx-dots" title="{}"><span class="ppx-visually-hidden">{}</span>{}</span>',
        words,
        words,
        drawn,
    )
