"""Why a customer's file or link is not taken: typed errors with a reason and a sentence that says what to do."""

from __future__ import annotations

from django.db import models
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from django_ppx.exceptions import Refusal


class FileRefused(Refusal):
    """An upload was looked at and declined. `str(error)` may be shown to the customer."""

    class Reason(models.TextChoices):
        EMPTY = "empty", _("This file is empty. Please choose another one.")
        TOO_LARGE = "too_large", _("This file is too large. Please choose a smaller one.")
        UNKNOWN_TYPE = (
            "unknown_type",
            _("Please choose a photo (JPEG, PNG, WebP) or a video (MP4, MOV, WebM)."),
        )
        NOT_ACCEPTED = "not_accepted", _("Files of this kind can't be sent here.")
        BROKEN = (
            "broken",
            _("This file is damaged or incomplete. Please try again or choose another one."),
        )
        TOO_MANY_PIXELS = (
            "too_many_pixels",
            _("This picture has too many pixels. Please choose a smaller one."),
        )
        TOO_MANY_FRAMES = (
            "too_many_frames",
            _("This animation is too long. Please choose a still picture or a video."),
        )
        TOO_SMALL = "too_small", _("This picture is too small. Please choose a larger one.")
        NO_PICTURE = (
            "no_picture",
            _("This video shows no picture. Please choose another one."),
        )
        TOO_COMPLEX = (
            "too_complex",
            _(
                "This file can't be processed. Please save it again with another app, or choose another one."
            ),
        )
        IN_PIECES = (
            "in_pieces",
            _("This video was saved in pieces, as a stream. Please export it as an ordinary MP4."),
        )


class PostRefused(Refusal):
    """An address was read and is not that of a post. `str(error)` may be shown to the customer."""

    class Reason(models.TextChoices):
        EMPTY = "empty", _("Please paste the link to your post.")
        NOT_A_LINK = (
            "not_a_link",
            _("This is not a link to a post. Please copy the link in the app and paste it here."),
        )
        UNKNOWN_NETWORK = (
            "unknown_network",
            _("Please paste a link from Instagram, TikTok, YouTube, Facebook, X or Pinterest."),
        )
        NOT_A_POST = (
            "not_a_post",
            _(
                "This link leads to the network, but not to a post. Please open the post and copy its link."
            ),
        )


def too_large(max_bytes: int) -> FileRefused:
    """Return the refusal that names the limit."""
    sentence = _now("This file is too large. Please choose one of at most %(limit)s.")
    return FileRefused(
        FileRefused.Reason.TOO_LARGE, sentence % {"limit": filesizeformat(max_bytes)}
    )
