"""What is wrong with an offer or an audience that a program sent, and where: each with a JSON pointer (RFC 6901)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from django_ppx.exceptions import PpxError, Refusal


class FaultReason(models.TextChoices):
    """What no form says, because nobody could type it there."""

    UNKNOWN_FIELD = "unknown_field", _("There is no field of this name.")
    READ_ONLY = "read_only", _("This can't be written here.")
    NULL = "null", _("This can't be null.")
    WRONG_TYPE = "invalid", _("This is of another type.")
    TOO_LARGE = "max_value", _("This number is too large.")
    TOO_MANY = "max_length", _("These are too many.")
    REPEATED = "unique", _("This is there twice.")
    MISSING = "required", _("This is missing.")
    UNKNOWN_CHOICE = "invalid_choice", _("There is no such choice.")
    UNKNOWN_LANGUAGE = "language_unknown", _("The shop does not have this language.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One thing that is wrong. `reason` is for machines, `detail` a sentence in the language of whoever asks."""

    pointer: str
    reason: str
    detail: str

    @classmethod
    def of(cls, pointer: str, reason: FaultReason) -> Fault:
        return cls(pointer=pointer, reason=reason.value, detail=str(reason.label))

    def as_dict(self) -> dict[str, str]:
        return {"pointer": self.pointer, "reason": self.reason, "detail": self.detail}


class InvalidContent(PpxError):
    """Some of it is not as it must be. Nothing was changed."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: Final = tuple(faults)
        super().__init__("; ".join(f"{fault.pointer}: {fault.detail}" for fault in self.faults))


class WritingRefused(Refusal):
    """What was sent is well formed, and can't be done as things stand. `errors` says more, where there is more."""

    class Reason(models.TextChoices):
        SLUG_TAKEN = "slug_taken", _("There is an offer of this short name already.")
        NAME_TAKEN = "name_taken", _("There is an audience of this name already.")
        CHANGED = "changed_meanwhile", _("Somebody changed it meanwhile. Read it again.")
        KIND_OFF = "kind_off", _("Its kind is not switched on in this shop.")
        VARIANT_SHOWN = (
            "variant_shown",
            _(
                "A variant that customers have seen, or that was tested, stays. Give it the weight 0."
            ),
        )
        EXPERIMENT = (
            "experiment_running",
            _("An experiment tests the variants of this offer. Stop it first."),
        )
        INCOMPLETE = "incomplete", _("The offer can't be activated yet.")
        NOT_RUNNING = "not_running", _("Only an offer that is active can be paused.")
        AUDIENCE_USED = "audience_used", _("Offers use this audience.")

    def __init__(
        self, reason: Reason, *, sentence: str = "", errors: tuple[Mapping[str, str], ...] = ()
    ) -> None:
        self.errors = errors
        super().__init__(reason, sentence)


def pointer_part(name: Any) -> str:
    """Return a name as a part of a JSON pointer."""
    return str(name).replace("~", "~0").replace("/", "~1")


def form_faults(
    errors: Mapping[str, Iterable[ValidationError]], *, pointers: Mapping[str, str], whole: str
) -> Iterator[Fault]:
    """Yield what a form complains of. `pointers` says where each field came from, `whole` where all of them did."""
    for name, found in errors.items():
        pointer = whole if name == NON_FIELD_ERRORS else pointers.get(name, whole)
        for error in found:
            for detail in error.messages:
                yield Fault(pointer=pointer, reason=error.code or "invalid", detail=detail)
