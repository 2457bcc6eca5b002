"""The address of a page of the shop's front end."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from django_ppx.api.fields import TextField


class PageField(TextField):
    """An http(s) address, or a path that begins with a slash: at most 300 signs."""

    default_error_messages = {"not_a_page": _("A page is an http(s) address or a path.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=300, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        try:
            parts = urlsplit(text)
        except ValueError:
            self.fail("not_a_page")
        is_path = text.startswith("/") and not text.startswith("//")
        if not (is_path or (parts.scheme in {"http", "https"} and parts.hostname)):
            self.fail("not_a_page")
        return text
