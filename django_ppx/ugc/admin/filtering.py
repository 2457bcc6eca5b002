"""Which of the waiting submissions a page of the queue shows, and in which order."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.aggregates import Count
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from django_ppx.ugc.duplicates import waiting_with_duplicates
from django_ppx.ugc.models import UGCMedia, UGCPost, UGCSubmission

Status = UGCSubmission.Status
ANY = ("", _("Any"))


class QueueFilter(forms.Form):
    """The filters as they stand in an address. What makes no sense there counts as empty."""

    order = forms.ChoiceField(
        label=_("Order"),
        required=False,
        choices=[("", _("Waiting longest first")), ("newest", _("Newest first"))],
    )
    offer = forms.IntegerField(label=_("Offer"), required=False, min_value=1, max_value=2**62)
    product = forms.CharField(label=_("Product"), required=False, max_length=150)
    type = forms.ChoiceField(
        label=_("With"),
        required=False,
        choices=[ANY, ("photo", _("photos")), ("video", _("videos")), ("post", _("posts"))],
    )
    record = forms.ChoiceField(
        label=_("Customer"),
        required=False,
        choices=[
            ANY,
            ("new", _("nothing decided before")),
            ("approved", _("has approved ones")),
            ("rejected", _("has rejected ones")),
        ],
    )
    duplicates = forms.BooleanField(label=_("Duplicates only"), required=False)

    def chosen(self) -> dict[str, Any]:
        """Return the filters that are set and valid, by name."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


def filtered(submissions: QuerySet[Any], chosen: dict[str, Any]) -> QuerySet[Any]:
    """Return the submissions that all the filters fit."""
    if offer := chosen.get("offer"):
        submissions = submissions.filter(ugc_offer=offer)
    if product := chosen.get("product"):
        submissions = submissions.filter(product_sku=product)
    if kind := chosen.get("type"):
        submissions = submissions.filter(_has_type(kind))
    if record := chosen.get("record"):
        submissions = submissions.filter(_has_record(record))
    if chosen.get("duplicates"):
        submissions = submissions.filter(pk__in=waiting_with_duplicates())
    if chosen.get("order") == "newest":
        return submissions.order_by("-sent_at", "-pk")
    return submissions.order_by("sent_at", "pk")


def beside(
    submissions: QuerySet[Any],
    pk: int,
    *,
    is_after: bool,
    is_newest_first: bool,
    is_inclusive: bool = False,
) -> QuerySet[Any]:
    """Return those that stand after (or, the nearest first, before) the submission `pk`, whatever it is by now."""
    moment = Subquery(UGCSubmission.objects.filter(pk=pk).values("sent_at")[:1])
    is_later = is_after != is_newest_first
    sign = "gt" if is_later else "lt"
    same = f"pk__{sign}e" if is_inclusive else f"pk__{sign}"
    standing = Q(**{f"sent_at__{sign}": moment}) | Q(**{"sent_at": moment, same: pk})
    found = submissions.filter(standing)
    return found.order_by("sent_at", "pk") if is_later else found.order_by("-sent_at", "-pk")


def with_record(submissions: QuerySet[Any]) -> QuerySet[Any]:
    """Add how many of the customer's other submissions were approved and rejected."""
    found: QuerySet[Any] = submissions.annotate(
        ppx_approved=_count(Status.APPROVED), ppx_rejected=_count(Status.REJECTED)
    )
    return found


def _count(status: str) -> Coalesce:
    theirs = UGCSubmission.objects.filter(customer=OuterRef("customer"), status=status)
    theirs = theirs.exclude(pk=OuterRef("pk"))
    counted = theirs.order_by().values("customer").annotate(ppx_n=Count("pk")).values("ppx_n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _has_type(kind: str) -> Exists:
    if kind == "post":
        return Exists(UGCPost.objects.filter(submission=OuterRef("pk")))
    return Exists(UGCMedia.objects.filter(submission=OuterRef("pk"), type=kind))


def _has_record(record: str) -> Any:
    theirs = UGCSubmission.objects.filter(customer=OuterRef("customer"))
    theirs = theirs.exclude(pk=OuterRef("pk"))
    if record == "new":
        return ~Exists(theirs.filter(status__in=[Status.APPROVED, Status.REJECTED]))
    return Exists(theirs.filter(status=record))
