"""Drafts, and what their forms send."""

from __future__ import annotations

from typing import Any

from django_ppx.experiments.drafting import set_arms
from django_ppx.experiments.models import Experiment
from django_ppx.offers.models import Offer
from django_ppx.testing import make_offer, make_variant

ADMIN = "/admin/django_ppx/experiment/"


def offer_with(*labels: str, **overrides: Any) -> Offer:
    """Return an offer with these variants, "A" among them."""
    offer = make_offer(**overrides)
    for label in labels:
        if label != "A":
            make_variant(offer, label=label)
    return Offer.objects.get(pk=offer.pk)


def make_draft(offer: Offer | None = None, **overrides: Any) -> Experiment:
    """Return a draft that can be started: A and B, half and half, 1,000 customers planned."""
    offer = offer or offer_with("A", "B")
    values = {
        "name": "Ticket or card",
        "offer": offer,
        "control_label": "A",
        "planned_customers": 1000,
    }
    weights = overrides.pop("weights", {})
    draft = Experiment.objects.create(**{**values, **overrides})
    set_arms(
        experiment=draft,
        weights={variant: weights.get(variant.label, 1) for variant in offer.variants.all()},
    )
    return draft
