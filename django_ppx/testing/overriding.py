"""Fixing what customers see of an offer, for the tests of hosts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django_ppx.experiments.overriding import fix_variant
from django_ppx.offers.models import Offer


@contextmanager
def override_variant(slug: str, label: str | None) -> Iterator[None]:
    """Show everybody the variant `label` of the offer, whatever its weights and experiments say.

    As a decorator and as a context manager; `None` shows nobody the offer. Other gates (status, audience, caps) stay,
    and nobody is exposed to an experiment. It holds in every thread of the process, so also behind a live server.

        @override_variant("autumn-code", "b")
        def test_the_second_wording(client): …

        with override_variant("autumn-code", None):
            …

    :raises LookupError: when there is no such offer, or it has no such variant.
    """
    offer = Offer.objects.filter(slug=slug).first()
    if offer is None:
        raise LookupError(f"There is no offer {slug!r}.")
    labels = {found.casefold() for found in offer.variants.values_list("label", flat=True)}
    if label is not None and label.casefold() not in labels:
        raise LookupError(f"The offer {slug!r} has no variant {label!r}.")
    with fix_variant(slug, label):
        yield
