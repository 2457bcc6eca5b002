"""Where the admin pages of a kind are, and who may open them."""

from __future__ import annotations

from django.contrib.auth import get_permission_codename
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from django_ppx.offers.kinds import OfferKind


def kind_url(kind: OfferKind, page: str, *args: object, site_name: str = "admin") -> str:
    """Return the address of a kind's `add`, `change` or `changelist` page, "" where the kind has no admin."""
    opts = kind.model._meta
    try:
        return reverse(
            f"admin:{opts.app_label}_{opts.model_name}_{page}", args=args, current_app=site_name
        )
    except NoReverseMatch:
        return ""


def may(request: HttpRequest, kind: OfferKind, action: str) -> bool:
    """Return whether the person may `view`, `add`, `change` or `delete` offers of a kind."""
    opts = kind.model._meta
    return request.user.has_perm(f"{opts.app_label}.{get_permission_codename(action, opts)}")


def may_see(request: HttpRequest, kind: OfferKind) -> bool:
    return may(request, kind, "view") or may(request, kind, "change")
