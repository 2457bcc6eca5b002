"""The app that a shop lists, above Oscar's own, so that its thank-you page is found first."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PpxOscarConfig(AppConfig):
    name = "django_ppx.contrib.oscar"
    label = "django_ppx_oscar"
    verbose_name = _("Post-purchase experience for Oscar")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # The app registry must be complete before any of these can be imported.
        from django_ppx.contrib.oscar import checks  # noqa: F401, PLC0415
        from django_ppx.contrib.oscar.redeeming import settle_purchase  # noqa: PLC0415
        from django_ppx.signals import purchase_recorded  # noqa: PLC0415

        purchase_recorded.connect(settle_purchase, dispatch_uid="django_ppx.contrib.oscar")
