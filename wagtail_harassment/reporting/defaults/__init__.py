"""The questionnaire that a new form page starts with. Editors change it afterwards; the codes stay."""

from __future__ import annotations

from wagtail_harassment.reporting.defaults import before, incident, reporter
from wagtail_harassment.reporting.defaults.building import Block

__all__ = ["default_steps"]


def default_steps() -> list[Block]:
    """The steps, as StreamField data."""
    return [
        before.start(),
        before.how(),
        before.you(),
        incident.what(),
        incident.when_and_where(),
        incident.why(),
        incident.who(),
        incident.evidence(),
        reporter.since(),
        reporter.contact(),
    ]
