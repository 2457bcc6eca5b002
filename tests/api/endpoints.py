"""What endpoints there are: read from the table of contents, so that no list of them can lag behind."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver

from django_ppx.api.urls import V1
from django_ppx.api.views import ApiView


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """One method of one address below `v1/`."""

    method: str
    path: str
    name: str
    view: type[ApiView]

    @property
    def is_write(self) -> bool:
        return self.method != "GET"

    @property
    def handler(self) -> Any:
        return getattr(self.view, self.method.lower())

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def endpoints() -> list[Endpoint]:
    """Return every method of every address of version 1."""
    return list(_below("", V1))


def _below(prefix: str, patterns: Sequence[Any]) -> Iterator[Endpoint]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _below(path, pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            view: Any = pattern.callback.view_class  # type: ignore[attr-defined]
            for name in view.http_method_names:
                if name != "head" and hasattr(view, name):
                    shown = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path)
                    yield Endpoint(
                        method=name.upper(), path=shown, name=pattern.name or "", view=view
                    )
