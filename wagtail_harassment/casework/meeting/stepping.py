"""Meetings among the next steps of a case: say how one went, go to one, offer times where that was asked for."""

from __future__ import annotations

from django.utils.translation import gettext as _

from wagtail_harassment.casework.meeting.reading import MeetingLine, meetings_of
from wagtail_harassment.casework.models import CaseStatus, MeetingState
from wagtail_harassment.casework.next_steps import Step
from wagtail_harassment.casework.screen import Screen

__all__ = ["steps"]


def steps(screen: Screen) -> list[Step]:
    """At most one, for whoever meets them or has the case. One query, where there was any."""
    case = screen.case
    if case.status == CaseStatus.CLOSED:
        return []
    rows = meetings_of(case) if getattr(case, "has_meetings", True) else []
    others = screen.url("others")
    for row in rows:
        if row.state != MeetingState.PLANNED:
            break
        if screen.person.pk not in (row.booking.slot.person_id, case.assignee_id):
            continue
        line = MeetingLine(row)
        words = _("Write down how the meeting went") if line.has_begun else _("Meet them")
        why = f"{line.moment} ({line.distance}). {line.who}."
        return [Step(words, why, action="meet", url=f"{others}#{line.at}")]
    if rows or case.route != "meeting" or screen.person.pk != case.assignee_id:
        return []
    why = _("They asked for a meeting, and none is arranged. They can pick one of the times you publish.")
    return [Step(_("Offer times to meet"), why, action="meet", url=f"{others}?do=meeting#meeting")]
