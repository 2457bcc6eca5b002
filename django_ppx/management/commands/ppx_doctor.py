"""`manage.py ppx_doctor`: what is well and what is not, in words."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from django_ppx.management.examinations import Finding, Level, examine


class Command(BaseCommand):
    help = (
        "Run the checks, read the newest order through the adapter, try storage, cache and the rest, "
        "and say what is well and what is not. Exits with 1 if something is wrong."
    )
    requires_system_checks: list[str] = []  # they are part of what is examined

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--format",
            choices=["text", "json"],
            default="text",
            help="How to print (default: text).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        findings = list(examine())
        if options["format"] == "json":
            self.stdout.write(json.dumps([asdict(finding) for finding in findings], indent=2))
        else:
            self._print(findings)
        if any(finding.level == Level.PROBLEM for finding in findings):
            sys.exit(1)

    def _print(self, findings: list[Finding]) -> None:
        styles = {
            Level.WELL: ("ok  ", self.style.SUCCESS),
            Level.NOTE: ("note", self.style.WARNING),
            Level.PROBLEM: ("FAIL", self.style.ERROR),
        }
        for finding in findings:
            mark, style = styles[finding.level]
            self.stdout.write(f"{style(mark)}  {finding.subject}: {finding.text}")
            if finding.hint:
                self.stdout.write(f"      {finding.hint}")
        problems = sum(finding.level == Level.PROBLEM for finding in findings)
        notes = sum(finding.level == Level.NOTE for finding in findings)
        self.stdout.write("")
        if problems:
            self.stdout.write(self.style.ERROR(f"Wrong: {problems}. Worth a look: {notes}."))
        elif notes:
            self.stdout.write(self.style.WARNING(f"Nothing is wrong. Worth a look: {notes}."))
        else:
            self.stdout.write(self.style.SUCCESS("All is well."))
