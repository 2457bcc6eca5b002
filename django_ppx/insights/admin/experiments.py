"""Experiments in Django admin. Provisional: the form and the planner come with their own module."""

from __future__ import annotations

from django.contrib import admin

from django_ppx.core.admin import ListLook
from django_ppx.experiments.models import Experiment
from django_ppx.insights.admin.result_pages import ExperimentResultPages


@admin.register(Experiment)
class ExperimentAdmin(ExperimentResultPages, ListLook):
    """Experiments, and what came of them."""

    list_display = ("name", "status")
