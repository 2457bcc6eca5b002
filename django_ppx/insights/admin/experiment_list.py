"""The list of experiments: what each is about, how far it is, and what the newest look says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import OuterRef, Prefetch, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from django_ppx.experiments.models import Experiment, ExperimentArm, ExperimentPhase
from django_ppx.insights.looks import LookResults
from django_ppx.insights.models import ExperimentLook
from django_ppx.insights.plan_figures import grouped, percent
from django_ppx.insights.results import VerdictState
from django_ppx.insights.sums import sums_from_json, total_of
from django_ppx.insights.verdicts import verdict_of

if TYPE_CHECKING:
    _Base = admin.ModelAdmin[Experiment]
else:
    _Base = object

_BADGES: Final = {"running": "running", "stopped": "paused", "decided": "scheduled"}

_VERDICTS: Final[Mapping[str, str | Promise]] = {
    VerdictState.NOT_MEASURED: _("Not measured yet"),
    VerdictState.SAMPLE_RATIO: _("Withheld: the groups are not as large as they should be"),
    VerdictState.TOO_EARLY: _("Too early"),
    VerdictState.NOT_MATURED: _("Nobody's time is over yet"),
    VerdictState.TOO_FEW: _("Too few so far"),
    VerdictState.OPEN: _("Nothing shown so far"),
    VerdictState.BETTER: _("“%(arm)s” is better"),
    VerdictState.WORSE: _("“%(arm)s” is worse"),
    VerdictState.NOT_SHOWN: _("No difference shown"),
}


class ExperimentChangeList(ChangeList):
    """A list whose rows carry their newest look, loaded at once for the page that is shown."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        looks = ExperimentLook.objects.in_bulk(
            [row.newest_look for row in self.result_list if row.newest_look]
        )
        for row in self.result_list:
            row.ppx_look = looks.get(row.newest_look)
        self.is_ppx_empty = not self.result_count and not self.root_queryset.exists()


class ExperimentList(_Base):
    """The columns of the list."""

    change_list_template = "admin/django_ppx/experiment/change_list.html"
    list_display: Any = ("link", "state", "sides", "progress", "verdict")
    list_display_links: Any = None
    list_filter: ClassVar[Any] = ("status",)
    list_select_related = ("offer",)
    list_per_page = 100
    search_fields = ("name", "offer__name")
    ordering = ("-created_at", "-pk")
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ExperimentChangeList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Experiment]:
        newest = ExperimentLook.objects.filter(phase__experiment=OuterRef("pk")).order_by(
            "-phase__number", "-day_no"
        )
        phases = ExperimentPhase.objects.order_by("number")
        return (
            super()
            .get_queryset(request)
            .annotate(newest_look=Subquery(newest.values("pk")[:1]))
            .prefetch_related("arms", Prefetch("phases", queryset=phases))
        )

    @admin.display(description=_("Experiment"), ordering="name")
    def link(self, experiment: Experiment) -> SafeString:
        offer = experiment.offer.name if experiment.offer else gettext("All offers")
        return format_html(
            '<b class="ppx-offer"><a href="{}">{}</a></b><span class="ppx-quiet">{}</span>',
            self.page_of(experiment),
            experiment.name,
            offer,
        )

    def page_of(self, experiment: Experiment) -> str:
        """Return where an experiment is looked at: a draft in its form, what was started in its result."""
        page = "change" if experiment.status == Experiment.Status.DRAFT else "result"
        return reverse(
            f"admin:django_ppx_experiment_{page}",
            args=[experiment.pk],
            current_app=self.admin_site.name,
        )

    @admin.display(description=_("Status"), ordering="status")
    def state(self, experiment: Experiment) -> SafeString:
        started = experiment.started_at
        since = ""
        if started is not None:
            day = date_format(localtime(started), "SHORT_DATE_FORMAT")
            since = gettext("Started %(day)s") % {"day": day}
        return format_html('{}<span class="ppx-quiet">{}</span>', status_badge(experiment), since)

    @admin.display(description=_("Who sees what"))
    def sides(self, experiment: Experiment) -> SafeString:
        return format_html_join(
            " ",
            '<span class="ppx-chip">{} {}</span>',
            ((label, percent(share)) for label, share in sides_of(experiment)),
        )

    @admin.display(description=_("Progress"), empty_value="")
    def progress(self, experiment: Experiment) -> SafeString:
        phases = list(experiment.phases.all())
        if not phases:
            return SafeString("")
        matured, planned = matured_of(experiment), phases[-1].planned_customers
        text = gettext("%(matured)s of %(planned)s customers") % {
            "matured": grouped(matured),
            "planned": grouped(planned),
        }
        return format_html(
            '<progress class="ppx-progress" max="{}" value="{}" aria-label="{}"></progress>'
            '<span class="ppx-quiet">{}</span>',
            planned,
            min(matured, planned),
            text,
            text,
        )

    @admin.display(description=_("Verdict"), empty_value="")
    def verdict(self, experiment: Experiment) -> str:
        if experiment.status == Experiment.Status.DRAFT:
            return ""
        look: ExperimentLook | None = getattr(experiment, "ppx_look", None)
        labels = {arm.pk: arm.label for arm in experiment.arms.all()}
        results = LookResults.from_json(look.results) if look is not None else None
        said = verdict_of(results, labels)
        return str(_VERDICTS[said.state]) % {"arm": said.arm_label}


def status_badge(experiment: Experiment) -> SafeString:
    return format_html(
        '<span class="ppx-badge ppx-badge--{}">{}</span>',
        _BADGES.get(experiment.status, "draft"),
        experiment.get_status_display(),
    )


def sides_of(experiment: Experiment) -> list[tuple[str, float]]:
    """Return the arms with their part of customers, in percent: of the last phase, or as the draft plans them."""
    phases = list(experiment.phases.all())
    arms = list(experiment.arms.all())
    if phases:
        shares = {arm: phases[-1].shares.get(str(arm.pk), 0) for arm in arms}
        total = sum(shares.values())
        return [(arm.label, 100 * share / total) for arm, share in shares.items() if share]
    total = sum(arm.weight for arm in arms)
    shown = 100 - experiment.holdout_percent
    found = [(arm.label, shown * arm.weight / total) for arm in arms if arm.weight]
    if experiment.holdout_percent:
        found.append((gettext("Nothing shown"), float(experiment.holdout_percent)))
    return found


def shown_arms(experiment: Experiment) -> dict[ExperimentArm, int]:
    """Return the arms that see a variant, with their weights in the last phase."""
    phases = list(experiment.phases.all())
    shares = phases[-1].shares if phases else {}
    shown = 100 - experiment.holdout_percent
    return {
        arm: shares.get(str(arm.pk), 0) // shown if phases else arm.weight
        for arm in experiment.arms.all()
        if not arm.is_holdout and not experiment.is_about_everything
    }


def matured_of(experiment: Experiment) -> int:
    """Return how many customers' windows were over at the newest look."""
    look: ExperimentLook | None = getattr(experiment, "ppx_look", None)
    return total_of(sums_from_json(look.arms).values(), "matured") if look is not None else 0
