"""What staff do with submissions: each a POST, one service call, and a sentence that says what came of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, ngettext

from django_ppx.core.retrying import TransactionConflict
from django_ppx.exceptions import Refusal
from django_ppx.ugc.admin.cards import submission_url
from django_ppx.ugc.admin.filtering import QueueFilter
from django_ppx.ugc.admin.queue import GRID_URL, ONE_URL, Queue, query_of
from django_ppx.ugc.admin.wording import reward_sentence
from django_ppx.ugc.deciding import approve, reconsider, reject
from django_ppx.ugc.deciding_many import Decided, approve_many, is_ours, reject_many
from django_ppx.ugc.editing import describe_pictures
from django_ppx.ugc.ending import take_down
from django_ppx.ugc.models import UGCSubmission
from django_ppx.ugc.refusals import DecisionRefused

if TYPE_CHECKING:
    _Base = Queue
else:
    _Base = object

DONE_AT_ONCE = 200


class DecideForm(forms.Form):
    """One decision: what is done, and what belongs to it."""

    do = forms.ChoiceField(
        choices=[
            (name, name) for name in ("approve", "reject", "reconsider", "take_down", "describe")
        ]
    )
    back = forms.ChoiceField(choices=[("queue", "queue"), ("page", "page")], required=False)
    reason = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    words = forms.CharField(required=False, max_length=1000)
    why = forms.CharField(required=False, max_length=300)
    takes_back = forms.BooleanField(required=False)
    alt_text = forms.CharField(required=False, max_length=300)


class BulkForm(forms.Form):
    """One decision on all that are ticked."""

    do = forms.ChoiceField(choices=[("approve", "approve"), ("reject", "reject")])
    submissions = forms.TypedMultipleChoiceField(coerce=int)
    reason = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    words = forms.CharField(required=False, max_length=1000)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        ticked = [pk for pk in data.getlist("submissions") if pk.isascii() and pk.isdigit()]
        field = self.fields["submissions"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = [(int(pk), pk) for pk in ticked[:DONE_AT_ONCE] if len(pk) < 19]


class Decisions(_Base):
    """Adds `<pk>/decide/` and `moderate/bulk/`. Each decision is a transaction of its own."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("moderate/bulk/", view(self.bulk_view), name="django_ppx_ugcsubmission_bulk"),
            path(
                "<int:pk>/decide/", view(self.decide_view), name="django_ppx_ugcsubmission_decide"
            ),
            *super().get_urls(),
        ]

    @transaction.non_atomic_requests
    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do one thing with one submission, then show the next one, or its page again."""
        self._check(request)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not UGCSubmission.objects.sent().filter(pk=pk).exists():
            raise Http404
        form = DecideForm(request.POST)
        extra: dict[str, int] = {"after": pk}
        if not form.is_valid():
            self.message_user(request, gettext("That is too long, or incomplete."), messages.ERROR)
            extra = {"from": pk}
        else:
            extra = self._decide(request, pk, form.cleaned_data)
        if form.cleaned_data.get("back") == "page":
            return redirect(submission_url(pk, self.admin_site.name))
        return redirect(self._queue_url(request, ONE_URL, **extra))

    @transaction.non_atomic_requests
    def bulk_view(self, request: HttpRequest) -> HttpResponse:
        """Decide on all that are ticked, and say of each what became of it."""
        self._check(request)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        form = BulkForm(request.POST)
        if not form.is_valid():
            self.message_user(request, gettext("Tick what you decide on."), messages.WARNING)
        elif form.cleaned_data["do"] == "approve":
            done = approve_many(
                submission_ids=form.cleaned_data["submissions"],
                by_id=request.user.pk,
                now=timezone.now(),
            )
            self._report(request, done, is_approval=True)
        elif not form.cleaned_data["reason"]:
            sentence = str(DecisionRefused.Reason.NO_REASON.label)
            self.message_user(request, sentence, messages.WARNING)
        else:
            done = reject_many(
                submission_ids=form.cleaned_data["submissions"],
                reason_id=form.cleaned_data["reason"],
                words=form.cleaned_data["words"],
                by_id=request.user.pk,
                now=timezone.now(),
            )
            self._report(request, done, is_approval=False)
        return redirect(self._queue_url(request, GRID_URL))

    def _decide(self, request: HttpRequest, pk: int, data: dict[str, Any]) -> dict[str, int]:
        """Call the service, say what came of it, and return where the queue goes on."""
        try:
            sentence, level, extra = _act(pk, data, request.user.pk)
        except TransactionConflict:
            sentence = gettext("The database was busy, and nothing was changed. Please try again.")
            level, extra = messages.ERROR, {"from": pk}
        except Refusal as refusal:
            sentence, level, extra = str(refusal), messages.WARNING, {"after": pk}
            if _is_incomplete(refusal):
                extra = {"from": pk}
        link = submission_url(pk, self.admin_site.name)
        text = format_html('<a href="{}">#{}</a>: {}', link, pk, sentence)
        self.message_user(request, text, level)
        return extra

    def _report(self, request: HttpRequest, done: Iterable[Decided], *, is_approval: bool) -> None:
        problems: dict[str, list[int]] = defaultdict(list)
        for each in done:
            problems[each.problem].append(each.submission_id)
        count = len(problems.pop("", ()))
        if is_approval:
            text = ngettext(
                "%(count)d submission was approved.", "%(count)d submissions were approved.", count
            )
        else:
            text = ngettext(
                "%(count)d submission was rejected.", "%(count)d submissions were rejected.", count
            )
        if count:
            self.message_user(request, text % {"count": count}, messages.SUCCESS)
        for problem, ids in problems.items():
            links = format_html_join(
                ", ",
                '<a href="{}">#{}</a>',
                ((submission_url(pk, self.admin_site.name), pk) for pk in ids),
            )
            words = ngettext("%(count)d was not:", "%(count)d were not:", len(ids))
            sentence = format_html("{} {} ({})", words % {"count": len(ids)}, problem, links)
            self.message_user(request, sentence, messages.WARNING)

    def _queue_url(self, request: HttpRequest, name: str, **extra: int) -> str:
        return self._url(name) + query_of(QueueFilter(request.GET).chosen(), **extra)


def _act(pk: int, data: dict[str, Any], by_id: int | None) -> tuple[str, int, dict[str, int]]:
    """Return a sentence, how it is meant, and where the queue goes on.

    :raises Refusal: when it can't be done.
    """
    now, do, go_on = timezone.now(), data["do"], {"after": pk}
    if do == "approve":
        made = approve(submission_id=pk, by_id=by_id, now=now)
        return (*_said(made, by_id, now, gettext("Approved, and the reward is on its way.")), go_on)
    if do == "reject":
        reason_id = data["reason"] or 0
        made = reject(
            submission_id=pk, reason_id=reason_id, words=data["words"], by_id=by_id, now=now
        )
        if is_ours(made, by_id, now):
            go_on = {**go_on, "undo": pk}
        return (*_said(made, by_id, now, gettext("Rejected.")), go_on)
    if do == "reconsider":
        reconsider(submission_id=pk, by_id=by_id, now=now)
        return gettext("Back in the queue."), messages.SUCCESS, {"from": pk}
    if do == "take_down":
        if not data["why"].strip():
            raise DecisionRefused(DecisionRefused.Reason.NO_REASON)
        ended = take_down(
            submission_id=pk,
            takes_back=data["takes_back"],
            why=data["why"],
            by_id=by_id,
            now=now,
        )
        text = f"{gettext('It is taken down.')} {reward_sentence(ended.reward)}".strip()
        return text, messages.SUCCESS, go_on
    is_new = describe_pictures(submission_id=pk, alt_text=data["alt_text"], by_id=by_id, now=now)
    text = gettext("The description is changed.") if is_new else gettext("Nothing was changed.")
    return text, messages.SUCCESS if is_new else messages.INFO, go_on


def _said(made: UGCSubmission, by_id: int | None, now: Any, sentence: str) -> tuple[str, int]:
    if is_ours(made, by_id, now):
        return sentence, messages.SUCCESS
    return str(DecisionRefused.Reason.NOT_WAITING.label), messages.WARNING


def _is_incomplete(refusal: Refusal) -> bool:
    """Return whether something lacks that the person can still say."""
    return getattr(refusal, "reason", "") == DecisionRefused.Reason.NO_REASON
