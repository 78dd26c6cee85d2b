"""Meeting somebody: pick a time, move it, give it back, and take it along for one's own calendar."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from wagtail_harassment.institution import calendar_file
from wagtail_harassment.institution.slot_models import Booking, Slot
from wagtail_harassment.institution.slots import SlotTaken
from wagtail_harassment.reporting import meetings
from wagtail_harassment.reporting.forms import Input
from wagtail_harassment.reporting.models import Thread
from wagtail_harassment.reporting.returning.visit import Return

__all__ = ["cancel", "file", "meet"]


@dataclass
class Day:
    """The times of one day, each with the name of who can be met then."""

    day: date
    times: list[tuple[Slot, str]] = field(default_factory=list)


@sensitive_variables()
def meet(visit: Return, thread: Thread) -> HttpResponse:
    """Show the times that are free, or take one."""
    who = meetings.people(thread)
    if not visit.posted:
        return _show(visit, thread, who)
    try:
        slot = uuid.UUID(visit.request.POST.get("slot", ""))
    except ValueError:
        return _show(visit, thread, who, error=_("Choose a time."), status=422)
    try:
        meetings.pick(
            visitor=visit.visitor,
            thread=thread,
            slot=slot,
            invite=visit.request.POST.get("invite") == "yes",
            once=visit.once(),
        )
    except SlotTaken:
        words = _("That time has just been taken. Please choose another.")
        return _show(visit, thread, who, error=words, status=409)
    return visit.go(thread.report.reference, notice="met")


def cancel(visit: Return, thread: Thread) -> HttpResponse:
    """Ask once more, then give the time back."""
    booking = meetings.current(thread)
    reference = thread.report.reference
    if visit.posted:
        meetings.cancel(visitor=visit.visitor, thread=thread, once=visit.once())
        return visit.go(reference, notice="unmet")
    if booking is None:
        return visit.go(f"{reference}/meet")
    return visit.render(
        "meet_cancel.html",
        {"booking": booking, "back": visit.address(reference)},
        title=_("Give your time back"),
        tab=_("Appointment"),
    )


def file(visit: Return, thread: Thread) -> HttpResponse:
    """The time as a file for their own calendar, which says when and where."""
    booking = meetings.current(thread)
    if visit.posted or booking is None:
        return visit.go(f"{thread.report.reference}/meet")
    text = calendar_file.appointment(booking, method=calendar_file.PUBLISH)
    return visit.give(text, name=calendar_file.FILE_NAME, media_type="text/calendar; charset=utf-8")


@sensitive_variables()
def _show(
    visit: Return, thread: Thread, who: meetings.People, *, error: str = "", status: int = 200
) -> HttpResponse:
    booking = meetings.current(thread)
    days = _by_day(meetings.offered(who), who)
    posted = visit.request.POST
    first = next((each.times[0][0].pk for each in days), None)
    context: dict[str, Any] = {
        "booking": booking,
        "with_whom": _with_whom(booking, who),
        "days": days,
        "chosen": posted.get("slot", ""),
        "invite": posted.get("invite") == "yes",
        "input": Input("slot", "", [error] if error else []),
        "errors": [(f"slot-{first}" if first else "", error)] if error else [],
        "back": visit.address(thread.report.reference),
    }
    return visit.render("meet.html", context, title=_("Meet somebody"), tab=_("Appointment"), status=status)


def _by_day(slots: list[Slot], who: meetings.People) -> list[Day]:
    days: list[Day] = []
    for slot in slots:
        day = timezone.localtime(slot.starts_at).date()
        if not days or days[-1].day != day:
            days.append(Day(day))
        days[-1].times.append((slot, who[slot.person_id]))
    return days


def _with_whom(booking: Booking | None, who: meetings.People) -> str:
    """Empty where they may not be met for it any more: then it is being moved."""
    return who.get(booking.slot.person_id, "") if booking else ""
