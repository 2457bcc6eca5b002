"""Validators of what staff type into an offer."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

PLACEMENTS = ("thank_you", "order_status", "account", "email", "site")
_COLOR = re.compile(r"^#[0-9a-fA-F]{6}$")


def validate_placements(value: Any) -> None:
    """Refuse anything but a list of placements without repetition, at least one."""
    if not isinstance(value, list) or not value:
        raise ValidationError(_("Choose at least one place."), code="placements_empty")
    if any(place not in PLACEMENTS for place in value) or len(set(value)) != len(value):
        raise ValidationError(_("Unknown place."), code="placements_unknown")


def validate_color(value: str) -> None:
    """Refuse anything but #rrggbb, so that nothing else can reach the stylesheet."""
    if not _COLOR.match(value):
        raise ValidationError(_("Write a colour as #rrggbb."), code="color_format")
