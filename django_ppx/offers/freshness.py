"""Keeps the revision stamp in step with the rows that the snapshot is made from.

The stamp is rewritten in the transaction of the change, so it is seen exactly when the change is. It is random, not a
counter: a rolled-back or restored database never shows a stamp that stood for other rows. `QuerySet.update()` sends no
signal; our services that use it call `touch()`.
"""

from __future__ import annotations

import secrets
from typing import Any, cast

from django.db import models
from django.db.models.signals import m2m_changed, post_delete, post_save

from django_ppx.exceptions import Misconfigured
from django_ppx.experiments.models import Experiment, ExperimentArm, ExperimentPhase
from django_ppx.offers.kinds import snapshot_sources
from django_ppx.offers.models import (
    Audience,
    AudienceRule,
    Offer,
    OfferRevision,
    OfferVariant,
    OfferVariantText,
    Theme,
)

OWN_SOURCES: tuple[type[models.Model], ...] = (
    Offer,
    OfferVariant,
    OfferVariantText,
    Audience,
    AudienceRule,
    Theme,
    Experiment,
    ExperimentArm,
    ExperimentPhase,
)


def touch() -> None:
    """Declare every snapshot stale, at the commit of the running transaction."""
    stamp = secrets.token_hex(16)
    if not OfferRevision.objects.filter(pk=1).update(stamp=stamp):
        OfferRevision.objects.bulk_create([OfferRevision(pk=1, stamp=stamp)], ignore_conflicts=True)


def connect() -> None:
    """Watch the rows of offers and of every kind, once the app registry is ready."""
    for model in {*OWN_SOURCES, *_kind_sources()}:
        post_save.connect(_on_change, sender=model, dispatch_uid=f"ppx-save-{model._meta.label}")
        post_delete.connect(
            _on_change, sender=model, dispatch_uid=f"ppx-delete-{model._meta.label}"
        )
        for field in model._meta.local_many_to_many:
            # Only a relation by name has none, and only before the registry is ready.
            through = cast("type[models.Model]", field.remote_field.through)
            m2m_changed.connect(
                _on_change, sender=through, dispatch_uid=f"ppx-m2m-{through._meta.label}"
            )


def _kind_sources() -> tuple[type[models.Model], ...]:
    try:
        return tuple(snapshot_sources())
    except Misconfigured:
        # Starting up goes on, so that the system check can say which kind is wrong and how to mend it.
        return ()


def _on_change(**_kwargs: Any) -> None:
    touch()
