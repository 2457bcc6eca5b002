"""Lists by cursor: stable while rows are added, and as quick on the last page as on the first."""

from __future__ import annotations

from typing import Any, Final

from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination

from django_ppx.api.fields import QuerySerializer, TextField, WholeNumberField

MOST: Final = 100


class PageQuery(QuerySerializer):
    """What every list understands."""

    limit = WholeNumberField(
        min_value=1, max_value=MOST, required=False, help_text="Rows per page; 50 if left out."
    )
    cursor = TextField(
        max_length=400, required=False, help_text="From `next` or `previous` of a page."
    )


class PageSerializer(serializers.Serializer):
    """What every list answers, besides its `results`."""

    next = serializers.URLField(allow_null=True, help_text="The next page; null on the last one.")
    previous = serializers.URLField(allow_null=True)


class Pages(CursorPagination):
    """Newest first, unless a view says otherwise. Pages go by a number, such as the row's own."""

    page_size = 50
    max_page_size = MOST
    page_size_query_param = "limit"
    ordering = "-pk"

    def decode_cursor(self, request: Any) -> Cursor | None:
        cursor = super().decode_cursor(request)
        position = None if cursor is None else cursor.position
        if position is not None and not (position.isascii() and position.isdecimal()):
            raise NotFound
        return cursor

    def get_paginated_response_schema(self, schema: Any) -> Any:
        link = {"type": "string", "nullable": True, "format": "uri"}
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {
                "results": schema,
                "next": link,
                "previous": link,
            },
        }
