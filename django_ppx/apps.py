"""The one Django app. Wiring only: model signals that keep the offer snapshot fresh, and the checks."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DjangoPpxConfig(AppConfig):
    name = "django_ppx"
    label = "django_ppx"
    verbose_name = _("Post-purchase experience")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # The app registry must be complete before any of these can be imported.
        from django_ppx import checks  # noqa: F401, PLC0415
        from django_ppx.offers import freshness  # noqa: PLC0415
        from django_ppx.purchases import connect_shop  # noqa: PLC0415

        freshness.connect()
        connect_shop()
