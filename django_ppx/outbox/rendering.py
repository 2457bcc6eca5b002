"""A mail from its templates: `django_ppx/mail/<name>.subject.txt`, `.txt` and `.html`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template import Context, Template
from django.template.loader import get_template
from django.utils import timezone, translation

from django_ppx.conf import ppx_settings
from django_ppx.outbox.mails import MailContent

_EMPTY_LINES: Final = re.compile(r"\n[ \t]*\n(?:[ \t]*\n)+")


def render_mail(template: str, context: Mapping[str, Any], *, language: str) -> MailContent:
    """Return the mail called `template`, in `language` and with the times of the shop's own zone.

    Language and zone of the caller come back afterwards. A language that the project does not have is its
    `LANGUAGE_CODE`. The templates see `context`, and besides `shop_name`, `language`, `is_rtl` and `subject`. In the
    subject and the text nothing is escaped.

    :raises TemplateDoesNotExist: when one of the three is missing.
    """
    chosen = _supported(language)
    zone = ZoneInfo(ppx_settings.PPX_TIME_ZONE)
    with translation.override(chosen), timezone.override(zone):
        values = {
            "shop_name": ppx_settings.PPX_SHOP_NAME,
            "language": chosen,
            "is_rtl": translation.get_language_bidi(),
            **context,
        }
        subject = " ".join(_plain(f"{template}.subject.txt", values).split())
        values["subject"] = subject
        # What a condition in a template leaves out leaves its empty line behind.
        text = _EMPTY_LINES.sub("\n\n", _plain(f"{template}.txt", values)).strip() + "\n"
        html = get_template(f"django_ppx/mail/{template}.html").render(values).strip() + "\n"
    return MailContent(subject=subject, text=text, html=html)


def _plain(name: str, values: dict[str, Any]) -> str:
    found = get_template(f"django_ppx/mail/{name}")
    compiled = getattr(found, "template", None)
    if isinstance(compiled, Template):  # Django's escapes in every file, whatever it is called
        return compiled.render(Context(values, autoescape=False))
    return str(found.render(values))


def _supported(language: str) -> str:
    try:
        return translation.get_supported_language_variant(language)
    except LookupError:
        return settings.LANGUAGE_CODE
