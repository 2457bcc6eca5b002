"""Endpoints of webhooks: added, changed, switched on and off, given a new secret, tried. Never deleted."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.core.committing import after_commit
from django_ppx.core.retrying import run_retrying
from django_ppx.core.texts import clean_text
from django_ppx.exceptions import Refusal
from django_ppx.outbox.models import OutboxWebhook, WebhookEndpoint, WebhookEvent
from django_ppx.outbox.posting_webhooks import WebhookMessage, new_webhook
from django_ppx.outbox.signing import new_secret
from django_ppx.outbox.subscribing import forget
from django_ppx.outbox.targets import check_url

GRACE: Final = timedelta(hours=24)
"""For so long messages are signed with the previous secret, too."""


class EndpointRefused(Refusal):
    """An endpoint can't be like this."""

    class Reason(models.TextChoices):
        NAME = "name", _("Give the endpoint a name: who is told.")
        EVENTS = "events", _("Choose what the endpoint is told of.")
        RENEWED = "renewed", _("This secret is renewed already, and the new one was shown.")
        OFF = "off", _("This endpoint is switched off.")


@dataclass(frozen=True, kw_only=True, slots=True)
class EndpointFacts:
    """What staff decide about an endpoint."""

    name: str
    url: str
    events: Sequence[str]
    is_active: bool = True


def make_endpoint(
    *, facts: EndpointFacts, now: datetime, by_id: int | None = None
) -> WebhookEndpoint:
    """Store a new endpoint with a secret of its own and return it.

    :raises EndpointRefused: without a name, or with events that there are not.
    :raises AddressRefused: when webhooks can't go to its address.
    """
    columns = _columns(facts)
    check_url(facts.url)
    endpoint = WebhookEndpoint(**columns, secret=new_secret(), created_by_id=by_id, created_at=now)
    endpoint.save(force_insert=True)
    after_commit(forget)
    return endpoint


def change_endpoint(*, endpoint_id: int, facts: EndpointFacts) -> None:
    """Store what staff have changed. The secret stays what it is.

    :raises EndpointRefused: without a name, or with events that there are not.
    :raises AddressRefused: when webhooks can't go to its new address.
    :raises TransactionConflict: see `run_retrying`.
    """
    columns, mine = _columns(facts), WebhookEndpoint.objects.filter(pk=endpoint_id)
    if not mine.filter(url=facts.url).exists():
        check_url(facts.url)
    run_retrying(partial(mine.update, **columns), is_one_statement=True)
    after_commit(forget)


def switch_endpoints(*, endpoint_ids: Iterable[int], is_active: bool) -> int:
    """Switch endpoints on or off, and return how many were not so before.

    What waits for one that is off is cancelled with the next run.

    :raises TransactionConflict: see `run_retrying`.
    """
    others = WebhookEndpoint.objects.filter(pk__in=list(endpoint_ids)).exclude(is_active=is_active)
    switched = run_retrying(partial(others.update, is_active=is_active), is_one_statement=True)
    after_commit(forget)
    return switched


def rotate_secret(*, endpoint_id: int, seen: str, now: datetime) -> WebhookEndpoint:
    """Give an endpoint a new secret and return it. For 24 hours messages are signed with the old one, too.

    `seen` is the secret that it had when this was asked for: asked twice, it is renewed once.

    :raises EndpointRefused: when the secret is another one by now.
    :raises TransactionConflict: see `run_retrying`.
    """
    mine = WebhookEndpoint.objects.filter(pk=endpoint_id, secret=seen)
    rotate = partial(
        mine.update, secret=new_secret(), previous_secret=seen, previous_until=now + GRACE
    )
    if not run_retrying(rotate, is_one_statement=True):
        raise EndpointRefused(EndpointRefused.Reason.RENEWED)
    return WebhookEndpoint.objects.get(pk=endpoint_id)


def secrets_of(endpoint: WebhookEndpoint, *, now: datetime) -> tuple[str, ...]:
    """Return the secrets that messages are signed with at `now`, the newest first."""
    if endpoint.previous_until is None or endpoint.previous_until <= now:
        return (endpoint.secret,)
    return (endpoint.secret, endpoint.previous_secret)


def post_test(*, endpoint_id: int, now: datetime) -> OutboxWebhook:
    """Store a message for one endpoint that tells of nothing, and return it. Its data is `{"test": true}`.

    :raises EndpointRefused: when the endpoint is off.
    """
    endpoint = WebhookEndpoint.objects.get(pk=endpoint_id)
    if not endpoint.is_active:
        raise EndpointRefused(EndpointRefused.Reason.OFF)
    message = WebhookMessage(key=f"test:{secrets.token_hex(16)}", data={"test": True})
    event = next(iter(endpoint.events), WebhookEvent.OFFER_SHOWN)
    webhook = new_webhook(endpoint_id=endpoint_id, event=event, message=message, now=now)
    webhook.save(force_insert=True)
    return webhook


def _columns(facts: EndpointFacts) -> dict[str, object]:
    if not clean_text(facts.name):
        raise EndpointRefused(EndpointRefused.Reason.NAME)
    if not facts.events or set(facts.events) - set(WebhookEvent.values):
        raise EndpointRefused(EndpointRefused.Reason.EVENTS)
    return {
        "name": clean_text(facts.name, 120),
        "url": facts.url,
        "events": sorted(set(facts.events)),
        "is_active": facts.is_active,
    }
