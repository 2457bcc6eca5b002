"""Validators of what staff type into an offer."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

PLACEMENTS = ("thank_you", "order_status", "account", "email", "site")
_OWN_PATH = re.compile(r"^/(?![/\\])[^\s\\<>\"\x00-\x1f]*\Z")
_validate_web_address = URLValidator(schemes=["http", "https"])
_COLOR = re.compile(r"^#[0-9a-fA-F]{6}\Z")


def validate_placements(value: Any) -> None:
    """Refuse anything but a list of placements without repetition, at least one."""
    if not isinstance(value, list) or not value:
        raise ValidationError(_("Choose at least one place."), code="placements_empty")
    if any(place not in PLACEMENTS for place in value) or len(set(value)) != len(value):
        raise ValidationError(_("Unknown place."), code="placements_unknown")


def validate_color(value: str) -> None:
    """Refuse anything but #rrggbb, so that nothing else can reach the stylesheet."""
    if not _COLOR.fullmatch(value):
        raise ValidationError(_("Write a colour as #rrggbb."), code="color_format")


def validate_destination(value: str) -> None:
    """Refuse anything but an http(s) address or a path of the shop's own site ("/sale/")."""
    if value.startswith("/"):
        # A browser reads "//host" and "/\\host" as another site.
        if not _OWN_PATH.match(value):
            raise ValidationError(
                _("Write a path of your own site, such as /sale/."), code="path_format"
            )
        return
    _validate_web_address(value)
