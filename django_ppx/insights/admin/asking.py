"""Stop, decide, roll out: each page says what will happen, asks why, and does it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext

from django_ppx.core.admin import says_when_busy
from django_ppx.experiments.ending import CannotEnd, decide_experiment, stop_experiment
from django_ppx.experiments.models import Experiment, ExperimentArm, ExperimentDecision
from django_ppx.insights.admin.arms import winning_label
from django_ppx.insights.admin.decision_log import decided_label, log_of
from django_ppx.insights.admin.loading import Loaded, ReadsResults
from django_ppx.insights.admin.result_forms import (
    NO_ARM,
    ArmForm,
    ReasonForm,
    decision_choices,
    roll_out_choices,
)
from django_ppx.insights.admin.verdicts import banner
from django_ppx.insights.snapshots import result_as_json
from django_ppx.offers.rolling_out import roll_out


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """The words of a page that asks before something is done."""

    page: str
    title: str
    what_happens: tuple[str, ...]
    button: str
    done: str


def possible_pages(loaded: Loaded, log: Sequence[ExperimentDecision]) -> tuple[str, ...]:
    """Return which of "stop", "decide" and "roll_out" fit the state of the experiment."""
    experiment = loaded.experiment
    found = {
        Experiment.Status.RUNNING: ("decide", "stop"),
        Experiment.Status.STOPPED: ("decide",),
        Experiment.Status.DECIDED: ("roll_out",),
    }.get(Experiment.Status(experiment.status), ())
    is_rolled_out = any(line.action == ExperimentDecision.Action.ROLLED_OUT for line in log)
    if experiment.offer_id is None or is_rolled_out:
        return tuple(page for page in found if page != "roll_out")
    return found


class ExperimentQuestions(ReadsResults):
    """The pages `stop/`, `decide/` and `roll-out/`: GET asks, POST does."""

    @says_when_busy
    def stop_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Stop the experiment."""
        loaded = self._loaded_to_decide(request, object_id)
        question = Question(
            page="stop",
            title=gettext("Stop “%(name)s”") % {"name": loaded.experiment.name},
            what_happens=(
                gettext(
                    "Nobody new takes part. The offer goes on as it does without an experiment."
                ),
                gettext("Who takes part already is still counted until their window is over."),
                gettext("It can't be started again."),
            ),
            button=gettext("Stop the experiment"),
            done=gettext("The experiment is stopped."),
        )

        def stop(form: Any, how: dict[str, Any]) -> None:
            stop_experiment(**how)

        return self._ask(request, loaded, question, ReasonForm(request.POST or None), stop)

    @says_when_busy
    def decide_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Write down what is decided."""
        loaded = self._loaded_to_decide(request, object_id)
        arms = list(loaded.experiment.arms.all())
        question = Question(
            page="decide",
            title=gettext("Decide “%(name)s”") % {"name": loaded.experiment.name},
            what_happens=(
                gettext(
                    "Your decision goes into the log, with your name and the figures of today."
                ),
                gettext("If the experiment still runs, it is stopped: nobody new takes part."),
                gettext(
                    "What the offer shows stays as it is. “Roll out” comes after it, and changes that."
                ),
            ),
            button=gettext("Decide"),
            done=gettext("The experiment is decided."),
        )
        label = winning_label(loaded.result) if loaded.result else None
        form = _arm_form(request, arms, decision_choices(arms), label)

        def decide(form: Any, how: dict[str, Any]) -> None:
            chosen = form.cleaned_data["arm"]
            labels = {str(arm.pk): arm.label for arm in arms} | {NO_ARM: ""}
            decide_experiment(arm_label=labels[chosen], **how)

        return self._ask(request, loaded, question, form, decide)

    @says_when_busy
    def roll_out_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show an arm to everybody, or nobody."""
        loaded = self._loaded_to_decide(request, object_id)
        arms = list(loaded.experiment.arms.all())
        question = Question(
            page="roll_out",
            title=gettext("Roll out an arm of “%(name)s”") % {"name": loaded.experiment.name},
            what_happens=(
                gettext("It holds for every further order, whichever arm the customer was in."),
                gettext(
                    "Pages that have shown another arm keep it, and codes and rewards that were given stay good until "
                    "they expire."
                ),
                gettext(
                    "The weights of the variants change with it, or the offer is paused. You can change it back there."
                ),
            ),
            button=gettext("Roll out"),
            done=gettext("It is rolled out."),
        )
        label = decided_label(log_of(loaded.experiment))
        form = _arm_form(request, arms, roll_out_choices(arms), label)

        def put_out(form: Any, how: dict[str, Any]) -> None:
            by_pk = {str(arm.pk): arm for arm in arms}
            roll_out(arm=by_pk[form.cleaned_data["arm"]], **how)

        return self._ask(request, loaded, question, form, put_out)

    def _loaded_to_decide(self, request: HttpRequest, object_id: str) -> Loaded:
        loaded = self.loaded(request, object_id)
        if not self.has_decide_permission(request):
            raise PermissionDenied
        return loaded

    def _ask(
        self,
        request: HttpRequest,
        loaded: Loaded,
        question: Question,
        form: forms.Form,
        act: Callable[[Any, dict[str, Any]], None],
    ) -> HttpResponse:
        """Show the page, or do what it asks for once it is said why."""
        if request.method not in ("GET", "HEAD", "POST"):
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        back = self.address(loaded.experiment, "result")
        if request.method == "POST" and form.is_valid():
            how = {
                "experiment": loaded.experiment,
                "reason": form.cleaned_data["reason"],
                "by": request.user,
                "snapshot": result_as_json(loaded.result) if loaded.result else {},
                "now": loaded.now,
            }
            try:
                act(form, how)
            except CannotEnd as error:
                form.add_error(None, str(error))
            else:
                self.message_user(request, question.done, messages.SUCCESS)
                return HttpResponseRedirect(back)
        has_result = loaded.result is not None and loaded.terms is not None
        context = {
            **self.page_context(request, question.title),
            "question": question,
            "form": form,
            "back": back,
            "experiment_name": loaded.experiment.name,
            "banner": banner(loaded.result, loaded.terms) if has_result else None,  # type: ignore[arg-type]
            "has_verdict": bool(loaded.result and loaded.result.verdict.is_decided),
        }
        response = TemplateResponse(request, "admin/django_ppx/experiment/ask.html", context)
        patch_cache_control(response, private=True, no_store=True)
        return response


def _arm_form(
    request: HttpRequest,
    arms: list[ExperimentArm],
    choices: list[tuple[str, str]],
    label: str | None,
) -> ArmForm:
    """Return the form with the arm of that label chosen beforehand."""
    preferred = next((str(arm.pk) for arm in arms if arm.label == label), None)
    return ArmForm(request.POST or None, choices=choices, preferred=preferred)
