"""Errors that a host may catch. Refusals of a capability stand beside its service and inherit from `Refusal`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.db import models


class PpxError(Exception):
    """The root of every error this package raises on purpose."""


class Misconfigured(PpxError):
    """A setting or an adapter is wrong. The system checks say the same, with a hint."""


class InvalidOrder(PpxError):
    """The host's order could not be read as `shop.types.Order`."""


class Refusal(PpxError):
    """A request that was understood and declined.

    `reason` is a machine-readable member of the subclass's `Reason`; `str(error)` is a sentence for the customer.
    `errors` says more where one sentence does not say it all, each with `pointer`, `reason` and `detail`.
    """

    Reason: ClassVar[type[models.TextChoices]]
    errors: tuple[Mapping[str, str], ...] = ()

    def __init__(self, reason: models.TextChoices, sentence: str = "") -> None:
        self.reason = reason
        self.sentence = sentence or str(reason.label)
        super().__init__(self.sentence)

    def __str__(self) -> str:
        return self.sentence
