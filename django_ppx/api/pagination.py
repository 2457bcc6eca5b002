"""Lists by cursor: stable while rows are added, and as quick on the last page as on the first."""

from __future__ import annotations

from typing import Any, Final

from rest_framework.pagination import CursorPagination

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


class Pages(CursorPagination):
    """Newest first, unless a view says otherwise."""

    page_size = 50
    max_page_size = MOST
    page_size_query_param = "limit"
    ordering = "-pk"

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
