"""``harassment_watch``: run every five minutes by the system's timer."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from wagtail_harassment.casework import watch


class Command(BaseCommand):
    """Does what is due and prints a line for each thing; ends with 1 when something needs a person."""

    help = "Open missing cases, deliver alerts, delete what is over. Exit code 1: something needs a person."

    def handle(self, *args: Any, **options: Any) -> None:
        findings = watch.run()
        for finding in findings:
            self.stdout.write(f"! {finding.text}" if finding.needs_person else finding.text)
        if any(finding.needs_person for finding in findings):
            sys.exit(1)
