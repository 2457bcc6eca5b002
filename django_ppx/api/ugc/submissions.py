"""Taking part: what is on offer, beginning, sending in, how it stands, withdrawing."""

from __future__ import annotations

from typing import Any, Final

from django.utils import timezone
from rest_framework.response import Response
from rest_framework.reverse import reverse

from django_ppx.api.documenting import described
from django_ppx.api.fields import NothingSerializer
from django_ppx.api.idempotency import idempotent
from django_ppx.api.pagination import PageQuery, Pages
from django_ppx.api.problems import Problem, Reason
from django_ppx.api.ugc.answers import offering_as_json, submission_as_json
from django_ppx.api.ugc.owned import OwnedView
from django_ppx.api.ugc.serializers import (
    UgcBeginSerializer,
    UgcOfferingsSerializer,
    UgcSendSerializer,
    UgcSubmissionPageSerializer,
    UgcSubmissionSerializer,
)
from django_ppx.ugc.ending import withdraw
from django_ppx.ugc.offering import offerings
from django_ppx.ugc.order_submissions import (
    UnknownOffer,
    begin_submission,
    sender_of,
    submissions_of,
)
from django_ppx.ugc.submitting import Sending, send_submission

TAG: Final = "ugc"


class OfferingsView(OwnedView):
    @described(
        "listUgcOffers",
        summary="UGC rewards that the order's customer may take part in now.",
        tag=TAG,
        responses={200: UgcOfferingsSerializer},
    )
    def get(self, request: Any) -> Response:
        found = offerings(self.record(), language=self.language, now=timezone.now())
        return Response({"results": [offering_as_json(each, request) for each in found]})


class SubmissionsView(OwnedView):
    @described(
        "listUgcSubmissions",
        summary="What was begun or sent in for the order, newest first.",
        tag=TAG,
        query=PageQuery,
        responses={200: UgcSubmissionPageSerializer},
    )
    def get(self, request: Any) -> Response:
        self.query(PageQuery)
        pages = Pages()
        rows = pages.paginate_queryset(submissions_of(self.order_ref), request, view=self)
        page: Response = pages.get_paginated_response(
            [submission_as_json(row, request) for row in rows or ()]
        )
        return page

    @described(
        "beginUgcSubmission",
        summary="Begin a submission: a draft, to which files are added.",
        tag=TAG,
        request=UgcBeginSerializer,
        responses={200: UgcSubmissionSerializer, 201: UgcSubmissionSerializer},
        is_write=True,
    )
    @idempotent
    def post(self, request: Any) -> Response:
        body = self.read(UgcBeginSerializer)
        try:
            begun, is_new = begin_submission(
                record=self.record(),
                slug=body["offer"],
                reference=body["reference"],
                language=self.language,
                now=timezone.now(),
            )
        except UnknownOffer:
            raise Problem(Reason.NOT_FOUND) from None
        shown = submission_as_json(self.shown(begun.form_key), request)
        url = reverse("ppx_api:ugc_submission", args=[begun.form_key], request=request)
        return Response(shown, status=201 if is_new else 200, headers={"Location": url})


class SubmissionView(OwnedView):
    @described(
        "getUgcSubmission",
        summary="One submission and how it stands.",
        tag=TAG,
        responses={200: UgcSubmissionSerializer},
    )
    def get(self, request: Any, form_key: str) -> Response:
        return Response(submission_as_json(self.shown(form_key), request))


class SendView(OwnedView):
    @described(
        "sendUgcSubmission",
        summary="Send a draft in, with the licence that was agreed to. Sent twice, it is one.",
        tag=TAG,
        request=UgcSendSerializer,
        responses={200: UgcSubmissionSerializer},
        is_write=True,
    )
    @idempotent
    def post(self, request: Any, form_key: str) -> Response:
        body = self.read(UgcSendSerializer)
        sender = sender_of(self.owned(form_key), language=self.language)
        sending = Sending(**{**body, "posts": tuple(body["posts"])})
        send_submission(sender=sender, sending=sending, now=timezone.now())
        return Response(submission_as_json(self.shown(form_key), request))


class WithdrawView(OwnedView):
    @described(
        "withdrawUgcSubmission",
        summary="Withdraw a submission, and the licence with it. Withdrawn before, nothing changes.",
        tag=TAG,
        request=NothingSerializer,
        responses={200: UgcSubmissionSerializer},
        is_write=True,
    )
    @idempotent
    def post(self, request: Any, form_key: str) -> Response:
        self.read(NothingSerializer)
        withdraw(submission_id=self.owned(form_key).pk, now=timezone.now())
        return Response(submission_as_json(self.shown(form_key), request))
