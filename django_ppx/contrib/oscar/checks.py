"""System checks of the connection to Oscar. `docs/oscar.md` lists them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import oscar
from django.conf import settings
from django.core.checks import CheckMessage, Warning, register
from django.template import TemplateDoesNotExist, TemplateSyntaxError
from django.template.loader import get_template
from oscar.core.loading import get_class

from django_ppx.contrib.oscar.adapter import OscarShop
from django_ppx.contrib.oscar.redeeming import RedeemsCodes
from django_ppx.exceptions import Misconfigured
from django_ppx.shop.adapter import get_shop

LOADER: Final = "django_ppx.contrib.oscar.loading.load_classes"


def check_class_loader(**kwargs: Any) -> list[CheckMessage]:
    """Return a warning where Oscar does not find our classes, so that no code is taken."""
    if issubclass(get_class("order.utils", "OrderCreator"), RedeemsCodes):
        return []
    hint = (
        f"Set OSCAR_DYNAMIC_CLASS_LOADER = '{LOADER}' below the line that imports oscar.defaults."
    )
    message = "Discount codes are not taken at Oscar's checkout."
    return [Warning(message, hint=hint, id="django_ppx_oscar.W001")]


def check_thank_you_page(**kwargs: Any) -> list[CheckMessage]:
    """Return a warning where Oscar's own thank-you page is found before ours. A page of the shop may be."""
    try:
        page: Any = get_template("oscar/checkout/thank_you.html")
    except (TemplateDoesNotExist, TemplateSyntaxError):
        return []
    if not Path(page.origin.name).is_relative_to(Path(oscar.__file__).parent):
        return []
    hint = "Move 'django_ppx.contrib.oscar' above 'oscar.config.Shop' in INSTALLED_APPS."
    message = "Oscar's thank-you page is found before the one with offers."
    return [Warning(message, hint=hint, id="django_ppx_oscar.W002")]


def check_adapter(**kwargs: Any) -> list[CheckMessage]:
    """Return a warning unless `PPX_SHOP` is the adapter for Oscar."""
    try:
        if isinstance(get_shop(), OscarShop):
            return []
    except Misconfigured:  # django_ppx.E001 says so
        return []
    hint = "Set PPX_SHOP = 'django_ppx.contrib.oscar.adapter.OscarShop', or a subclass of it."
    message = f"PPX_SHOP is {getattr(settings, 'PPX_SHOP', 'not set')}, which is not for Oscar."
    return [Warning(message, hint=hint, id="django_ppx_oscar.W003")]


for _check in (check_class_loader, check_thank_you_page, check_adapter):
    register(_check, "django_ppx")
