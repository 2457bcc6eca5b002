"""Permissions of rows that are a part of an offer: whoever may change the offer may change them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_permission_codename
from django.http import HttpRequest

if TYPE_CHECKING:
    from django.contrib.admin.options import InlineModelAdmin

    _Base = InlineModelAdmin[Any, Any]
else:
    _Base = object


class OfferPartPermissions(_Base):
    """For inlines on an offer: their own permissions do not count, the offer's do."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_offer(request, "view") or self._may_offer(request, "change")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may_offer(request, "add" if obj is None else "change")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_add_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_add_permission(request, obj)

    def _may_offer(self, request: HttpRequest, action: str) -> bool:
        opts = self.parent_model._meta
        return request.user.has_perm(f"{opts.app_label}.{get_permission_codename(action, opts)}")
