"""What a caller may do. Whether a thing is theirs is asked where it is looked up: what is not, is not found."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import BasePermission

from django_ppx.access.scopes import PERMISSIONS, Scope
from django_ppx.api.callers import KeyAccess, OrderAccess
from django_ppx.api.problems import Problem, Reason


class IsShopper(BasePermission):
    """The customer of an order."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return isinstance(request.auth, OrderAccess)


class HasScope(BasePermission):
    """A key made for what the view names in `scopes`, or a person of staff with the permissions that go with it."""

    def has_permission(self, request: Any, view: Any) -> bool:
        # HEAD is answered by what answers GET.
        scope: Scope | None = view.scopes.get("GET" if request.method == "HEAD" else request.method)
        if scope is None:  # no such method here, and the answer is 405; or the view forgot it
            return request.method not in view.allowed_methods
        if isinstance(request.auth, KeyAccess):
            if scope.value not in request.auth.scopes:
                raise Problem(Reason.SCOPE_MISSING)
            return True
        user = request.user
        if user is None or not user.is_authenticated:
            return False
        return bool(user.is_active and user.is_staff and user.has_perms(PERMISSIONS[scope]))
