"""Why a customer's file, link or submission is not taken: a machine reason, and a sentence that says what to do."""

from __future__ import annotations

from django.db import models
from django.template.defaultfilters import filesizeformat
from django.utils.formats import number_format
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
    return FileRefused(FileRefused.Reason.TOO_LARGE, sentence % {"limit": size_in_words(max_bytes)})


def size_in_words(count: int) -> str:
    """Return a number of bytes as people read it: 20,000,000 is "20 MB", as staff typed it.

    `filesizeformat` counts in 1,024s and makes it 19.1.
    """
    if count < 1_000_000:
        return filesizeformat(count)
    size = round(count / 1_000_000, 1)
    return _now("%(size)s MB") % {"size": number_format(int(size) if size == int(size) else size)}


class UploadRefused(Refusal):
    """A good file that can't be taken now. `str(error)` may be shown to the customer."""

    class Reason(models.TextChoices):
        ENOUGH = (
            "enough",
            _("You have added as many as one submission takes. This one was left out."),
        )
        TWICE = "twice", _("You have added this file already.")
        SENT = "sent", _("This was sent in already; nothing can be added to it.")
        TOO_MANY_NOW = (
            "too_many_now",
            _("You have uploaded very much. Please go on in an hour; what you added is kept."),
        )
        NO_ROOM = (
            "no_room",
            _("There is no room for more of your files. Withdraw something older to make room."),
        )
        STORAGE_AWAY = (
            "storage_away",
            _("Files can't be taken at the moment. Please try again later; nothing is lost."),
        )
        TOO_MANY_OPEN = (
            "too_many_open",
            _("Other files are on their way already. Please finish or cancel one of them first."),
        )
        TOO_MANY_PIECES = "too_many_pieces", _("This file comes in too many small pieces.")
        WRONG_OFFSET = "wrong_offset", _("This piece does not follow what has arrived so far.")
        TOO_LONG = "too_long", _("This is more than the size that was announced.")
        GONE = "gone", _("This upload was cancelled. Please begin again.")


class WrongOffset(UploadRefused):
    """A piece that does not begin where the last one ended. `offset` is where that is."""

    def __init__(self, offset: int) -> None:
        self.offset = offset
        super().__init__(UploadRefused.Reason.WRONG_OFFSET)


class SubmissionRefused(Refusal):
    """What was to be sent in can't be. `str(error)` may be shown to the customer."""

    class Reason(models.TextChoices):
        UNKNOWN_FORM = "unknown_form", _("This page is out of date. Please open the link again.")
        NOTHING = "nothing", _("Please add a photo, a video or a link first.")
        TOO_MANY_POSTS = "too_many_posts", _("These are more links than one submission takes.")
        NO_LICENCE = "no_licence", _("Please tick the box: without it nothing may be shown.")
        LICENCE_CHANGED = (
            "licence_changed",
            _(
                "The licence has changed since you opened this page. Please read it and agree again."
            ),
        )
        TOO_YOUNG = "too_young", _("Please confirm your age.")
        PEOPLE = "people", _("Please confirm that the people shown agreed.")
        UNKNOWN_PRODUCT = "unknown_product", _("Please choose a product of this order.")
        NOT_OPEN = "not_open", _("Nothing can be sent in here at the moment.")
        ORDER_UNDONE = (
            "order_undone",
            _("This order was cancelled or refunded, so nothing can be sent in for it."),
        )
        ALL_TAKEN = "all_taken", _("All places are taken. Thank you for wanting to take part!")
        CUSTOMER_LIMIT = (
            "customer_limit",
            _("You have taken part as often as this offer allows. Thank you!"),
        )
        WITHDRAWN = "withdrawn", _("You have withdrawn this. Please open the link again.")
        TOO_MANY_DRAFTS = (
            "too_many_drafts",
            _("You have begun many already. Please go on with one of them."),
        )


class DecisionRefused(Refusal):
    """A decision of staff comes too late, or can't be carried out. `str(error)` is for staff."""

    class Reason(models.TextChoices):
        NOT_WAITING = "not_waiting", _("Somebody else has decided on this already.")
        NO_CODES_LEFT = (
            "no_codes_left",
            _("No imported code of the reward is left. Import more, then approve."),
        )
        FILES_GONE = "files_gone", _("The files of this submission have been removed.")
        LICENCE_OVER = "licence_over", _("The customer's licence has ended or was revoked.")
        NOT_PUBLISHED = "not_published", _("This is not published any more.")
        NO_REASON = "no_reason", _("Choose a reason: the customer reads it.")
        NO_PLACE = (
            "no_place",
            _(
                "There is no place left for it: the offer's limit, in total or per customer, is reached."
            ),
        )
