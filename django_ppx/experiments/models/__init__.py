"""Experiments: what is asked, how customers are shared out, who saw what, what was decided."""

from django_ppx.experiments.models.decisions import ExperimentDecision
from django_ppx.experiments.models.experiments import Experiment, ExperimentArm, Metric
from django_ppx.experiments.models.exposures import ExperimentExposure
from django_ppx.experiments.models.phases import ExperimentPhase

__all__ = [
    "Experiment",
    "ExperimentArm",
    "ExperimentDecision",
    "ExperimentExposure",
    "ExperimentPhase",
    "Metric",
]
