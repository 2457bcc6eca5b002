"""Validators of what staff type into channels and share prompts."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from django_ppx.social.share_links import NETWORKS
from django_ppx.social.share_texts import PLACEHOLDERS, has_stray_brace, unknown_placeholders


def default_networks() -> list[str]:
    return list(NETWORKS)


def validate_networks(value: Any) -> None:
    """Refuse anything but a list of known networks without repetition. An empty list is fine."""
    if not isinstance(value, list) or any(name not in NETWORKS for name in value):
        raise ValidationError(_("Unknown network."), code="networks_unknown")
    if len(set(value)) != len(value):
        raise ValidationError(_("A network stands there twice."), code="networks_repeated")


def validate_share_text(value: str) -> None:
    """Refuse placeholders that nothing would fill, and braces that are left over."""
    unknown = unknown_placeholders(value)
    known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    if unknown:
        raise ValidationError(
            _("Nothing fills %(unknown)s. You can use %(known)s."),
            code="placeholder_unknown",
            params={"unknown": ", ".join(f"{{{name}}}" for name in unknown), "known": known},
        )
    if has_stray_brace(value):
        raise ValidationError(
            _("A brace is left over. Placeholders are %(known)s."),
            code="brace_stray",
            params={"known": known},
        )
