"""The page of an experiment's result, and its file."""

from __future__ import annotations

import csv
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext

from django_ppx.insights.admin.asking import ExperimentQuestions, possible_pages
from django_ppx.insights.admin.decision_log import decided_label, log_of, shown_log
from django_ppx.insights.admin.loading import Loaded
from django_ppx.insights.admin.result_context import chips, result_context
from django_ppx.insights.admin.result_csv import result_rows


class ExperimentResultPages(ExperimentQuestions):
    """Adds the pages of a result to the admin of experiments."""

    def get_urls(self) -> list[URLPattern]:
        pages = (
            ("result/", "result", self.result_view),
            ("result.csv", "result_csv", self.result_csv_view),
            ("stop/", "stop", self.stop_view),
            ("decide/", "decide", self.decide_view),
            ("roll-out/", "roll_out", self.roll_out_view),
        )
        return [
            *(
                path(
                    f"<path:object_id>/{address}",
                    self.admin_site.admin_view(view),
                    name=f"django_ppx_experiment_{name}",
                )
                for address, name, view in pages
            ),
            *super().get_urls(),
        ]

    def result_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what is known of an experiment."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return self.result_page(request, self.loaded(request, object_id))

    def result_page(self, request: HttpRequest, loaded: Loaded) -> TemplateResponse:
        """Return the page of what was loaded."""
        log = log_of(loaded.experiment)
        pages = possible_pages(loaded, log) if self.has_decide_permission(request) else ()
        context: dict[str, Any] = {
            **self.page_context(request, loaded.experiment.name),
            "experiment": loaded.experiment,
            "chips": chips(loaded.experiment, log),
            "phases": self._phase_links(loaded),
            "log": shown_log(log),
            "has_result": loaded.result is not None,
            "tools": {page: self.address(loaded.experiment, page) for page in pages},
            "change_url": self.address(loaded.experiment, "change"),
            "csv_url": self._csv_url(loaded),
            "offer_url": self._offer_url(loaded),
        }
        if loaded.result and loaded.terms:
            context |= result_context(loaded.result, loaded.terms)
            context["has_verdict"] = loaded.result.verdict.is_decided
            context["has_winner"] = decided_label(log) is not None
        response = TemplateResponse(request, "admin/django_ppx/experiment/result.html", context)
        patch_cache_control(response, private=True, no_store=True)
        return response

    def result_csv_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Send the same figures as a file."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        loaded = self.loaded(request, object_id)
        if loaded.result is None:
            raise Http404
        name = f"experiment-{loaded.experiment.pk}-phase-{loaded.result.phase_number}.csv"
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["Cache-Control"] = "private, no-store"
        csv.writer(response).writerows(result_rows(loaded.result))
        return response

    def _csv_url(self, loaded: Loaded) -> str:
        if loaded.phase is None:
            return ""
        return f"{self.address(loaded.experiment, 'result_csv')}?phase={loaded.phase.number}"

    def _offer_url(self, loaded: Loaded) -> str:
        offer_id = loaded.experiment.offer_id
        if offer_id is None:
            return ""
        name = "admin:django_ppx_offer_change"
        return reverse(name, args=[offer_id], current_app=self.admin_site.name)

    def _phase_links(self, loaded: Loaded) -> list[dict[str, Any]]:
        """Return the phases with their addresses; none where there is only one."""
        if len(loaded.phases) < 2 or loaded.phase is None:
            return []
        address = self.address(loaded.experiment, "result")
        return [
            {
                "label": gettext("Phase %(number)d") % {"number": phase.number},
                "url": f"{address}?phase={phase.number}",
                "started_at": phase.started_at,
                "ended_at": phase.ended_at,
                "is_current": phase.pk == loaded.phase.pk,
            }
            for phase in loaded.phases
        ]
