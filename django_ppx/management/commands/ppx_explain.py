"""`manage.py ppx_explain ORDER`: what this order's customer sees, and why not the rest."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from django_ppx.conf import ppx_settings
from django_ppx.exceptions import InvalidOrder
from django_ppx.offers.explaining import UnknownOrder, explain
from django_ppx.offers.models import Placement
from django_ppx.offers.snapshot import current_snapshot


class Command(BaseCommand):
    help = (
        "Say which offers an order's customer would be shown, and the reason for each other offer."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("order", help="The shop's order number.")
        parser.add_argument(
            "--placement",
            choices=Placement.values,
            default=Placement.THANK_YOU.value,
            help="Where the offers would stand (default: thank_you).",
        )
        parser.add_argument(
            "--language", default="", help="Language code (default: the project's)."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            explanation = explain(
                current_snapshot(),
                order_ref=options["order"],
                placement=options["placement"],
                language=options["language"] or settings.LANGUAGE_CODE,
                limit=ppx_settings.PPX_PAGE_LIMIT,
                now=timezone.now(),
            )
        except UnknownOrder as error:
            raise CommandError(
                f"Neither we nor the shop know an order {options['order']}."
            ) from error
        except InvalidOrder as error:
            raise CommandError(
                f"The shop's order {options['order']} can't be read: {error}"
            ) from error
        if not explanation.offers:
            self.stdout.write("There is no offer yet. Make the first one in the admin.")
        for row in explanation.offers:
            mark = self.style.SUCCESS("shown") if row.is_shown else "-----"
            self.stdout.write(f"{mark}  {row.offer.name} ({row.offer.kind.label})")
            words = (
                f"variant {row.variant.label}"
                if row.variant
                else f"{row.label}. {row.detail}".rstrip()
            )
            self.stdout.write(f"       {words}")
