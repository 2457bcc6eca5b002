"""What a front end reports of its cards."""

from __future__ import annotations

from typing import Any, Final

from django.utils import timezone
from rest_framework.response import Response

from django_ppx.api.documenting import described
from django_ppx.api.idempotency import idempotent
from django_ppx.api.shopper.serializers import CardEventResultsSerializer, CardEventsSerializer
from django_ppx.api.views import ShopperView
from django_ppx.events.bots import visit_from_headers
from django_ppx.offers.responding import Outcome, Report, report_events

UNKNOWN_CARD: Final = "unknown_card"


class EventsView(ShopperView):
    """Impressions, copied codes and shares, many at once."""

    @described(
        "reportEvents",
        summary="Report what the customer did with cards",
        description=(
            "Safe to send again: one fact (a card, what happened and, of a share, how) counts once, whatever its id. A "
            "card that is not of this order is refused by itself; the others are taken."
        ),
        tag="shopper",
        request=CardEventsSerializer,
        responses={200: CardEventResultsSerializer},
        is_write=True,
    )
    @idempotent
    def post(self, request: Any) -> Response:
        events = self.read(CardEventsSerializer)["events"]
        reports = [
            Report(
                token=event["card"],
                event=event["name"],
                channel=event.get("channel", ""),
                order_ref=self.order_ref,
            )
            for event in events
        ]
        visit = visit_from_headers("POST", request.headers)
        outcomes = report_events(reports, visit=visit, now=timezone.now())
        results = [
            _result(event["id"], outcome) for event, outcome in zip(events, outcomes, strict=True)
        ]
        return Response({"results": results})


def _result(given_id: str, outcome: Outcome) -> dict[str, str]:
    result = {"id": given_id, "result": outcome.value}
    return {**result, "reason": UNKNOWN_CARD} if outcome is Outcome.REFUSED else result
